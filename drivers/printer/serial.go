package printer

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

var bauds = map[int]uint32{
	1200: unix.B1200, 2400: unix.B2400, 4800: unix.B4800, 9600: unix.B9600, 19200: unix.B19200,
	38400: unix.B38400, 57600: unix.B57600, 115200: unix.B115200, 230400: unix.B230400,
}

// makeRaw sets a serial line to 8 data bits, no parity, one stop bit, and
// leaves every byte as it is. A file is polled, unlike the handles of serial
// packages, so that a write that blocks can be given up.
func makeRaw(f *os.File, baud int) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var result error
	err = raw.Control(func(fd uintptr) {
		t, err := unix.IoctlGetTermios(int(fd), unix.TCGETS)
		if err != nil {
			result = fmt.Errorf("%s is no serial line: %w", f.Name(), err)
			return
		}
		t.Iflag, t.Oflag, t.Lflag = unix.IGNBRK, 0, 0
		t.Cflag = unix.CS8 | unix.CREAD | unix.CLOCAL | bauds[baud]
		t.Ispeed, t.Ospeed = bauds[baud], bauds[baud]
		t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
		if err := unix.IoctlSetTermios(int(fd), unix.TCSETS, t); err != nil {
			result = fmt.Errorf("setting %s to %d baud: %w", f.Name(), baud, err)
		}
	})
	if err != nil {
		return err
	}
	return result
}

func ioctlBytes(fd int, request uintptr, buf []byte) error {
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(unsafe.Pointer(&buf[0])))
	if errno != 0 {
		return errno
	}
	return nil
}
