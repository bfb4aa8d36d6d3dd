package camera

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// shades writes n grey PNG pictures, the i-th of brightness 10·(i+1).
func shades(t *testing.T, n int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for i := range n {
		img := image.NewGray(image.Rect(0, 0, 32, 24))
		for p := range img.Pix {
			img.Pix[p] = uint8(10 * (i + 1))
		}
		writePicture(t, filepath.Join(dir, string(rune('a'+i))+".png"), img)
	}
	return dir
}

func writePicture(t *testing.T, path string, img image.Image) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if strings.HasSuffix(path, ".jpg") {
		err = jpeg.Encode(f, img, nil)
	} else {
		err = png.Encode(f, img)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, spec string) Camera {
	t.Helper()
	c, err := Open(spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Halt(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func next(t *testing.T, c Camera) Frame {
	t.Helper()
	f, err := c.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestReplayKeepsItsPace(t *testing.T) {
	dir := shades(t, 3)
	synctest.Test(t, func(t *testing.T) {
		c := open(t, "replay:"+dir+"?fps=10")
		start := time.Now()
		for i, want := range []uint8{10, 20, 30, 10} {
			f := next(t, c)
			if f.Pix[0] != want || f.Seq != uint64(i+1) {
				t.Errorf("frame %d is picture of brightness %d number %d, want %d number %d", i, f.Pix[0], f.Seq, want, i+1)
			}
			if at := time.Duration(i) * 100 * time.Millisecond; time.Since(start) != at || f.Time.Sub(start) != at {
				t.Errorf("frame %d came after %v with time %v, want both %v", i, time.Since(start), f.Time.Sub(start), at)
			}
		}
		// Who is late gets the present, and sees how much was missed.
		time.Sleep(250 * time.Millisecond)
		if f := next(t, c); f.Seq != 6 || f.Pix[0] != 30 {
			t.Errorf("after a pause: number %d of brightness %d, want 6 and 30", f.Seq, f.Pix[0])
		}
	})
}

func TestReplayHoldsAPictureUpAndEnds(t *testing.T) {
	dir := shades(t, 2)
	synctest.Test(t, func(t *testing.T) {
		c := open(t, "replay:"+dir+"?fps=20&hold=100ms&once=1")
		for i, want := range []uint8{10, 10, 20, 20} {
			if f := next(t, c); f.Pix[0] != want {
				t.Errorf("frame %d has brightness %d, want %d", i, f.Pix[0], want)
			}
		}
		if _, err := c.Next(t.Context()); !errors.Is(err, ErrReplayOver) {
			t.Errorf("behind the last picture: %v, want ErrReplayOver", err)
		}
	})
}

func TestReplayEndsWithItsContextAndItsHalt(t *testing.T) {
	dir := shades(t, 1)
	synctest.Test(t, func(t *testing.T) {
		c := open(t, "replay:"+dir+"?fps=0.1")
		next(t, c)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after the deadline: %v", err)
		}
		go func() {
			time.Sleep(time.Second)
			_ = c.Halt()
		}()
		if _, err := c.Next(t.Context()); !errors.Is(err, errHalted) {
			t.Errorf("halted while waiting: %v", err)
		}
		if _, err := c.Next(t.Context()); !errors.Is(err, errHalted) {
			t.Errorf("after Halt: %v", err)
		}
	})
}

func TestReplayPassesOverABrokenPicture(t *testing.T) {
	dir := shades(t, 2)
	if err := os.WriteFile(filepath.Join(dir, "aa.png"), []byte("no picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := open(t, "replay:"+dir+"?fps=1000&hold=1ms&once=1")
	var good, bad int
	for {
		_, err := c.Next(t.Context())
		if errors.Is(err, ErrReplayOver) {
			break
		}
		if err == nil {
			good++
			continue
		}
		if bad++; !strings.Contains(err.Error(), "aa.png") {
			t.Errorf("the error does not name the picture: %v", err)
		}
	}
	if good+bad == 0 || bad > 1 {
		t.Errorf("%d good and %d bad pictures", good, bad)
	}
}

func TestReplayReadsColourPictures(t *testing.T) {
	red := image.NewRGBA(image.Rect(0, 0, 34, 18))
	for i := range red.Pix {
		red.Pix[i] = []uint8{200, 30, 40, 255}[i%4]
	}
	clear := image.NewNRGBA(image.Rect(0, 0, 34, 18)) // wholly transparent shows white
	for name, test := range map[string]struct {
		img  image.Image
		want color.RGBA
	}{
		"a.png": {red, color.RGBA{200, 30, 40, 255}},
		"a.jpg": {red, color.RGBA{200, 30, 40, 255}},
		"b.png": {clear, color.RGBA{255, 255, 255, 255}},
	} {
		path := filepath.Join(t.TempDir(), name)
		writePicture(t, path, test.img)
		f := next(t, open(t, "replay:"+path))
		if f.Width != 34 || f.Height != 18 {
			t.Errorf("%s: %d×%d", name, f.Width, f.Height)
		}
		preview := image.NewRGBA(image.Rect(0, 0, 17, 9))
		f.DrawPreview(preview)
		if got := preview.RGBAAt(8, 4); !near(got, test.want) {
			t.Errorf("%s: the preview shows %v, want %v", name, got, test.want)
		}
	}
}

func near(a, b color.RGBA) bool {
	const tolerance = 6
	d := func(x, y uint8) bool { return max(x, y)-min(x, y) <= tolerance }
	return d(a.R, b.R) && d(a.G, b.G) && d(a.B, b.B)
}

func TestReplayReadsRawVideo(t *testing.T) {
	const w, h = 16, 16
	for _, test := range []struct {
		file, options string
		frame         int // bytes
	}{
		{"film.yuv", "", w * h * 3 / 2},
		{"film.nv12", "", w * h * 3 / 2},
		{"film.grey", "", w * h},
		{"film.raw", "&format=yuyv", w * h * 2},
	} {
		t.Run(test.file, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), test.file)
			film := make([]byte, 2*test.frame)
			for i := range film {
				film[i] = uint8(50 + 100*(i/test.frame))
			}
			if err := os.WriteFile(path, film, 0o600); err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				c := open(t, "replay:"+path+"?size=16x16"+test.options)
				a := next(t, c)
				b := next(t, c)
				if a.Pix[0] != 50 || b.Pix[0] != 150 || a.Width != w || a.Height != h {
					t.Errorf("brightness %d, then %d, of %d×%d", a.Pix[0], b.Pix[0], a.Width, a.Height)
				}
			})
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	film := filepath.Join(dir, "film.yuv")
	if err := os.WriteFile(film, make([]byte, 100), 0o600); err != nil {
		t.Fatal(err)
	}
	for spec, reason := range map[string]string{
		"":                               "neither a device path",
		"webcam":                         "neither a device path",
		"replay:" + dir:                  "no PNG, JPEG or WebP",
		"replay:" + dir + "/none.png":    "no such file",
		"replay:" + film + "?size=16x16": "not whole pictures",
		"/dev/video0?size=big":           "size=big",
		"/dev/video0?size=1x1":           "not a size",
		"/dev/video0?fps=0":              "fps=0",
		"/dev/video0?fps=NaN":            "fps=NaN",
		"/dev/video0?format=h264":        "format=h264",
		"/dev/video0?gain=high":          "gain=high",
		"/dev/video0?zoom=3":             "no such option",
	} {
		c, err := Open(spec)
		if err == nil {
			_ = c.Halt()
		}
		if err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("Open(%q): %v, want it to say %q", spec, err, reason)
		}
	}
}
