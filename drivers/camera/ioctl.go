package camera

import (
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The structures of linux/videodev2.h as they lie in memory on 64-bit Linux:
// https://www.kernel.org/doc/html/latest/userspace-api/media/v4l/videodev.html
//
// github.com/blackjack/webcam speaks the same calls, but keeps what this driver
// lives on to itself: the bytes of a row, the time, number and error flag of a
// buffer, and the size that the device chose in place of the one asked for.

type v4l2Capability struct {
	_            [16]byte // driver
	card         [32]byte
	_            [32]byte // bus
	_            uint32   // version
	capabilities uint32
	deviceCaps   uint32
	_            [3]uint32
}

type v4l2FmtDesc struct {
	index       uint32
	kind        uint32
	_           uint32   // flags
	_           [32]byte // description
	pixelFormat uint32
	_           [4]uint32
}

// v4l2FrmSizeEnum and v4l2FrmIvalEnum end with a union: one discrete value, or
// the least, the most and the step.
type v4l2FrmSizeEnum struct {
	index       uint32
	pixelFormat uint32
	kind        uint32
	values      [6]uint32 // discrete: w, h; stepwise: min w, max w, step w, min h, max h, step h
	_           [2]uint32
}

type v4l2FrmIvalEnum struct {
	index         uint32
	pixelFormat   uint32
	width, height uint32
	kind          uint32
	values        [6]uint32 // discrete: numerator, denominator; stepwise: of the least, the most, the step
	_             [2]uint32
}

type v4l2Format struct {
	kind uint32
	_    uint32 // the union is aligned for pointers
	pix  struct {
		width, height uint32
		pixelFormat   uint32
		field         uint32
		bytesPerLine  uint32
		sizeImage     uint32
		_             [176]byte
	}
}

type v4l2StreamParm struct {
	kind        uint32
	_           uint32 // capability
	_           uint32 // capture mode
	numerator   uint32 // of the time for a frame in seconds
	denominator uint32
	_           [184]byte
}

type v4l2RequestBuffers struct {
	count  uint32
	kind   uint32
	memory uint32
	_      [2]uint32
}

type v4l2Buffer struct {
	index     uint32
	kind      uint32
	bytesUsed uint32
	flags     uint32
	_         [2]uint32 // field, and a gap
	timestamp unix.Timeval
	_         [16]byte // time code
	sequence  uint32
	memory    uint32
	offset    uint32 // low half of the union
	_         uint32
	length    uint32
	_         [3]uint32
}

type v4l2Control struct {
	id    uint32
	value int32
}

const (
	capVideoCapture = 0x00000001
	capStreaming    = 0x04000000
	capDeviceCaps   = 0x80000000

	bufTypeCapture = 1
	memoryMmap     = 1

	enumDiscrete = 1

	bufFlagError         = 0x0040
	bufFlagTimeMask      = 0xe000
	bufFlagTimeMonotonic = 0x2000
)

// Controls of the user and camera classes.
const (
	cidAutoGain             = 0x980912
	cidGain                 = 0x980913
	cidPowerLineFrequency   = 0x980918
	cidExposureAuto         = 0x9a0901
	cidExposureAbsolute     = 0x9a0902
	cidExposureAutoPriority = 0x9a0903
	cidFocusAbsolute        = 0x9a090a
	cidFocusAuto            = 0x9a090c
)

// request is an ioctl request: direction, size of its argument, and number in
// the class 'V'.
func request[T any](dir, nr uintptr) uintptr {
	var t T
	return dir<<30 | unsafe.Sizeof(t)<<16 | 'V'<<8 | nr
}

const (
	ioctlWrite = 1
	ioctlRead  = 2
	ioctlBoth  = 3
)

var (
	vidiocQueryCap           = request[v4l2Capability](ioctlRead, 0)
	vidiocEnumFmt            = request[v4l2FmtDesc](ioctlBoth, 2)
	vidiocSFmt               = request[v4l2Format](ioctlBoth, 5)
	vidiocReqBufs            = request[v4l2RequestBuffers](ioctlBoth, 8)
	vidiocQueryBuf           = request[v4l2Buffer](ioctlBoth, 9)
	vidiocQBuf               = request[v4l2Buffer](ioctlBoth, 15)
	vidiocDQBuf              = request[v4l2Buffer](ioctlBoth, 17)
	vidiocStreamOn           = request[int32](ioctlWrite, 18)
	vidiocStreamOff          = request[int32](ioctlWrite, 19)
	vidiocSParm              = request[v4l2StreamParm](ioctlBoth, 22)
	vidiocSCtrl              = request[v4l2Control](ioctlBoth, 28)
	vidiocEnumFrameSizes     = request[v4l2FrmSizeEnum](ioctlBoth, 74)
	vidiocEnumFrameIntervals = request[v4l2FrmIvalEnum](ioctlBoth, 75)
)

// ioctl calls and calls again when a signal came between.
func ioctl[T any](fd int, req uintptr, arg *T) error {
	for {
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), req, uintptr(unsafe.Pointer(arg)))
		switch errno {
		case 0:
			return nil
		case unix.EINTR:
		default:
			return errno
		}
	}
}

// age is how long ago a monotonic time stamp was.
func (b *v4l2Buffer) age() time.Duration {
	if b.flags&bufFlagTimeMask != bufFlagTimeMonotonic {
		return 0
	}
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return 0
	}
	age := time.Duration(now.Nano() - b.timestamp.Nano())
	if age < 0 || age > silence {
		return 0 // a driver that counts otherwise than it says
	}
	return age
}

func cString(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}

// setControl sets a control; false where the device has none such or refuses.
func setControl(fd int, id uint32, value int32) bool {
	return ioctl(fd, vidiocSCtrl, &v4l2Control{id, value}) == nil
}

// setControls sets what o fixes and makes the rest automatic, and returns the
// names of what was to be fixed and could not be.
func setControls(fd int, o options) (refused []string) {
	setControl(fd, cidPowerLineFrequency, map[int]int32{50: 1, 60: 2}[o.mains])
	if o.exposure.fixed {
		if !setControl(fd, cidExposureAuto, 1) || !setControl(fd, cidExposureAbsolute, o.exposure.value) {
			refused = append(refused, "exposure")
		}
	} else if !setControl(fd, cidExposureAuto, 3) { // aperture priority is what webcams have
		setControl(fd, cidExposureAuto, 0)
	}
	// Long exposures in the dark would halve the rate and blur what moves.
	setControl(fd, cidExposureAutoPriority, 0)
	for _, c := range []struct {
		name        string
		want        control
		auto, value uint32
	}{
		{"focus", o.focus, cidFocusAuto, cidFocusAbsolute},
		{"gain", o.gain, cidAutoGain, cidGain},
	} {
		if !c.want.fixed {
			setControl(fd, c.auto, 1)
			continue
		}
		setControl(fd, c.auto, 0)
		if !setControl(fd, c.value, c.want.value) {
			refused = append(refused, c.name)
		}
	}
	return refused
}

// explain says what to do about the errors that people can mend.
func explain(path string, err error) error {
	switch err {
	case unix.ENOENT, unix.ENODEV, unix.ENXIO:
		return fmt.Errorf("the camera is not there, plug it in: %w", err)
	case unix.EBUSY:
		return fmt.Errorf("another program uses the camera, end it: %w", err)
	case unix.EACCES, unix.EPERM:
		return fmt.Errorf("no permission for %s, add the user to the group video: %w", path, err)
	}
	return err
}
