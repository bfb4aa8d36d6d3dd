package hardware

import (
	"context"
	"image"
	"image/color"
	"image/draw"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	qrcode "github.com/skip2/go-qrcode"

	"chot/deploy/testbed/bench/virtual"
	"chot/deploy/testbed/harness"
	"chot/drivers/camera"
	"chot/drivers/scanner"
)

const (
	width, height = 640, 480
	shown         = "https://chot.example/K07-0004127"
)

// paper is what is held up: a code on grey.
func paper(t *testing.T, text string) *image.Gray {
	t.Helper()
	q, err := qrcode.New(text, qrcode.Medium)
	harness.Must(t, err)
	picture := image.NewGray(image.Rect(0, 0, width, height))
	draw.Draw(picture, picture.Rect, image.NewUniform(color.Gray{120}), image.Point{}, draw.Src)
	const side = 440
	draw.Draw(picture, image.Rect(100, 20, 100+side, 20+side), q.Image(side), image.Point{}, draw.Src)
	return picture
}

// cinema is a film that plays.
type cinema struct {
	film *virtual.Film
	stop chan struct{}
	done sync.WaitGroup

	silent atomic.Bool // shows nothing for now
}

// play shows frames in turn at /dev/video0, 15 a second.
func play(t *testing.T, format string, frames func(f *virtual.Film) [][]byte) *cinema {
	t.Helper()
	film, err := virtual.NewFilm(format, width, height)
	harness.Must(t, err)
	c := &cinema{film: film, stop: make(chan struct{})}
	all := frames(film)
	harness.Must(t, film.Show(all[0])) // before it, the device is no camera
	c.done.Go(func() {
		for i := 1; ; i++ {
			select {
			case <-c.stop:
				return
			case <-time.After(time.Second / 15):
			}
			if c.silent.Load() {
				continue
			}
			if err := film.Show(all[i%len(all)]); err != nil {
				t.Errorf("the film broke: %v", err)
				return
			}
		}
	})
	return c
}

func (c *cinema) end(t *testing.T) {
	t.Helper()
	close(c.stop)
	c.done.Wait()
	harness.Must(t, c.film.Close())
}

// look opens /dev/video0.
func look(t *testing.T, spec string) camera.Camera {
	t.Helper()
	c, err := camera.Open(spec)
	harness.Must(t, err)
	t.Cleanup(func() { harness.Must(t, c.Halt()) })
	return c
}

// next returns a picture, and fails at an error.
func next(t *testing.T, c camera.Camera) camera.Frame {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	f, err := c.Next(ctx)
	harness.Must(t, err)
	return f
}

// fails returns the next error, past the pictures before it.
func fails(t *testing.T, c camera.Camera) error {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	for {
		if _, err := c.Next(ctx); err != nil {
			return err
		}
	}
}

// returns waits for pictures, past the errors before them.
func returns(t *testing.T, c camera.Camera) time.Duration {
	t.Helper()
	return harness.Until(t, "a picture", 20*time.Second, func() bool {
		ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
		defer stop()
		_, err := c.Next(ctx)
		return err == nil
	})
}

// reads waits until a code is read.
func reads(t *testing.T, c camera.Camera, text string) {
	t.Helper()
	stream := scanner.NewStream(scanner.Options{})
	for range 40 {
		codes, _ := stream.Push(next(t, c))
		for _, code := range codes {
			if code.Text != text {
				t.Fatalf("read %q, want %q", code.Text, text)
			}
			return
		}
	}
	t.Fatal("no code was read in 40 pictures")
}

// A code that is held up is read, through the kernel, in each format that a
// webcam has.
func TestCameraReadsACode(t *testing.T) {
	for _, format := range []string{"yuyv", "mjpeg", "grey"} {
		t.Run(format, func(t *testing.T) {
			p := paper(t, shown)
			film := play(t, format, func(f *virtual.Film) [][]byte {
				frame, err := f.Frame(p)
				harness.Must(t, err)
				return [][]byte{frame}
			})
			c := look(t, "/dev/video0")
			reads(t, c, shown)
			if !strings.Contains(c.String(), format) || !strings.Contains(c.String(), "Bench") {
				t.Errorf("it calls itself %q", c)
			}
			harness.Must(t, c.Halt())
			film.end(t)
			harness.Must(t, virtual.Unload("v4l2loopback"))
		})
	}
}

// A camera that delivers broken pictures among good ones is used; one that
// delivers nothing else is reported, and used again when it has recovered.
func TestCameraWithBrokenJPEG(t *testing.T) {
	broken := func(frame []byte) [][]byte {
		flipped := append([]byte(nil), frame...)
		for i := len(flipped) / 3; i < len(flipped); i += 7 {
			flipped[i] ^= 0x5a
		}
		return [][]byte{frame[:len(frame)/2], frame[:20], {0xff, 0xd8}, flipped, []byte("no picture at all")}
	}
	p := paper(t, shown)
	some := play(t, "mjpeg", func(f *virtual.Film) [][]byte {
		frame, err := f.Frame(p)
		harness.Must(t, err)
		return append(broken(frame), frame)
	})
	c := look(t, "/dev/video0")
	reads(t, c, shown)
	some.end(t)

	all := play(t, "mjpeg", func(f *virtual.Film) [][]byte {
		frame, err := f.Frame(p)
		harness.Must(t, err)
		return [][]byte{frame[:20], {0xff, 0xd8}, []byte("no picture at all")}
	})
	err := fails(t, c)
	for range 5 { // first, of the change of films
		if strings.Contains(err.Error(), "broken") {
			break
		}
		err = fails(t, c)
	}
	says(t, err, "/dev/video0", "broken pictures")
	all.end(t)

	again := play(t, "mjpeg", func(f *virtual.Film) [][]byte {
		frame, err := f.Frame(p)
		harness.Must(t, err)
		return [][]byte{frame}
	})
	back(t, "the camera", returns(t, c))
	harness.Must(t, c.Halt())
	again.end(t)
	harness.Must(t, virtual.Unload("v4l2loopback"))
}

// A camera that falls silent in the middle of a stream is reported, and used
// again when it goes on.
func TestCameraFallsSilent(t *testing.T) {
	p := paper(t, shown)
	film := play(t, "yuyv", func(f *virtual.Film) [][]byte {
		frame, err := f.Frame(p)
		harness.Must(t, err)
		return [][]byte{frame}
	})
	c := look(t, "/dev/video0")
	next(t, c)
	film.silent.Store(true)
	start := time.Now()
	err := fails(t, c)
	t.Logf("noticed after %v", time.Since(start).Round(time.Millisecond))
	says(t, err, "/dev/video0", "no picture")
	film.silent.Store(false)
	back(t, "the camera", returns(t, c))
	harness.Must(t, c.Halt())
	film.end(t)
	harness.Must(t, virtual.Unload("v4l2loopback"))
}
