package scanner

import (
	"bytes"
	"math"
	"slices"
	"time"

	"chot/drivers/camera"
)

// Options say what a Scanner looks for. The zero value looks for everything
// and gives a frame of 640×480 pixels 25 ms.
type Options struct {
	Symbologies []Symbology      // what to look for; empty: all
	Budget      time.Duration    // what Stream.Push may spend on a frame; zero: 25 ms, more for larger frames
	Now         func() time.Time // measures the budget; nil: time.Now
}

// Scanner reads codes from pictures. It keeps its working memory from one
// picture to the next, so one Scanner serves one goroutine.
type Scanner struct {
	opts   Options
	pipe   pipeline
	linear linear
}

// New returns a Scanner.
func New(opts Options) *Scanner {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	return &Scanner{opts: opts, pipe: pipeline{
		deep: true, step: 1, most: stillLimits, finder: finder{most: stillLimits.candidates, borders: 3}, late: func() bool { return false },
	}}
}

// budget is what a frame may take: by default 25 ms at 640×480 and twice that
// at four times the pixels.
func (o *Options) budget(f camera.Frame) time.Duration {
	if o.Budget != 0 {
		return o.Budget
	}
	return time.Duration(25 * float64(time.Millisecond) * max(math.Sqrt(float64(f.Width*f.Height)/(640*480)), 1))
}

func (s *Scanner) wants(sym Symbology) bool {
	return len(s.opts.Symbologies) == 0 || slices.Contains(s.opts.Symbologies, sym)
}

// Still reads one picture without a budget, by pass after pass until every
// finder pattern seen belongs to a code: what a technician wants to know of a
// stored picture. Codes stand nearest to the centre first.
// A frame whose sizes do not fit its Pix holds no codes.
func (s *Scanner) Still(f camera.Frame) []Code {
	if !whole(f) {
		return nil
	}
	f = framed(f)
	full := planeOf(f)
	var codes []Code
	if s.wants(QR) {
		codes = s.pyramid(&full, f.Time)
	}
	codes = s.others(&full, f.Time, codes)
	for i := range codes {
		for k := range codes[i].Corners {
			codes[i].Corners[k].X -= margin
			codes[i].Corners[k].Y -= margin
		}
	}
	f.Width, f.Height = f.Width-2*margin, f.Height-2*margin
	sortByCentre(codes, f)
	return codes
}

// leastLines is how many pixels the shorter side of a picture has at the least
// for it to be halved once more.
const leastLines = 320

// pyramid reads a picture at full size, at half, a quarter and so on: a
// module larger than some twenty pixels is found only in the smaller ones, and
// what blur, noise or the dots of a display have done to a picture is gone there.
// It begins in the middle, where most codes are read for the least work.
func (s *Scanner) pyramid(full *plane, now time.Time) []Code {
	levels := []*plane{full}
	for p := full; min(p.w, p.h) >= leastLines; {
		half := new(plane)
		half.halve(p)
		levels = append(levels, half)
		p = half
	}
	var codes []Code
	var centres []centre
	for _, k := range order(levels) {
		s.pipe.begin()
		scale := float32(int(1) << k)
		for _, c := range centres {
			s.pipe.centres = append(s.pipe.centres, centre{c.x / scale, c.y / scale, c.size / scale})
		}
		found := s.level(levels[k], now, scaled(codes, 1/float64(scale)))
		codes = append(codes, scaled(found[len(codes):], float64(scale))...)
		for _, c := range s.pipe.centres[len(centres):] {
			centres = append(centres, centre{c.x * scale, c.y * scale, c.size * scale})
		}
	}
	return codes
}

// order lists the levels of a pyramid: the first with at most 1,280 lines, then
// the smaller ones, then the larger.
func order(levels []*plane) []int {
	first := slices.IndexFunc(levels, func(p *plane) bool { return min(p.w, p.h) <= 1280 })
	var out []int
	for k := max(first, 0); k < len(levels); k++ {
		out = append(out, k)
	}
	for k := first - 1; k >= 0; k-- {
		out = append(out, k)
	}
	return out
}

// level reads one level by pass after pass until every finder pattern seen
// belongs to a code.
func (s *Scanner) level(p *plane, now time.Time, codes []Code) []Code {
	for _, ps := range thorough {
		codes = s.pipe.run(p, ps, s.pipe.everywhere(p), codes, now)
		if len(codes) > 0 && s.pipe.explained(codes) {
			break
		}
	}
	return codes
}

// scaled returns codes of a picture as they lie in another, so many times its
// size.
func scaled(codes []Code, by float64) []Code {
	out := slices.Clone(codes)
	for i := range out {
		for k := range out[i].Corners {
			out[i].Corners[k].X *= by
			out[i].Corners[k].Y *= by
		}
	}
	return out
}

// margin is how much white Still puts around a picture: many stored pictures of
// codes end where the code does.
const margin = 16

func framed(f camera.Frame) camera.Frame {
	o := f
	o.Width, o.Height = f.Width+2*margin, f.Height+2*margin
	o.Stride = o.Width
	o.Pix = bytes.Repeat([]byte{255}, o.Stride*o.Height)
	for y := range f.Height {
		copy(o.Pix[(y+margin)*o.Stride+margin:], f.Pix[y*f.Stride:y*f.Stride+f.Width])
	}
	return o
}

// others reads what is no QR code, and QR codes as gozxing does where there is
// none that this package reads.
func (s *Scanner) others(p *plane, now time.Time, codes []Code) []Code {
	if p.w < block || p.h < block {
		return codes
	}
	b := &s.pipe.binary
	b.binarise(p)
	if s.wants(Code128) {
		codes = s.linear.read(&b.bits, now, codes)
	}
	parts := append(b.busy(p, s.pipe.crowds, leastMatrix, loose), crowd{box: box{0, 0, p.w, p.h}})
	for _, c := range parts {
		if slices.ContainsFunc(codes, c.shows) {
			continue
		}
		if s.wants(DataMatrix) {
			codes = library(&b.bits, c.box, DataMatrix, now, codes)
		}
		if s.wants(QR) && len(codes) == 0 {
			codes = library(&b.bits, c.box, QR, now, codes)
		}
	}
	return codes
}

// shows says whether the middle of a code lies in c.
func (c crowd) shows(o Code) bool {
	x, y := int(o.Corners[0].X+o.Corners[2].X)/2, int(o.Corners[0].Y+o.Corners[2].Y)/2
	return c.x0 <= x && x < c.x1 && c.y0 <= y && y < c.y1
}

// leastMatrix is how many blocks full of edges may be a Data Matrix.
const leastMatrix = 12

func whole(f camera.Frame) bool {
	return f.Width > 0 && f.Height > 0 && f.Stride >= f.Width &&
		f.Height <= 1<<15 && f.Width <= 1<<15 &&
		len(f.Pix) >= f.Stride*(f.Height-1)+f.Width
}

func sortByCentre(codes []Code, f camera.Frame) {
	mid := Point{float64(f.Width) / 2, float64(f.Height) / 2}
	far := func(c Code) float64 {
		var x, y float64
		for _, p := range c.Corners {
			x += p.X / 4
			y += p.Y / 4
		}
		return (x-mid.X)*(x-mid.X) + (y-mid.Y)*(y-mid.Y)
	}
	slices.SortStableFunc(codes, func(a, b Code) int {
		switch d := far(a) - far(b); {
		case d < 0:
			return -1
		case d > 0:
			return 1
		}
		return 0
	})
}
