package printer

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// conn is an open way to a printer.
type conn interface {
	Read([]byte) (int, error)
	Write([]byte) (int, error)
	SetDeadline(time.Time) error
	Close() error
	// flush waits until what was written has left the computer.
	flush(limit time.Duration) error
	// state is what the connection itself knows, such as the paper line of USB.
	state() Status
}

// tcpConn is raw printing, by custom on port 9100.
type tcpConn struct{ net.Conn }

func (tcpConn) flush(time.Duration) error { return nil }
func (tcpConn) state() Status             { return 0 }

// fileConn is a device or a file.
type fileConn struct {
	*os.File
	kind fileKind
}

type fileKind int

const (
	plainFile fileKind = iota
	usbPrinter
	serialLine
)

func openFile(path string, kind fileKind, baud int) (conn, error) {
	flags := unix.O_RDWR | unix.O_NONBLOCK | unix.O_CLOEXEC | unix.O_NOCTTY
	if kind == plainFile {
		flags |= unix.O_CREAT | unix.O_APPEND
	}
	// With O_NONBLOCK the descriptor is polled, so that deadlines hold.
	f, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return nil, explain(err)
	}
	if kind == serialLine {
		if err := makeRaw(f, baud); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	return fileConn{f, kind}, nil
}

// Read finds nothing in a plain file, which is no printer.
func (c fileConn) Read(b []byte) (int, error) {
	if c.kind == plainFile {
		return 0, os.ErrDeadlineExceeded
	}
	return c.File.Read(b)
}

func (c fileConn) SetDeadline(t time.Time) error {
	if err := c.File.SetDeadline(t); err != nil && !errors.Is(err, os.ErrNoDeadline) {
		return err
	}
	return nil
}

func (c fileConn) flush(limit time.Duration) error {
	switch c.kind {
	case usbPrinter:
		// usblp is writable again when the printer has taken the last block;
		// closed before, it would throw it away.
		return c.control(func(fd int) error { return pollOut(fd, limit) })
	case serialLine:
		return c.control(func(fd int) error { return drain(fd, limit) })
	}
	return c.File.Sync()
}

func (c fileConn) control(f func(fd int) error) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var result error
	if err := raw.Control(func(fd uintptr) { result = f(int(fd)) }); err != nil {
		return err
	}
	return result
}

func pollOut(fd int, limit time.Duration) error {
	for end := time.Now().Add(limit); ; {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
		n, err := unix.Poll(fds, max(int(time.Until(end).Milliseconds()), 0))
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return fmt.Errorf("waiting for the printer: %w", err)
		case n == 0:
			return fmt.Errorf("waiting for the printer: %w", os.ErrDeadlineExceeded)
		case fds[0].Revents&(unix.POLLERR|unix.POLLHUP|unix.POLLNVAL) != 0:
			return fmt.Errorf("the printer was unplugged: %w", unix.ENODEV)
		}
		return nil
	}
}

// drain waits for the output queue of a serial line, which tcdrain would do
// without a limit.
func drain(fd int, limit time.Duration) error {
	for end := time.Now().Add(limit); ; time.Sleep(5 * time.Millisecond) {
		left, err := unix.IoctlGetInt(fd, unix.TIOCOUTQ)
		switch {
		case err != nil:
			return fmt.Errorf("waiting for the serial line: %w", err)
		case left == 0:
			return nil
		case time.Now().After(end):
			return fmt.Errorf("%d bytes are left on the serial line: %w", left, os.ErrDeadlineExceeded)
		}
	}
}

// Requests and bits of linux/lp.h, which usblp takes over from parallel ports.
const (
	lpGetStatus   = 0x060b
	lpPaperOut    = 0x20
	lpSelected    = 0x10
	lpGetDeviceID = 2<<30 | idSize<<16 | 'P'<<8 | 1
	idSize        = 1023
)

func (c fileConn) state() Status {
	if c.kind != usbPrinter {
		return 0
	}
	var s Status
	_ = c.control(func(fd int) error {
		// The error bit is left out: many printers never set it to "none".
		if lines, err := unix.IoctlGetInt(fd, lpGetStatus); err == nil && lines&lpPaperOut != 0 {
			s |= PaperOut
		}
		return nil
	})
	return s
}

// explain says what to do about the errors that people can mend.
func explain(err error) error {
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENXIO):
		return fmt.Errorf("the printer is not there, plug it in and switch it on: %w", err)
	case errors.Is(err, unix.EBUSY):
		return fmt.Errorf("another program uses the printer, end it: %w", err)
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return fmt.Errorf("no permission, add the user to the groups lp and dialout: %w", err)
	}
	return err
}

// deviceID is the printer's name of itself by IEEE 1284: keys and values.
type deviceID map[string]string

// parseDeviceID reads "MFG:Zebra;MDL:ZD220;CMD:ZPL;". Long and short names of
// a key mean the same.
func parseDeviceID(s string) deviceID {
	id := deviceID{}
	long := map[string]string{"MANUFACTURER": "MFG", "MODEL": "MDL", "COMMAND SET": "CMD"}
	for pair := range strings.SplitSeq(s, ";") {
		key, value, found := strings.Cut(pair, ":")
		key = strings.ToUpper(strings.TrimSpace(key))
		if short, ok := long[key]; ok {
			key = short
		}
		if _, again := id[key]; found && key != "" && !again {
			id[key] = printable(value)
		}
	}
	return id
}

// language is the first of ours that the device names.
func (id deviceID) language() (Language, bool) { return languageOf(id["CMD"]) }

func (id deviceID) String() string { return strings.TrimSpace(id["MFG"] + " " + id["MDL"]) }

// id asks a USB printer for its device id; nil where it has none.
func (c fileConn) id() deviceID {
	if c.kind != usbPrinter {
		return nil
	}
	buf := make([]byte, idSize)
	err := c.control(func(fd int) error { return ioctlBytes(fd, lpGetDeviceID, buf) })
	if err != nil {
		return nil
	}
	n := int(buf[0])<<8 | int(buf[1]) // the length counts itself
	if n < 2 || n > len(buf) {
		return nil
	}
	return parseDeviceID(string(buf[2:n]))
}
