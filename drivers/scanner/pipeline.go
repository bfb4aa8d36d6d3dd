package scanner

import (
	"cmp"
	"slices"
	"time"
)

// pass is one way of turning a picture into black and white for finding.
type pass int

const (
	plain    pass = iota // as it is
	half                 // at half the resolution: noise, blur, large modules
	third                // the third pattern, where two were found
	local                // against the mean close by: blur
	smoothed             // filtered: noise
	cores                // finder patterns without their ring: broken, or no margin
	passes
)

var passNames = [passes]string{"plain", "half", "third", "local", "smoothed", "cores"}

// pixelsPerWork is how many pixels a pass looks through while the reader samples
// one module.
var pixelsPerWork = [passes]int{plain: 80, half: 150, local: 70, smoothed: 80, cores: 80}

// thorough is the passes over a picture with no one waiting.
var thorough = []pass{plain, half, third, local, smoothed, third, cores}

// pipeline holds the stages' working memory and what a picture has given.
type pipeline struct {
	late func() bool // whether the picture's time is up
	step int         // rows from one scanned row to the next
	deep bool        // also try what costs milliseconds a code
	most limits

	binary  binariser
	finder  finder
	reduced plane   // half or smoothed
	crowds  []crowd // where a code may be
	marks   []mark
	names   int      // given to marks so far
	centres []centre // of the finder patterns of codes read
	triples []triple
	tried   [][3]int
	cursor  [passes]int // the triple of a pass that is next, where work ran out
	reader  reader
}

// everywhere is the whole picture as the only part.
func (pl *pipeline) everywhere(p *plane) []crowd {
	pl.crowds = append(pl.crowds[:0], crowd{box: box{0, 0, p.w, p.h}})
	return pl.crowds
}

// begin forgets the picture before.
func (pl *pipeline) begin() {
	pl.marks = pl.marks[:0]
	pl.tried = pl.tried[:0]
	pl.centres = pl.centres[:0]
	pl.names = 0
	pl.reader.begin()
}

// run looks for finder patterns by one pass in parts of a picture and reads the
// codes that they form, but those that lie in a code already read.
func (pl *pipeline) run(p *plane, ps pass, parts []crowd, codes []Code, now time.Time) []Code {
	if ps == third {
		pl.complete(p)
	} else {
		for _, c := range parts {
			pl.find(p, ps, c.box)
			pl.reader.spent += (c.x1 - c.x0) * (c.y1 - c.y0) / pixelsPerWork[ps]
		}
	}
	pl.triples = triples(pl.marks, pl.triples, pl.most.triples)
	// A picture that went over its work leaves the rest of its triples to the
	// next, which begins with them.
	n, begin, failed := len(pl.triples), pl.cursor[ps], 0
	pl.cursor[ps] = 0
	for i := range n {
		k := (begin + i) % n
		t := &pl.triples[k]
		// A still picture may show a code within a code, but no finder pattern
		// serves two.
		if !pl.deep && covered(codes, t) || pl.deep && pl.taken(t) || pl.again(t) {
			continue
		}
		if pl.late() {
			pl.cursor[ps] = k
			break
		}
		d, outcome := pl.reader.read(p, t, pl.deep, pl.late)
		if outcome == postponed {
			pl.cursor[ps] = k
			break
		}
		if outcome != success {
			if failed++; failed > pl.most.failures+2*len(codes) {
				break
			}
			continue
		}
		pl.centres = append(pl.centres, d.centres[:]...)
		if c := d.code(now, passNames[ps]); !slices.ContainsFunc(codes, c.same) {
			codes = append(codes, c)
		}
	}
	return codes
}

// centre is where a code that was read has a finder pattern.
type centre struct{ x, y, size float32 } // pixels; of a module

// taken says whether one of a triple's patterns belongs to a code already read.
func (pl *pipeline) taken(t *triple) bool {
	for _, m := range [3]*mark{&t.corner, &t.right, &t.down} {
		for _, c := range pl.centres {
			if hypot(m.x-c.x, m.y-c.y) < 2*c.size && m.size() < 1.5*c.size && c.size < 1.5*m.size() {
				return true
			}
		}
	}
	return false
}

// again says whether a triple has been tried, and remembers it.
func (pl *pipeline) again(t *triple) bool {
	key := [3]int{t.corner.name, t.right.name, t.down.name}
	if slices.Contains(pl.tried, key) {
		return true
	}
	pl.tried = append(pl.tried, key)
	return false
}

// find looks for finder patterns in a part of p.
func (pl *pipeline) find(p *plane, ps pass, b box) {
	scale, step := float32(1), pl.step
	part := p.crop(b.x0, b.y0, b.x1-b.x0, b.y1-b.y0)
	q := &part
	switch ps {
	case half:
		pl.reduced.halve(&part)
		q = &pl.reduced
		scale, step = 2, max(step-1, 1)
	case smoothed, local:
		pl.reduced.smooth(&part)
		q = &pl.reduced
	}
	if q.w < block || q.h < block {
		return
	}
	if ps == local {
		pl.binary.against(q)
	} else {
		pl.binary.binarise(q)
	}
	least := float32(0.55)
	pl.finder.borders = 3
	if ps == cores {
		pl.finder.borders, least = 2, 0.35
	}
	found := pl.finder.find(&pl.binary.bits, step)
	for i, c := range found[:min(len(found), pl.most.traced)] {
		if i&7 == 7 && pl.late() {
			break
		}
		m, ok := trace(&pl.binary.bits, c, pl.finder.borders)
		if !ok {
			continue
		}
		m.x, m.y = m.x*scale+float32(b.x0), m.y*scale+float32(b.y0)
		m.ux, m.uy, m.vx, m.vy = m.ux*scale, m.uy*scale, m.vx*scale, m.vy*scale
		pl.add(p, m, least)
	}
	slices.SortFunc(pl.marks, func(a, b mark) int { return cmp.Compare(b.score, a.score) })
	if len(pl.marks) > pl.most.marks {
		pl.marks = pl.marks[:pl.most.marks]
	}
}

// limits bound what a picture may cost, whatever it shows.
type limits struct {
	candidates int // places where rows cross what may be a finder pattern
	traced     int // of these, how many are worth a closer look, those first that most rows have crossed
	marks      int // finder patterns that are worth combining
	triples    int // triples of them that are worth sampling
	pairs      int // pairs of them that are worth completing
	completed  int // finder patterns, those of completed pairs among them
	failures   int // triples that are sampled in vain, besides two for each code read
}

var (
	// frameLimits are for a camera's frames, which show a code or two.
	frameLimits = limits{candidates: 256, traced: 96, marks: 24, triples: 12, pairs: 8, completed: 40, failures: 12}
	// stillLimits are for stored pictures, which may show hundreds of codes.
	stillLimits = limits{candidates: 6000, traced: 4000, marks: 1500, triples: 3000, pairs: 24, completed: 1600, failures: 24}
)

// add fits a mark and keeps it if it is a finder pattern: if it correlates so
// much with the ideal one.
func (pl *pipeline) add(p *plane, m mark, least float32) {
	for i := range pl.marks {
		if o := &pl.marks[i]; o.near(&m, 0.7) {
			return
		}
	}
	if coarseTemplate.score(p, &m) < 0.25 {
		return
	}
	finderTemplate.fit(p, &m, 8)
	if m.score < least || m.size() < 0.8 || !p.within(m.x, m.y, 0) {
		return
	}
	pl.names++
	m.name = pl.names
	for i := range pl.marks {
		if o := &pl.marks[i]; o.near(&m, 1.5) {
			if m.score > o.score+0.02 {
				*o = m
			}
			return
		}
	}
	pl.marks = append(pl.marks, m)
}

// near says whether m lies within so many modules of o.
func (o *mark) near(m *mark, modules float32) bool {
	return o.inverted == m.inverted && !o.guess && hypot(o.x-m.x, o.y-m.y) < modules*o.size()
}

// same says whether o is the same code at about the same place.
func (c *Code) same(o Code) bool {
	return o.Text == c.Text && inside(o.Corners, (c.Corners[0].X+c.Corners[2].X)/2, (c.Corners[0].Y+c.Corners[2].Y)/2)
}

// covered says whether a triple lies in a code that has been read.
func covered(codes []Code, t *triple) bool {
	for _, c := range codes {
		for _, m := range [3]*mark{&t.corner, &t.right, &t.down} {
			if inside(c.Corners, float64(m.x), float64(m.y)) {
				return true
			}
		}
	}
	return false
}

// explained says whether all finder patterns found belong to codes that have
// been read, so that there is nothing left to look for.
func (pl *pipeline) explained(codes []Code) bool {
	for i := range pl.marks {
		m := &pl.marks[i]
		if !m.guess && m.score >= 0.7 && !slices.ContainsFunc(codes, func(c Code) bool {
			return inside(c.Corners, float64(m.x), float64(m.y))
		}) {
			return false
		}
	}
	return true
}

// inside says whether a point lies in a convex quadrangle.
func inside(q [4]Point, x, y float64) bool {
	var left, right bool
	for i, a := range q {
		b := q[(i+1)%4]
		if side := (b.X-a.X)*(y-a.Y) - (b.Y-a.Y)*(x-a.X); side > 0 {
			left = true
		} else if side < 0 {
			right = true
		}
	}
	return left != right
}
