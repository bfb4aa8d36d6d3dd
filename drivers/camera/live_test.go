package camera

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// fakeStream delivers a picture each 100 ms until it is broken.
type fakeStream struct {
	broken  chan error
	closed  *atomic.Int32
	lent    *atomic.Int32
	develop func(seq uint64) (Frame, error)
}

func (f *fakeStream) String() string { return "a fake camera" }
func (f *fakeStream) close()         { f.closed.Add(1) }

func (f *fakeStream) run(stop <-chan struct{}, offer func(shot)) error {
	for seq := uint64(1); ; seq++ {
		select {
		case <-stop:
			return nil
		case err := <-f.broken:
			return err
		case <-time.After(100 * time.Millisecond):
		}
		f.lent.Add(1)
		offer(shot{
			seq: seq, time: time.Now(),
			develop: func() (Frame, error) { return f.develop(seq) },
			release: func() { f.lent.Add(-1) },
		})
	}
}

func goodFrame(seq uint64) (Frame, error) {
	return Frame{Width: 1, Height: 1, Stride: 1, Pix: []byte{byte(seq)}}, nil
}

func TestTheNewestFrameWins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var closed, lent atomic.Int32
		c := startLive("fake", func() (stream, error) {
			return &fakeStream{make(chan error), &closed, &lent, goodFrame}, nil
		})
		if f := next(t, c); f.Seq != 1 {
			t.Errorf("the first frame has number %d", f.Seq)
		}
		time.Sleep(1050 * time.Millisecond)
		if f := next(t, c); f.Seq != 11 || f.Pix[0] != 11 || time.Since(f.Time) != 50*time.Millisecond {
			t.Errorf("after a pause: number %d, %v old; want 11, 50ms", f.Seq, time.Since(f.Time))
		}
		next(t, c)
		if n := lent.Load(); n != 2 {
			t.Errorf("%d frames are lent, want the last two", n)
		}
		if err := c.Halt(); err != nil || closed.Load() != 1 {
			t.Errorf("Halt: %v, closed %d times", err, closed.Load())
		}
		if _, err := c.Next(t.Context()); !errors.Is(err, errHalted) {
			t.Errorf("Next after Halt: %v", err)
		}
	})
}

func TestACameraIsTakenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var closed, lent atomic.Int32
		broken := make(chan error)
		var present atomic.Bool
		present.Store(true)
		c := startLive("fake", func() (stream, error) {
			if !present.Load() {
				return nil, errors.New("not there")
			}
			return &fakeStream{broken, &closed, &lent, goodFrame}, nil
		})
		defer c.Halt()
		next(t, c)
		if c.String() != "a fake camera" {
			t.Errorf("working, it is called %q", c)
		}
		present.Store(false)
		broken <- errors.New("unplugged")
		for _, want := range []string{"unplugged", "not there"} {
			if _, err := c.Next(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("without the camera: %v, want it to say %q", err, want)
			}
		}
		// Told once, Next waits for it.
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := c.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("still without the camera: %v", err)
		}
		present.Store(true)
		back := time.Now()
		if f := next(t, c); f.Seq != 2 || time.Since(back) > 3*time.Second {
			t.Errorf("back after %v with number %d", time.Since(back), f.Seq)
		}
	})
}

func TestBrokenPictures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var closed, lent atomic.Int32
		var from, to uint64 = 3, 5 // broken pictures
		c := startLive("fake", func() (stream, error) {
			return &fakeStream{make(chan error), &closed, &lent, func(seq uint64) (Frame, error) {
				if seq >= from && seq < to {
					return Frame{}, fmt.Errorf("picture %d is torn", seq)
				}
				return goodFrame(seq)
			}}, nil
		})
		defer c.Halt()
		for _, want := range []uint64{1, 2, 5} {
			if f := next(t, c); f.Seq != want {
				t.Errorf("number %d, want %d", f.Seq, want)
			}
		}
		from, to = 0, 1e9
		if _, err := c.Next(t.Context()); err == nil || !strings.Contains(err.Error(), "torn") {
			t.Errorf("nothing but broken pictures: %v", err)
		}
		if n := lent.Load(); n > 3 {
			t.Errorf("%d pictures are held, want those of the last two frames and one in waiting", n)
		}
	})
}

// TestMain plays the camera process where a test asks for it.
func TestMain(m *testing.M) {
	switch os.Getenv("CHOT_CAMERA_PROCESS") {
	case "":
		os.Exit(m.Run())
	case "dies": // after two pictures
		_, _ = os.Stdout.Write(make([]byte, 2*64*64*3/2))
		fmt.Fprintln(os.Stderr, "ERROR: *** no cameras available ***")
		os.Exit(255)
	case "runs":
		for i := byte(0); ; i++ {
			picture := make([]byte, 64*64*3/2)
			picture[0] = i
			if _, err := os.Stdout.Write(picture); err != nil {
				os.Exit(1)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func processCamera(t *testing.T, behaviour string) *live {
	t.Setenv("CHOT_CAMERA_PROCESS", behaviour)
	o, err := parseOptions("size=64x64")
	if err != nil {
		t.Fatal(err)
	}
	c := rpicamCommand(o)
	c.names = []string{"no-such-camera-program", os.Args[0]}
	l := openPiped(c, o)
	t.Cleanup(func() { _ = l.Halt() })
	return l
}

func TestACameraProcessDelivers(t *testing.T) {
	c := processCamera(t, "runs")
	a, b := next(t, c), next(t, c)
	if a.Width != 64 || a.Height != 64 || a.Chroma.SubX != 2 || b.Seq <= a.Seq {
		t.Errorf("frames %d×%d number %d, then %d", a.Width, a.Height, a.Seq, b.Seq)
	}
	if err := c.Halt(); err != nil {
		t.Error(err)
	}
}

func TestACameraProcessIsRestarted(t *testing.T) {
	c := processCamera(t, "dies")
	var last uint64
	for failures := 0; failures < 2; {
		f, err := c.Next(t.Context())
		if err != nil {
			failures++
			if errors.Is(err, io.EOF) || errors.Is(err, ErrReplayOver) {
				t.Errorf("a process that ends is the end of the pictures: %v", err)
			}
			if !strings.Contains(err.Error(), "no cameras available") {
				t.Errorf("the error keeps what the process said to itself: %v", err)
			}
			continue
		}
		if f.Seq <= last {
			t.Errorf("number %d after %d", f.Seq, last)
		}
		last = f.Seq
	}
}

// A picture that does not change any more is a device that hangs; a covered lens
// gives black for ever.
func TestAFrozenPictureIsNoticed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pix    func(seq uint64) []byte
		closed bool
	}{
		"frozen":  {func(uint64) []byte { return []byte{0, 0, 0, 0, 0, 0, 0, 0, 200} }, true},
		"alive":   {func(seq uint64) []byte { return []byte{byte(seq), 0, 0, 0, 0, 0, 0, 0, 200} }, false},
		"covered": {func(uint64) []byte { return []byte{3, 4, 3, 4, 3, 4, 3, 4, 3} }, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			var closed, lent atomic.Int32
			l := startLive("fake", func() (stream, error) {
				return &fakeStream{make(chan error), &closed, &lent, func(seq uint64) (Frame, error) {
					return Frame{Width: 9, Height: 1, Stride: 9, Pix: c.pix(seq)}, nil
				}}, nil
			})
			var failed error
			for begun := time.Now(); time.Since(begun) < frozenAfter+3*time.Second; {
				if _, err := l.Next(t.Context()); err != nil {
					failed = err
				}
			}
			if errors.Is(failed, errFrozen) != c.closed || (closed.Load() > 0) != c.closed {
				t.Errorf("%s: %v, closed %d times", name, failed, closed.Load())
			}
			if f := next(t, l); c.closed && f.Seq < 100 {
				t.Errorf("%s: opened again it counts from %d", name, f.Seq)
			}
			if err := l.Halt(); err != nil {
				t.Error(err)
			}
		})
	}
}
