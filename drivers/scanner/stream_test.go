package scanner

import (
	"image"
	"image/color"
	"image/draw"
	"testing"
	"time"

	qr "github.com/skip2/go-qrcode"

	"chot/drivers/camera"
)

// scene draws codes on a grey picture, each with its centre and its modules'
// size in pixels.
type shown struct {
	text string
	x, y int
	size int
}

func scene(t testing.TB, w, h int, codes ...shown) camera.Frame {
	t.Helper()
	im := image.NewGray(image.Rect(0, 0, w, h))
	draw.Draw(im, im.Rect, image.NewUniform(color.Gray{Y: 200}), image.Point{}, draw.Src)
	for _, c := range codes {
		code, err := qr.New(c.text, qr.Medium)
		if err != nil {
			t.Fatal(err)
		}
		m := code.Bitmap()
		x0, y0 := c.x-len(m)*c.size/2, c.y-len(m)*c.size/2
		for y := range len(m) * c.size {
			for x := range len(m) * c.size {
				if m[y/c.size][x/c.size] {
					im.SetGray(x0+x, y0+y, color.Gray{Y: 50})
				}
			}
		}
	}
	return Grey(im)
}

// clock counts a millisecond a look, so that budgets do not depend on the
// machine.
func clock() func() time.Time {
	at := fixed()
	return func() time.Time { at = at.Add(time.Millisecond / 100); return at }
}

func TestStreamGivesACodeOnceUntilItHasLeftForASecond(t *testing.T) {
	t.Parallel()
	with := scene(t, 640, 480, shown{"012345678901", 300, 240, 5})
	without := scene(t, 640, 480)
	s := NewStream(Options{Now: clock()})
	at := fixed()
	push := func(f camera.Frame, after time.Duration) int {
		at = at.Add(after)
		f.Time = at
		codes, _ := s.Push(f)
		return len(codes)
	}
	const frame = 33 * time.Millisecond
	if n := push(with, frame); n != 1 {
		t.Fatalf("coming: %d events", n)
	}
	for range 60 {
		if n := push(with, frame); n != 0 {
			t.Fatalf("staying: %d events", n)
		}
	}
	for range 15 {
		push(without, frame)
	}
	if n := push(with, frame); n != 0 {
		t.Errorf("back after half a second: %d events", n)
	}
	for range 32 {
		push(without, frame)
	}
	if n := push(with, frame); n != 1 {
		t.Errorf("back after a second: %d events", n)
	}
}

func TestStreamGivesTwoCodesTheNearerToTheCentreFirst(t *testing.T) {
	t.Parallel()
	s := NewStream(Options{Now: clock()})
	codes, _ := s.Push(scene(t, 640, 480, shown{"far", 110, 110, 5}, shown{"near", 360, 260, 5}))
	if len(codes) != 2 || codes[0].Text != "near" || codes[1].Text != "far" {
		t.Errorf("%v", codes)
	}
}

func TestStreamSeesASecondCodeBesideTheFirst(t *testing.T) {
	t.Parallel()
	s := NewStream(Options{Now: clock()})
	first := scene(t, 640, 480, shown{"first", 110, 110, 4})
	both := scene(t, 640, 480, shown{"first", 110, 110, 4}, shown{"second", 500, 350, 4})
	at := fixed()
	for range 5 {
		at = at.Add(33 * time.Millisecond)
		first.Time = at
		s.Push(first)
	}
	for i := range 4 {
		at = at.Add(33 * time.Millisecond)
		both.Time = at
		codes, _ := s.Push(both)
		if len(codes) == 1 && codes[0].Text == "second" {
			return
		}
		if len(codes) > 0 {
			t.Fatalf("frame %d: %v", i, codes)
		}
	}
	t.Error("the second code was not seen in four frames")
}

func TestCornersRunClockwiseFromTheCodesTopLeft(t *testing.T) {
	t.Parallel()
	f := scene(t, 640, 480, shown{"corners", 300, 200, 6}) // version 1: 21 modules
	for turns := range 4 {
		codes := New(Options{}).Still(f)
		if len(codes) != 1 {
			t.Fatalf("turned %d times: %d codes", turns, len(codes))
		}
		want := [4]Point{{237, 137}, {363, 137}, {363, 263}, {237, 263}}
		w, h := 640.0, 480.0
		for range turns {
			for i, p := range want {
				want[i] = Point{h - p.Y, p.X}
			}
			w, h = h, w
		}
		for i, p := range codes[0].Corners {
			if dx, dy := p.X-want[i].X, p.Y-want[i].Y; dx*dx+dy*dy > 1 {
				t.Errorf("turned %d times: corner %d at %v, want %v", turns, i, p, want[i])
			}
		}
		f = quarterTurn(f)
	}
}

func TestHints(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		miss miss
		want Hint
	}{
		{miss{size: 3, dark: 40, light: 200, glare: 0.2}, Glare},
		{miss{size: 3, dark: 10, light: 30}, Dark},
		{miss{size: 3, dark: 100, light: 110}, Dark},
		{miss{size: 1.3, dark: 40, light: 200}, TooSmall},
		{miss{size: 3, dark: 40, light: 200}, Blurred},
	} {
		if got := c.miss.hint(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.miss, got, c.want)
		}
	}
}

func TestAnEmptyFrameAllocatesNothing(t *testing.T) {
	f := scene(t, 640, 480)
	s := NewStream(Options{Now: clock()})
	at := fixed()
	if n := testing.AllocsPerRun(50, func() {
		at = at.Add(33 * time.Millisecond)
		f.Time = at
		s.Push(f)
	}); n > 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

// Grids too noisy to be read one by one add up.
func TestEvidenceOfSeveralFrames(t *testing.T) {
	t.Parallel()
	p := planeOf(scene(t, 640, 480, shown{"bằng chứng qua nhiều khung hình", 320, 240, 6}))
	pl := &New(Options{}).pipe
	pl.begin()
	pl.find(&p, plain, box{0, 0, 640, 480})
	list := triples(pl.marks, nil, frameLimits.triples)
	if len(list) == 0 {
		t.Fatal("no finder patterns")
	}
	r := &pl.reader
	if _, o := r.read(&p, &list[0], false, func() bool { return false }); o != success {
		t.Fatal("the clean code is not read")
	}
	clean := append([]float32(nil), r.field.soft...)
	version := (r.grid.layout.n - 17) / 4
	noise := uint64(1)
	next := func() float32 { // the sum of uniform numbers is about normal
		var s float32
		for range 6 {
			noise ^= noise << 13
			noise ^= noise >> 7
			noise ^= noise << 17
			s += float32(noise%1000)/1000 - 0.5
		}
		return s * 1.3
	}
	var e evidence
	at := fixed()
	for i := range 30 {
		m := &miss{version: version, timing: 1, x: 320, y: 240, size: 6}
		for _, s := range clean {
			m.soft = append(m.soft, s+next())
		}
		if i == 0 {
			if _, ok := r.decode(r.grid.layout, m.soft); ok {
				t.Fatal("one noisy grid is read by itself: not a test")
			}
		}
		at = at.Add(33 * time.Millisecond)
		if c, ok := e.add(r, m, at); ok {
			if c.Text != "bằng chứng qua nhiều khung hình" {
				t.Errorf("read %q", c.Text)
			}
			return
		}
	}
	t.Error("thirty noisy grids are not read together")
}
