package virtual

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Gadget is a USB device with a printer and a serial port in it
// (Documentation/usb/gadget_configfs.rst of Linux). Plugged in, it is
// /dev/usb/lp0 and /dev/ttyACM0.
type Gadget struct{ dir string }

// controller is the loop of dummy_hcd.
const controller = "dummy_udc.0"

// NewGadget makes the device, which is not plugged in yet; there is one alone.
// The printer's IEEE 1284 device id has no length before it.
func NewGadget(deviceID string) (*Gadget, error) {
	if err := Load("dummy_hcd", "libcomposite", "usb_f_printer", "usb_f_acm", "usblp", "cdc_acm"); err != nil {
		return nil, err
	}
	g := &Gadget{"/sys/kernel/config/usb_gadget/bench"}
	if _, err := os.Stat(g.dir); err == nil {
		return g, nil // made before: a device stays the same
	}
	for _, dir := range []string{"strings/0x409", "functions/printer.0", "functions/acm.0", "configs/c.1"} {
		if err := os.MkdirAll(filepath.Join(g.dir, dir), 0o755); err != nil {
			return nil, fmt.Errorf("making the gadget: %w", err)
		}
	}
	for _, v := range [][2]string{
		{"idVendor", "0x0525"}, {"idProduct", "0xa4a8"}, // of the kernel's own printer gadget
		{"strings/0x409/serialnumber", "1"}, {"strings/0x409/product", "Bench"},
		{"functions/printer.0/pnp_string", deviceID}, {"functions/printer.0/q_len", "10"},
	} {
		if err := write(filepath.Join(g.dir, v[0]), v[1]); err != nil {
			return nil, err
		}
	}
	for _, function := range []string{"printer.0", "acm.0"} {
		err := os.Symlink(filepath.Join(g.dir, "functions", function), filepath.Join(g.dir, "configs/c.1", function))
		if err != nil && !errors.Is(err, os.ErrExist) {
			return nil, fmt.Errorf("making the gadget: %w", err)
		}
	}
	return g, nil
}

// Plug plugs the device in, and waits until the system has it.
func (g *Gadget) Plug() error {
	if err := write(filepath.Join(g.dir, "UDC"), controller); err != nil {
		return err
	}
	for _, path := range []string{"/dev/usb/lp0", "/dev/ttyACM0", "/dev/g_printer0", "/dev/ttyGS0"} {
		if err := appeared(path); err != nil {
			return err
		}
	}
	return nil
}

// Unplug pulls the device out.
func (g *Gadget) Unplug() error { return write(filepath.Join(g.dir, "UDC"), "\n") }

// Printer is the far end of the USB printer: the printer itself.
type Printer struct {
	fd     int
	owned  sync.WaitGroup
	answer func(got []byte) []byte

	mu   sync.Mutex
	got  []byte
	slow time.Duration
	done bool
}

// NewPrinter switches the printer on. Answer is called with everything that has
// been received each time there is more, and returns what the printer says.
func NewPrinter(answer func(got []byte) []byte) (*Printer, error) {
	fd, err := unix.Open("/dev/g_printer0", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("opening the printer's far end: %w", err)
	}
	p := &Printer{fd: fd, answer: answer}
	p.owned.Go(p.run)
	return p, nil
}

// run takes what is sent. A printer that is unplugged is one that is sent
// nothing.
func (p *Printer) run() {
	// More than the gadget keeps: one that was read in part when the plug is
	// pulled, usb_f_printer of Linux 6.1 puts into its lists twice.
	chunk := make([]byte, 128<<10)
	for {
		p.mu.Lock()
		slow, done := p.slow, p.done
		p.mu.Unlock()
		if done {
			return
		}
		if slow != 0 {
			time.Sleep(slow)
		}
		n, err := unix.Read(p.fd, chunk)
		if err != nil || n <= 0 {
			// Unplugged, the device is readable and has nothing: a pause at least.
			time.Sleep(5 * time.Millisecond)
			_, _ = unix.Poll([]unix.PollFd{{Fd: int32(p.fd), Events: unix.POLLIN}}, 100)
			continue
		}
		p.mu.Lock()
		p.got = append(p.got, chunk[:n]...)
		said := p.answer(p.got)
		p.mu.Unlock()
		if len(said) > 0 {
			_, _ = unix.Write(p.fd, said) // unplugged
		}
	}
}

// Got is everything that the printer has received.
func (p *Printer) Got() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]byte(nil), p.got...)
}

// Slow has the printer wait before each block that it takes.
func (p *Printer) Slow(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slow = d
}

// Paper tells through the status lines of USB whether there is paper.
func (p *Printer) Paper(in bool) error {
	const setStatus = 3<<30 | 1<<16 | 'g'<<8 | 0x22 // GADGET_SET_PRINTER_STATUS
	status := byte(0x08 | 0x10)                     // no error, selected
	if !in {
		status |= 0x20
	}
	// The status is both the argument's value and returned.
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(p.fd), setStatus, uintptr(status)); errno != 0 {
		return fmt.Errorf("setting the printer's status: %w", errno)
	}
	return nil
}

// Close switches the printer off; again, it does nothing.
func (p *Printer) Close() error {
	p.mu.Lock()
	again := p.done
	p.done = true
	p.mu.Unlock()
	p.owned.Wait()
	if again {
		return nil
	}
	return unix.Close(p.fd)
}

// Serial opens the far end of the gadget's serial port.
func Serial() (*os.File, error) { return raw("/dev/ttyGS0") }

// raw opens a serial port that leaves each byte as it is.
func raw(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("opening a serial port: %w", err)
	}
	conn, err := file.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("setting a serial port: %w", err)
	}
	t := unix.Termios{Iflag: unix.IGNBRK, Cflag: unix.CS8 | unix.CREAD | unix.CLOCAL | unix.B9600, Ispeed: unix.B9600, Ospeed: unix.B9600}
	t.Cc[unix.VMIN] = 1
	var failed error
	err = conn.Control(func(fd uintptr) {
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, unix.TCSETS, uintptr(unsafe.Pointer(&t)))
		if errno != 0 {
			failed = errno
		}
	})
	if err := errors.Join(err, failed); err != nil {
		return nil, fmt.Errorf("setting a serial port: %w", err)
	}
	return file, nil
}
