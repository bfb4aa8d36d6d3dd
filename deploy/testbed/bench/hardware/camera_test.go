package hardware

import (
	"context"
	"image"
	"image/color"
	"image/draw"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	qrcode "github.com/skip2/go-qrcode"
	"golang.org/x/sys/unix"

	"chot/deploy/testbed/bench/virtual"
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
	must(t, err)
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
	must(t, err)
	c := &cinema{film: film, stop: make(chan struct{})}
	all := frames(film)
	must(t, film.Show(all[0])) // before it, the device is no camera
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
	must(t, c.film.Close())
}

// look opens /dev/video0.
func look(t *testing.T, spec string) camera.Camera {
	t.Helper()
	c, err := camera.Open(spec)
	must(t, err)
	t.Cleanup(func() { must(t, c.Halt()) })
	return c
}

// next returns a picture, and fails at an error.
func next(t *testing.T, c camera.Camera) camera.Frame {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	f, err := c.Next(ctx)
	must(t, err)
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
	return until(t, "a picture", 20*time.Second, func() bool {
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
				must(t, err)
				return [][]byte{frame}
			})
			c := look(t, "/dev/video0")
			reads(t, c, shown)
			if !strings.Contains(c.String(), format) || !strings.Contains(c.String(), "Bench") {
				t.Errorf("it calls itself %q", c)
			}
			must(t, c.Halt())
			film.end(t)
			must(t, virtual.Unload("v4l2loopback"))
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
		must(t, err)
		return append(broken(frame), frame)
	})
	c := look(t, "/dev/video0")
	reads(t, c, shown)
	some.end(t)

	all := play(t, "mjpeg", func(f *virtual.Film) [][]byte {
		frame, err := f.Frame(p)
		must(t, err)
		return [][]byte{frame[:20], {0xff, 0xd8}, []byte("no picture at all")}
	})
	err := fails(t, c)
	for !strings.Contains(err.Error(), "broken") { // before that, the change of films
		err = fails(t, c)
	}
	says(t, err, "/dev/video0", "broken pictures")
	all.end(t)

	again := play(t, "mjpeg", func(f *virtual.Film) [][]byte {
		frame, err := f.Frame(p)
		must(t, err)
		return [][]byte{frame}
	})
	back(t, "the camera", returns(t, c))
	must(t, c.Halt())
	again.end(t)
	must(t, virtual.Unload("v4l2loopback"))
}

// A camera that falls silent in the middle of a stream is reported, and used
// again when it goes on.
func TestCameraFallsSilent(t *testing.T) {
	p := paper(t, shown)
	film := play(t, "yuyv", func(f *virtual.Film) [][]byte {
		frame, err := f.Frame(p)
		must(t, err)
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
	must(t, c.Halt())
	film.end(t)
	must(t, virtual.Unload("v4l2loopback"))
}

// vivid is the kernel's own test camera at /dev/video5.
func vivid(t *testing.T) {
	t.Helper()
	must(t, virtual.Load("vivid n_devs=1 node_types=0x1 input_types=0x0 num_inputs=1 vid_cap_nr=5"))
	until(t, "vivid", 10*time.Second, func() bool { _, err := os.Stat("/dev/video5"); return err == nil })
}

func TestCameraFormats(t *testing.T) {
	vivid(t)
	for _, format := range []string{"grey", "nv12", "yu12", "yuyv"} {
		t.Run(format, func(t *testing.T) {
			c := look(t, "/dev/video5?size=320x180&format="+format)
			f := next(t, c)
			if f.Width != 320 || f.Height != 180 {
				t.Errorf("it is %d by %d", f.Width, f.Height)
			}
			// vivid shows the bars of a television test, which fall from white to black.
			row := f.Pix[f.Height/2*f.Stride:]
			if left, right := row[10], row[f.Width-10]; left < right+60 {
				t.Errorf("the bars go from %d to %d", left, right)
			}
			second := next(t, c)
			if second.Seq <= f.Seq {
				t.Errorf("picture %d follows %d", second.Seq, f.Seq)
			}
			must(t, c.Halt())
		})
	}
	t.Run("controls", func(t *testing.T) {
		c := look(t, "/dev/video5?size=320x180&gain=77&focus=10")
		next(t, c)
		if got := control(t, 0x980913); got != 77 {
			t.Errorf("the gain is %d, want 77", got)
		}
		if got := control(t, 0x980912); got != 0 {
			t.Errorf("the gain is still automatic")
		}
		if !strings.HasSuffix(c.String(), "without the set focus") { // vivid has no lens
			t.Errorf("it calls itself %q", c)
		}
		must(t, c.Halt())
	})
	t.Run("busy", func(t *testing.T) {
		first := look(t, "/dev/video5?size=320x180")
		next(t, first)
		says(t, fails(t, look(t, "/dev/video5?size=320x180")), "/dev/video5", "another program uses the camera, end it")
		must(t, first.Halt())
	})
	must(t, virtual.Unload("vivid"))
}

// A camera that is pulled out while it streams is reported, and used again when
// it is plugged in.
func TestCameraUnplugged(t *testing.T) {
	vivid(t)
	c := look(t, "/dev/video5?size=320x180")
	next(t, c)
	const disconnect = 0x00f0f000 + 65 // VIVID_CID_DISCONNECT, a button
	setControl(t, disconnect)
	says(t, fails(t, c), "/dev/video5", "unplugged")
	const driver = "/sys/bus/platform/drivers/vivid/"
	must(t, os.WriteFile(driver+"unbind", []byte("vivid.0"), 0))
	says(t, fails(t, c), "the camera is not there, plug it in")
	must(t, os.WriteFile(driver+"bind", []byte("vivid.0"), 0))
	back(t, "the camera", returns(t, c))
	must(t, c.Halt())
	must(t, virtual.Unload("vivid"))
}

type v4l2Control struct {
	id    uint32
	value int32
}

func controlCall(t *testing.T, number uintptr, c *v4l2Control) {
	t.Helper()
	file, err := os.OpenFile("/dev/video5", os.O_RDWR, 0)
	must(t, err)
	defer file.Close()
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, file.Fd(), 3<<30|8<<16|'V'<<8|number, uintptr(unsafe.Pointer(c))); errno != 0 {
		t.Fatalf("control %#x: %v", c.id, errno)
	}
}

func control(t *testing.T, id uint32) int32 {
	t.Helper()
	c := v4l2Control{id: id}
	controlCall(t, 27, &c) // VIDIOC_G_CTRL
	return c.value
}

func setControl(t *testing.T, id uint32) {
	t.Helper()
	controlCall(t, 28, &v4l2Control{id, 1}) // VIDIOC_S_CTRL
}
