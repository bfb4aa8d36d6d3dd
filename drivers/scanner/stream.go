package scanner

import (
	"slices"
	"time"

	"chot/drivers/camera"
)

// leaves is how long a code stays unseen before it counts as gone: seen again
// after that, it is a new event.
const leaves = time.Second

// Stream reads a camera's frames one after the other and gives each code once.
// It is for one goroutine.
type Stream struct {
	scanner  *Scanner
	present  []sighting
	evidence evidence
	region   region
	start    time.Time
	limit    time.Duration
	frames   int
	turn     int // in deeper
	codes    []Code
	all      [1]crowd
	parts    parts
}

// sighting is a code in view.
type sighting struct {
	text string
	sym  Symbology
	last time.Time
}

// NewStream returns a Stream.
func NewStream(opts Options) *Stream {
	s := &Stream{scanner: New(opts)}
	s.scanner.pipe.deep = false
	s.scanner.pipe.most, s.scanner.pipe.finder.most = frameLimits, frameLimits.candidates
	s.scanner.pipe.late = func() bool { return s.scanner.opts.Now().Sub(s.start) > s.limit }
	return s
}

// Push looks at the next frame within the budget. It returns the codes that
// came into view, nearest to the centre first: the same code is one event until
// it has left for a second of the frames' time. The hint tells of a code that
// is seen and cannot be read yet.
//
// What a frame's budget does not allow, a later frame gets: the passes take
// turns, and a code read is looked for where it was, which costs a fraction.
func (s *Stream) Push(f camera.Frame) ([]Code, Hint) {
	if !whole(f) {
		return nil, NoHint
	}
	s.start = s.scanner.opts.Now()
	s.limit = s.scanner.opts.budget(f)
	s.frames++
	s.codes = s.codes[:0]
	s.look(f)
	for _, c := range s.codes {
		s.region.see(c.Corners, f.Time)
	}
	hint := NoHint
	if m := &s.scanner.pipe.reader.miss; len(s.codes) == 0 && m.version != 0 {
		hint = m.hint()
	}
	return s.news(f), hint
}

// look fills s.codes with what the frame shows.
func (s *Stream) look(f camera.Frame) {
	p := planeOf(f)
	pl := &s.scanner.pipe
	// A row or two cross the core of a finder pattern of small modules.
	pl.step = min(max(f.Height/120, 2), 5)
	pl.reader.spent, pl.reader.attempts, pl.reader.served = 0, 0, false
	pl.reader.bent = pl.reader.miss.version != 0 && s.frames&1 == 0
	pl.begin()
	if s.scanner.wants(QR) {
		// Where a code was a moment ago; every fourth frame is looked at whole,
		// for others that have come.
		if part, x, y, ok := s.region.of(&p, f.Time); ok && s.frames&3 != 0 {
			pl.reader.allowance = p.w * p.h / pixelsPerModule
			s.codes = pl.run(&part, plain, pl.everywhere(&part), s.codes, f.Time)
			for i := range s.codes {
				for k := range s.codes[i].Corners {
					s.codes[i].Corners[k].X += float64(x)
					s.codes[i].Corners[k].Y += float64(y)
				}
			}
			if len(s.codes) > 0 {
				return
			}
			pl.begin()
		}
		s.passes(&p, f.Time)
		if m := &pl.reader.miss; len(s.codes) == 0 && m.version != 0 {
			if c, ok := s.evidence.add(&pl.reader, m, f.Time); ok {
				s.codes = append(s.codes, c)
			}
		}
	}
	if !s.scanner.wants(QR) {
		pl.binary.binarise(&p)
		s.others(&p, f.Time)
	}
}

// others reads what is no QR code from the plain pass's black and white: Code
// 128 in every frame, Data Matrix in every third where there are edges enough.
func (s *Stream) others(p *plane, now time.Time) {
	b := &s.scanner.pipe.binary
	if b.bits.w != p.w || b.bits.h != p.h {
		return
	}
	if s.scanner.wants(Code128) {
		s.codes = s.scanner.linear.read(&b.bits, now, s.codes)
	}
	if s.scanner.wants(DataMatrix) && len(s.codes) == 0 && s.frames%3 == 1 {
		s.scanner.pipe.crowds = b.busy(p, s.scanner.pipe.crowds, leastMatrix, loose)
		for _, c := range s.scanner.pipe.crowds {
			s.codes = library(&b.bits, c.box, DataMatrix, now, s.codes)
		}
	}
}

// passes runs the plain pass and, where the frame looks as if it held a code, one
// of the deeper ones, two if the first had nothing to read. With fewer than two
// finder patterns in sight, half the resolution has every other frame: that keeps
// an empty scene cheap, and a code that only it shows is read one frame late at
// the most. The other deeper passes have one in four, one in twelve where the
// frame is not even full of edges anywhere.
func (s *Stream) passes(p *plane, now time.Time) {
	pl := &s.scanner.pipe
	work := p.w * p.h / pixelsPerModule
	pl.reader.allowance = work / 2 // what plain finds leaves something to the others
	s.codes = pl.run(p, plain, pl.everywhere(p), s.codes, now)
	s.others(p, now)
	if len(s.codes) > 0 {
		return
	}
	pl.reader.allowance = work
	pl.crowds = pl.binary.busy(p, pl.crowds, p.w*p.h/(block*block*smallCrowd), crowded)
	parts := pl.crowds
	if len(pl.marks) < 2 {
		switch {
		case s.frames&1 == 1:
			s.turn = 0
		case s.frames&3 == 2:
			s.turn = 1 + s.frames>>2&1
		default:
			return
		}
		if len(parts) == 0 {
			if s.turn == 0 || s.frames%12 == 2 {
				s.deepen(p, deeper[s.turn], s.whole(p), now)
			}
			return
		}
	}
	for range 2 {
		if pl.late() || pl.reader.spent > work/2 {
			return
		}
		in := parts
		if deeper[s.turn] == half {
			in = s.whole(p)
		}
		if s.deepen(p, deeper[s.turn], in, now); len(s.codes) > 0 {
			// What has read this scene's code is the first to try next.
			return
		}
		s.turn = (s.turn + 1) % len(deeper)
		if pl.reader.attempts > 0 || len(pl.marks) < 2 && len(pl.crowds) == 0 {
			return
		}
	}
}

// deepen runs a pass after the plain one, and then a search for third patterns.
func (s *Stream) deepen(p *plane, ps pass, parts []crowd, now time.Time) {
	pl := &s.scanner.pipe
	s.codes = pl.run(p, ps, parts, s.codes, now)
	if len(s.codes) == 0 && len(pl.marks) > 1 {
		s.codes = pl.run(p, third, nil, s.codes, now)
	}
}

// deeper is the passes that take turns after the plain one. Half the resolution
// costs least and shows most of what blur and noise hide.
var deeper = [...]pass{half, local, smoothed}

// pixelsPerModule is how many pixels a frame has for each module's worth of work:
// at 640×480, enough for the plain pass, a deeper one and a code of version 8.
// The first triple of a frame has what it needs, so larger codes are read, too.
const pixelsPerModule = 30

// whole is the whole picture as the only part, beside the crowds.
func (s *Stream) whole(p *plane) []crowd {
	s.all[0] = crowd{box: box{0, 0, p.w, p.h}}
	return s.all[:]
}

// news are the codes of s.codes that were not in view before.
func (s *Stream) news(f camera.Frame) []Code {
	var fresh []Code
	for _, c := range s.codes {
		c, whole := s.parts.join(c, f.Time)
		if !whole {
			continue
		}
		i := slices.IndexFunc(s.present, func(o sighting) bool { return o.text == c.Text && o.sym == c.Symbology })
		if i < 0 {
			s.present = append(s.present, sighting{c.Text, c.Symbology, f.Time})
			fresh = append(fresh, c)
			continue
		}
		if f.Time.Sub(s.present[i].last) >= leaves {
			fresh = append(fresh, c)
		}
		s.present[i].last = f.Time
	}
	s.present = slices.DeleteFunc(s.present, func(o sighting) bool { return f.Time.Sub(o.last) >= leaves })
	sortByCentre(fresh, f)
	return fresh
}
