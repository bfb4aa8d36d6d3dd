package thermometer

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
	"periph.io/x/conn/v3/i2c"
	"periph.io/x/conn/v3/physic"
)

// bus is a bus of the kernel's (linux/i2c-dev.h). periph has one too, which
// turns the kernel's error number into text; it is what tells a missing sensor
// from a stuck bus.
type bus struct{ file *os.File }

func openBus(path string) (i2c.BusCloser, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("opening the bus: %w", err)
	}
	return bus{f}, nil
}

func (b bus) String() string { return b.file.Name() }

func (b bus) Close() error { return b.file.Close() }

func (bus) SetSpeed(physic.Frequency) error {
	return errors.New("the speed of a bus is set by the kernel's configuration")
}

// message and transaction are struct i2c_msg and i2c_rdwr_ioctl_data.
type message struct {
	addr, flags, length uint16
	data                *byte
}

type transaction struct {
	messages *message
	n        uint32
}

const (
	readFlag  = 0x0001 // I2C_M_RD
	readWrite = 0x0707 // I2C_RDWR
)

// Tx writes w and, after a repeated start, reads r.
func (b bus) Tx(addr uint16, w, r []byte) error {
	var messages [2]message
	t := transaction{messages: &messages[0]}
	for _, m := range []struct {
		data  []byte
		flags uint16
	}{{w, 0}, {r, readFlag}} {
		if len(m.data) > 0 {
			messages[t.n] = message{addr, m.flags, uint16(len(m.data)), &m.data[0]}
			t.n++
		}
	}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, b.file.Fd(), readWrite, uintptr(unsafe.Pointer(&t)))
	if errno != 0 {
		return errno
	}
	return nil
}

// explain says what to do about what the kernel says.
func explain(err error) error {
	for _, known := range []struct {
		numbers []error
		advice  string
	}{
		{[]error{unix.ENOENT}, "there is no such bus, switch I²C on in the boot configuration (dtparam=i2c_arm=on) or plug its adapter in"},
		{[]error{unix.EACCES, unix.EPERM}, "no permission, the kiosk's user must be in the group i2c"},
		{[]error{unix.ENXIO, unix.EREMOTEIO}, "no sensor answers, check its cable, its supply and its address"},
		{[]error{unix.ENODEV, unix.ESHUTDOWN}, "the bus is gone, plug its adapter in again"},
		{[]error{unix.EOPNOTSUPP, unix.ENOTTY}, "this is no I²C bus that the sensor can be read on"},
	} {
		for _, number := range known.numbers {
			if errors.Is(err, number) {
				return fmt.Errorf("%s: %w", known.advice, err)
			}
		}
	}
	for _, stuck := range []error{unix.ETIMEDOUT, unix.EBUSY, unix.EAGAIN} {
		if errors.Is(err, stuck) {
			return fmt.Errorf("%w (%w)", ErrStuck, err)
		}
	}
	return err
}
