package virtual

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Film is the far end of a v4l2loopback device: what is shown to the camera.
type Film struct {
	file   *os.File
	format string
	w, h   int
}

// fourcc are the formats that a film can be shown in, as videodev2.h has them.
var fourcc = map[string]string{"yuyv": "YUYV", "mjpeg": "MJPG", "grey": "GREY"}

// NewFilm makes a camera of w by h pixels at /dev/video0, in "yuyv", "mjpeg" or
// "grey".
func NewFilm(format string, w, h int) (*Film, error) {
	if err := Load("videodev", "v4l2loopback video_nr=0 exclusive_caps=1 card_label=Bench max_buffers=8"); err != nil {
		return nil, err
	}
	const path = "/dev/video0"
	if err := appeared(path); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("opening the camera's far end: %w", err)
	}
	f := &Film{file, format, w, h}
	if err := f.setFormat(); err != nil {
		_ = file.Close() // the first error says more
		return nil, err
	}
	return f, nil
}

// setFormat is VIDIOC_S_FMT for output with a struct v4l2_format, which has 208
// bytes, the picture's part from the eighth.
func (f *Film) setFormat() error {
	var arg [52]uint32
	arg[0] = 2 // V4L2_BUF_TYPE_VIDEO_OUTPUT
	arg[2], arg[3] = uint32(f.w), uint32(f.h)
	code := fourcc[f.format]
	arg[4] = uint32(code[0]) | uint32(code[1])<<8 | uint32(code[2])<<16 | uint32(code[3])<<24
	arg[5] = 1 // V4L2_FIELD_NONE
	bytesPerPixel := map[string]int{"yuyv": 2, "mjpeg": 0, "grey": 1}[f.format]
	arg[6], arg[7] = uint32(f.w*bytesPerPixel), uint32(f.w*f.h*max(bytesPerPixel, 2))
	const setFormat = 3<<30 | uintptr(unsafe.Sizeof(arg))<<16 | 'V'<<8 | 5
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, f.file.Fd(), setFormat, uintptr(unsafe.Pointer(&arg))); errno != 0 {
		return fmt.Errorf("setting the film to %s: %w", f.format, errno)
	}
	return nil
}

// Frame turns a picture into a frame of the film's format.
func (f *Film) Frame(p *image.Gray) ([]byte, error) {
	switch f.format {
	case "yuyv":
		b := make([]byte, 2*f.w*f.h)
		for y := range f.h {
			for x := range f.w {
				b[2*(y*f.w+x)], b[2*(y*f.w+x)+1] = p.GrayAt(x, y).Y, 128
			}
		}
		return b, nil
	case "mjpeg":
		var b bytes.Buffer
		if err := jpeg.Encode(&b, p, &jpeg.Options{Quality: 85}); err != nil {
			return nil, fmt.Errorf("encoding a frame: %w", err)
		}
		return b.Bytes(), nil
	}
	b := make([]byte, 0, f.w*f.h)
	for y := range f.h {
		b = append(b, p.Pix[y*p.Stride:][:f.w]...)
	}
	return b, nil
}

// Show shows one frame.
func (f *Film) Show(frame []byte) error {
	if _, err := f.file.Write(frame); err != nil {
		return fmt.Errorf("showing a frame: %w", err)
	}
	return nil
}

// Close ends the film. The device stays.
func (f *Film) Close() error { return f.file.Close() }
