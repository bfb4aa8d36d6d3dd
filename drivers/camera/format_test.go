package camera

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"strings"
	"testing"
	"unsafe"
)

// scene is what each format is made to show: brightness rises with x, colour
// differs between left and right.
func scene(x, y, width int) (luma, cb, cr uint8) {
	luma = uint8(40 + x*2 + y)
	if x < width/2 {
		return luma, 90, 200
	}
	return luma, 180, 60
}

// shoot lays the scene out as a device would, with pad bytes behind each row.
func shoot(format string, w, h, pad int) (data []byte, stride int) {
	put := func(buf []byte, at int, v uint8) { buf[at] = v }
	switch format {
	case "grey", "nv12", "yu12":
		stride = w + pad
		data = make([]byte, stride*h*3/2)
		for y := range h {
			for x := range w {
				luma, cb, cr := scene(x, y, w)
				put(data, y*stride+x, luma)
				switch format {
				case "nv12":
					at := stride*h + y/2*stride + x/2*2
					put(data, at, cb)
					put(data, at+1, cr)
				case "yu12":
					at := stride*h + y/2*(stride/2) + x/2
					put(data, at, cb)
					put(data, at+stride/2*(h/2), cr)
				}
			}
		}
		if format == "grey" {
			data = data[:stride*h]
		}
	case "yuyv":
		stride = 2*w + pad
		data = make([]byte, stride*h)
		for y := range h {
			for x := range w {
				luma, cb, cr := scene(x, y, w)
				put(data, y*stride+2*x, luma)
				put(data, y*stride+2*x+1, []uint8{cb, cr}[x%2])
			}
		}
	case "mjpeg":
		img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio422)
		for y := range h {
			for x := range w {
				img.Y[img.YOffset(x, y)], img.Cb[img.COffset(x, y)], img.Cr[img.COffset(x, y)] = scene(x, y, w)
			}
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 98}); err != nil {
			panic(err)
		}
		data = b.Bytes()
	}
	return data, stride
}

func TestFormatsDevelop(t *testing.T) {
	t.Parallel()
	const w, h = 48, 32
	for _, name := range []string{"grey", "nv12", "yu12", "yuyv", "mjpeg"} {
		for _, pad := range []int{0, 16} {
			data, stride := shoot(name, w, h, pad)
			f, _ := formatNamed(name)
			m := mode{format: f, width: w, height: h, stride: stride}
			frame, kept, err := m.frame(data, nil)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			preview := image.NewRGBA(image.Rect(0, 0, w, h))
			frame.DrawPreview(preview)
			for y := range h {
				for x := range w {
					luma, cb, cr := scene(x, y, w)
					got := frame.Pix[y*frame.Stride+x]
					if d := int(got) - int(luma); d < -3 || d > 3 {
						t.Fatalf("%s pad %d: brightness %d at %d,%d, want %d", name, pad, got, x, y, luma)
					}
					r, g, b := color.YCbCrToRGB(luma, cb, cr)
					if name == "grey" {
						r, g, b = luma, luma, luma
					}
					// JPEG blurs where the colour changes.
					edge := name == "mjpeg" && x > w/2-12 && x < w/2+12
					if c := preview.RGBAAt(x, y); !edge && !near(c, color.RGBA{r, g, b, 255}) {
						t.Fatalf("%s pad %d: colour %v at %d,%d, want %v", name, pad, c, x, y, color.RGBA{r, g, b, 255})
					}
				}
			}
			if shares := name == "grey" || name == "nv12" || name == "yu12"; shares != (&frame.Pix[0] == &data[0]) {
				t.Errorf("%s: grey shares the device's memory: %v, want %v", name, !shares, shares)
			}
			if (kept != nil) != (name == "yuyv") {
				t.Errorf("%s: a plane of its own: %v", name, kept != nil)
			}
			if name == "mjpeg" {
				continue
			}
			if _, _, err := m.frame(data[:len(data)-1], nil); err == nil {
				t.Errorf("%s: a picture cut short was accepted", name)
			}
		}
	}
}

func TestMJPEGWithoutHuffmanTables(t *testing.T) {
	t.Parallel()
	whole, _ := shoot("mjpeg", 48, 32, 0)
	bare := withoutSegment(t, whole, 0xc4)
	if _, err := jpeg.Decode(bytes.NewReader(bare)); err == nil {
		t.Fatal("the picture still has its tables")
	}
	f, _ := formatNamed("mjpeg")
	m := mode{format: f, width: 48, height: 32}
	want, _, err := m.frame(whole, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := m.frame(bare, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Pix, want.Pix) {
		t.Error("the standard tables decode to another picture")
	}
}

// withoutSegment cuts the segments of one kind out of a JPEG.
func withoutSegment(t *testing.T, data []byte, marker byte) []byte {
	t.Helper()
	out := bytes.Clone(data[:2])
	for i := 2; i+4 <= len(data); {
		n := 2 + int(data[i+2])<<8 + int(data[i+3])
		if data[i+1] == 0xda {
			return append(out, data[i:]...)
		}
		if data[i+1] != marker {
			out = append(out, data[i:i+n]...)
		}
		i += n
	}
	t.Fatal("the JPEG has no scan")
	return nil
}

func FuzzMJPEG(f *testing.F) {
	whole, _ := shoot("mjpeg", 48, 32, 0)
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte{0xff, 0xda})
	format, _ := formatNamed("mjpeg")
	m := mode{format: format, width: 48, height: 32}
	f.Fuzz(func(t *testing.T, data []byte) {
		frame, _, err := m.frame(data, nil)
		if err == nil && (frame.Width != 48 || len(frame.Pix) < 31*frame.Stride+48) {
			t.Errorf("a frame of %d×%d with %d bytes", frame.Width, frame.Height, len(frame.Pix))
		}
		frame.DrawPreview(image.NewRGBA(image.Rect(0, 0, 16, 16)))
	})
}

func TestChooseFollowsItsRules(t *testing.T) {
	t.Parallel()
	m := func(format string, w, h int, fps float64) mode {
		f, ok := formatNamed(format)
		if !ok {
			t.Fatal(format)
		}
		return mode{format: f, width: w, height: h, fps: fps}
	}
	standard := options{width: 1280, height: 720}
	webcam := []mode{ // a common USB 2 webcam
		m("yuyv", 640, 480, 30), m("yuyv", 1280, 720, 10), m("yuyv", 1920, 1080, 5),
		m("mjpeg", 640, 480, 30), m("mjpeg", 1280, 720, 30), m("mjpeg", 1280, 720, 60), m("mjpeg", 1920, 1080, 30),
	}
	for _, test := range []struct {
		name  string
		modes []mode
		o     options
		want  mode
	}{
		{"a fluent compressed picture before a limping raw one", webcam, standard, m("mjpeg", 1280, 720, 30)},
		{"the cheaper format at equal size", []mode{m("mjpeg", 640, 480, 30), m("yuyv", 640, 480, 30), m("nv12", 640, 480, 25)}, standard, m("nv12", 640, 480, 25)},
		{"grey before all", []mode{m("yuyv", 640, 480, 30), m("grey", 640, 480, 30)}, standard, m("grey", 640, 480, 30)},
		{"the smallest where all are too large", []mode{m("yuyv", 1920, 1080, 30), m("yuyv", 2592, 1944, 30)}, standard, m("yuyv", 1920, 1080, 30)},
		{"the fastest where none is fluent", []mode{m("yuyv", 1280, 720, 5), m("yuyv", 640, 480, 10)}, standard, m("yuyv", 640, 480, 10)},
		{"the rate that was asked for", webcam, options{width: 640, height: 480, fps: 60}, m("mjpeg", 1280, 720, 60)},
		{"the NTSC rate is enough", []mode{m("yuyv", 640, 480, 30000./1001), m("mjpeg", 640, 480, 30)}, options{width: 640, height: 480, fps: 30}, m("yuyv", 640, 480, 30000./1001)},
		{"a rate that is not told counts as 30", []mode{m("yuyv", 640, 480, 0), m("yuyv", 320, 240, 30)}, standard, m("yuyv", 640, 480, 0)},
	} {
		got, ok := choose(test.modes, test.o)
		if !ok || got.format.name != test.want.format.name || got.width != test.want.width ||
			got.height != test.want.height || got.fps != test.want.fps {
			t.Errorf("%s: %s %d×%d %g/s", test.name, got.format.name, got.width, got.height, got.fps)
		}
	}
	if _, ok := choose(nil, standard); ok {
		t.Error("chose from nothing")
	}
}

// TestRequestNumbers compares with what a C compiler makes of
// linux/videodev2.h on a 64-bit machine.
func TestRequestNumbers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ got, want uintptr }{
		"VIDIOC_QUERYCAP":            {vidiocQueryCap, 0x80685600},
		"VIDIOC_ENUM_FMT":            {vidiocEnumFmt, 0xc0405602},
		"VIDIOC_ENUM_FRAMESIZES":     {vidiocEnumFrameSizes, 0xc02c564a},
		"VIDIOC_ENUM_FRAMEINTERVALS": {vidiocEnumFrameIntervals, 0xc034564b},
		"VIDIOC_S_FMT":               {vidiocSFmt, 0xc0d05605},
		"VIDIOC_S_PARM":              {vidiocSParm, 0xc0cc5616},
		"VIDIOC_REQBUFS":             {vidiocReqBufs, 0xc0145608},
		"VIDIOC_QUERYBUF":            {vidiocQueryBuf, 0xc0585609},
		"VIDIOC_QBUF":                {vidiocQBuf, 0xc058560f},
		"VIDIOC_DQBUF":               {vidiocDQBuf, 0xc0585611},
		"VIDIOC_STREAMON":            {vidiocStreamOn, 0x40045612},
		"VIDIOC_STREAMOFF":           {vidiocStreamOff, 0x40045613},
		"VIDIOC_S_CTRL":              {vidiocSCtrl, 0xc008561c},
		"offset of timestamp":        {unsafe.Offsetof(v4l2Buffer{}.timestamp), 24},
		"offset of sequence":         {unsafe.Offsetof(v4l2Buffer{}.sequence), 56},
		"offset of m":                {unsafe.Offsetof(v4l2Buffer{}.offset), 64},
		"offset of length":           {unsafe.Offsetof(v4l2Buffer{}.length), 72},
	} {
		if test.got != test.want {
			t.Errorf("%s is %#x, want %#x", name, test.got, test.want)
		}
	}
}

func TestAMissingDeviceSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		t.TempDir() + "/video0": "plug it in",
		"/dev/null":             "no V4L2 device",
	} {
		c := open(t, path)
		if _, err := c.Next(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want it to say %q", path, err, want)
		}
	}
}
