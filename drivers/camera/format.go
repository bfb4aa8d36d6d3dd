package camera

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
)

// mode is what a device was set to.
type mode struct {
	format        format
	width, height int // pixels
	stride        int // bytes of a row of the first plane
	fps           float64
}

// format is a way to lay out a picture in memory, by its V4L2 four-character
// code.
type format struct {
	name   string
	fourcc uint32
	// size is the least number of bytes of a picture, 0 for a compressed one.
	size func(stride, height int) int
	// stride is the least number of bytes of a row.
	stride func(width int) int
	// develop lays a frame over data where the format has grey apart, and
	// otherwise makes grey in spare, which it may grow and hands back.
	develop func(m mode, data, spare []byte) (f Frame, kept []byte, err error)
}

func fourcc(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// formats in the order of what it costs to come from them to grey.
var formats = []format{
	{"grey", fourcc("GREY"),
		func(stride, h int) int { return stride * h },
		func(w int) int { return w }, developGrey},
	{"nv12", fourcc("NV12"),
		func(stride, h int) int { return stride * h * 3 / 2 },
		func(w int) int { return w }, developNV12},
	{"yu12", fourcc("YU12"),
		func(stride, h int) int { return stride * h * 3 / 2 },
		func(w int) int { return w }, developYU12},
	{"yuyv", fourcc("YUYV"),
		func(stride, h int) int { return stride * h },
		func(w int) int { return 2 * w }, developYUYV},
	{"mjpeg", fourcc("MJPG"), nil, func(int) int { return 0 }, developJPEG},
	{"jpeg", fourcc("JPEG"), nil, func(int) int { return 0 }, developJPEG},
}

func formatNamed(name string) (format, bool) {
	for _, f := range formats {
		if f.name == name {
			return f, true
		}
	}
	return format{}, false
}

// frame develops data after checking that it is a whole picture.
func (m mode) frame(data, spare []byte) (Frame, []byte, error) {
	if m.format.size != nil {
		if want := m.format.size(m.stride, m.height); len(data) < want {
			return Frame{}, spare, fmt.Errorf("a picture of %d bytes where %s %d×%d has %d",
				len(data), m.format.name, m.width, m.height, want)
		}
	}
	return m.format.develop(m, data, spare)
}

func developGrey(m mode, data, spare []byte) (Frame, []byte, error) {
	return Frame{Width: m.width, Height: m.height, Stride: m.stride, Pix: data[:m.stride*m.height]}, spare, nil
}

func developNV12(m mode, data, spare []byte) (Frame, []byte, error) {
	f, spare, err := developGrey(m, data, spare)
	cbcr := data[m.stride*m.height : m.stride*m.height*3/2]
	f.Chroma = Chroma{Cb: cbcr, Cr: cbcr[1:], Stride: m.stride, Step: 2, SubX: 2, SubY: 2}
	return f, spare, err
}

func developYU12(m mode, data, spare []byte) (Frame, []byte, error) {
	f, spare, err := developGrey(m, data, spare)
	luma, quarter := m.stride*m.height, m.stride/2*(m.height/2)
	f.Chroma = Chroma{
		Cb: data[luma : luma+quarter], Cr: data[luma+quarter : luma+2*quarter],
		Stride: m.stride / 2, Step: 1, SubX: 2, SubY: 2,
	}
	return f, spare, err
}

// developYUYV takes every other byte: Y0 Cb Y1 Cr.
func developYUYV(m mode, data, spare []byte) (Frame, []byte, error) {
	grey := room(spare, m.width*m.height)
	for y := range m.height {
		row := data[y*m.stride:][:2*m.width]
		out := grey[y*m.width:][:m.width]
		for x := range out {
			out[x] = row[2*x]
		}
	}
	return Frame{
		Width: m.width, Height: m.height, Stride: m.width, Pix: grey,
		Chroma: Chroma{Cb: data[1:], Cr: data[3:], Stride: m.stride, Step: 4, SubX: 2, SubY: 1},
	}, grey, nil
}

func developJPEG(m mode, data, spare []byte) (Frame, []byte, error) {
	img, err := jpeg.Decode(bytes.NewReader(withHuffmanTables(data)))
	if err != nil {
		return Frame{}, spare, fmt.Errorf("decoding a JPEG of %d bytes: %w", len(data), err)
	}
	if b := img.Bounds(); b.Dx() != m.width || b.Dy() != m.height {
		return Frame{}, spare, fmt.Errorf("a JPEG of %d×%d where %d×%d was set", b.Dx(), b.Dy(), m.width, m.height)
	}
	return pictureFrame(img), spare, nil
}

// pictureFrame makes a frame of a decoded picture, without a copy where the
// picture has grey apart.
func pictureFrame(img image.Image) Frame {
	switch p := img.(type) {
	case *image.Gray:
		return Frame{Width: p.Rect.Dx(), Height: p.Rect.Dy(), Stride: p.Stride, Pix: p.Pix}
	case *image.YCbCr:
		if subX, subY, ok := subsampling(p.SubsampleRatio); ok {
			return Frame{
				Width: p.Rect.Dx(), Height: p.Rect.Dy(), Stride: p.YStride, Pix: p.Y,
				Chroma: Chroma{Cb: p.Cb, Cr: p.Cr, Stride: p.CStride, Step: 1, SubX: subX, SubY: subY},
			}
		}
	}
	return convertedFrame(img)
}

func subsampling(r image.YCbCrSubsampleRatio) (x, y int, ok bool) {
	switch r {
	case image.YCbCrSubsampleRatio444:
		return 1, 1, true
	case image.YCbCrSubsampleRatio422:
		return 2, 1, true
	case image.YCbCrSubsampleRatio440:
		return 1, 2, true
	case image.YCbCrSubsampleRatio420:
		return 2, 2, true
	}
	return 0, 0, false
}

// room is spare with n bytes, or new where it has fewer.
func room(spare []byte, n int) []byte {
	if cap(spare) < n {
		return make([]byte, n)
	}
	return spare[:n]
}
