package scanner

import (
	"cmp"
	"slices"
	"time"

	"github.com/makiuchi-d/gozxing/common"
)

// pass is one way of turning a picture into black and white for finding.
type pass int

const (
	plain    pass = iota // as it is
	half                 // at half the resolution: noise, large modules
	smoothed             // filtered: noise
	local                // against the mean close by: blur
	passes
)

var passNames = [passes]string{"plain", "half", "smoothed", "local"}

// pipeline holds the stages' working memory.
type pipeline struct {
	binary  binariser
	finder  finder
	reduced plane // half or smoothed
	marks   []mark
	triples []triple
	vers    []int
	grid    grid
	warp    warp
	deep    bool // no budget: also try what costs milliseconds
	field   field
	eq      equaliser
	msg     message
	out     []float32
}

// decoded is a QR code that was read.
type decoded struct {
	result  *common.DecoderResult
	reading reading
	corners [4]Point
	how     string
}

// run looks for codes in p by one pass, in every step-th row.
func (pl *pipeline) run(p *plane, ps pass, step int) {
	scale := float32(1)
	q := p
	switch ps {
	case half:
		pl.reduced.halve(p)
		q = &pl.reduced
		scale, step = 2, 1
	case smoothed, local:
		pl.reduced.smooth(p)
		q = &pl.reduced
	}
	if q.w < block || q.h < block {
		return
	}
	if ps == local {
		pl.binary.against(q, 4)
	} else {
		pl.binary.binarise(q)
	}
	for _, c := range pl.finder.find(&pl.binary.bits, step) {
		m, ok := trace(&pl.binary.bits, c)
		if !ok {
			continue
		}
		m.x, m.y = m.x*scale, m.y*scale
		m.ux, m.uy, m.vx, m.vy = m.ux*scale, m.uy*scale, m.vx*scale, m.vy*scale
		pl.add(p, m)
	}
	slices.SortFunc(pl.marks, func(a, b mark) int { return cmp.Compare(b.score, a.score) })
	if len(pl.marks) > 24 {
		pl.marks = pl.marks[:24]
	}
}

// add fits a mark and keeps it if it is a finder pattern.
func (pl *pipeline) add(p *plane, m mark) {
	for i := range pl.marks {
		o := &pl.marks[i]
		if o.inverted == m.inverted && hypot(o.x-m.x, o.y-m.y) < 0.7*o.size() {
			return
		}
	}
	finderTemplate.fit(p, &m, 8)
	if m.score < 0.55 || m.size() < 0.8 || !p.within(m.x, m.y, 0) {
		return
	}
	for i := range pl.marks {
		o := &pl.marks[i]
		if o.inverted == m.inverted && hypot(o.x-m.x, o.y-m.y) < 1.5*o.size() {
			if m.score > o.score {
				*o = m
			}
			return
		}
	}
	pl.marks = append(pl.marks, m)
}

// read tries a triple.
func (pl *pipeline) read(p *plane, t *triple) (decoded, bool) {
	pl.vers = t.versions(pl.vers)
	type option struct {
		version int
		timing  float32
	}
	var opts []option
	for _, v := range pl.vers {
		if pl.grid.place(p, t, v) {
			opts = append(opts, option{v, pl.grid.timing})
		}
	}
	slices.SortStableFunc(opts, func(a, b option) int { return cmp.Compare(b.timing, a.timing) })
	for i, o := range opts {
		if i >= 2 || o.timing < 0.15 {
			break
		}
		pl.grid.place(p, t, o.version)
		pl.grid.align(p)
		if d, ok := pl.attempt(p, nil); ok {
			return d, true
		}
		if len(pl.grid.bend) > 4 {
			pl.warp.follow(&pl.grid)
			if d, ok := pl.attempt(p, &pl.warp); ok {
				d.how = "bent-" + d.how
				return d, true
			}
		}
		if pl.deep {
			pl.warp.follow(&pl.grid)
			pl.warp.relax(p, &pl.grid)
			if d, ok := pl.attempt(p, &pl.warp); ok {
				d.how = "relaxed-" + d.how
				return d, true
			}
		}
	}
	return decoded{}, false
}

// attempt samples the placed grid and decodes it.
func (pl *pipeline) attempt(p *plane, w *warp) (decoded, bool) {
	l := pl.grid.layout
	f := &pl.field
	f.sample(p, &pl.grid, w)
	f.threshold()
	n := l.n
	pl.out = slices.Grow(pl.out[:0], n*n)[:n*n]
	done := func(how string, soft []float32) (decoded, bool) {
		r, rd, ok := pl.msg.decode(l, soft)
		if !ok {
			return decoded{}, false
		}
		d := decoded{result: r, reading: rd, how: how}
		for i, c := range [4][2]float64{{0, 0}, {float64(n), 0}, {float64(n), float64(n)}, {0, float64(n)}} {
			d.corners[i].X, d.corners[i].Y = pl.grid.h.at(c[0], c[1])
		}
		return d, true
	}
	if !pl.eq.known(l, f.soft, pl.out, false) {
		return done("raw", f.soft)
	}
	if d, ok := done("known", pl.out); ok {
		return d, true
	}
	copy(f.work, pl.out)
	if pl.eq.again(l, f.soft, f.work, pl.out, nearTaps, 0.5) {
		if d, ok := done("again", pl.out); ok {
			return d, true
		}
		copy(f.work, pl.out)
		if pl.eq.again(l, f.soft, f.work, pl.out, farTaps, 0.4) {
			if d, ok := done("far", pl.out); ok {
				return d, true
			}
		}
	}
	return done("raw", f.soft)
}

// all reads every code in p by every pass.
func (pl *pipeline) all(p *plane, now time.Time) []Code {
	var codes []Code
	pl.marks = pl.marks[:0]
	for ps := range passes {
		pl.run(p, ps, 1)
		codes = pl.each(p, codes, now, passNames[ps])
	}
	if len(codes) == 0 {
		pl.complete(p)
		codes = pl.each(p, codes, now, "third")
	}
	return codes
}

// each tries the triples that do not lie in a code that has been read.
func (pl *pipeline) each(p *plane, codes []Code, now time.Time, pass string) []Code {
	pl.triples = triples(pl.marks, pl.triples)
	for i := range pl.triples {
		t := &pl.triples[i]
		if covered(codes, t) {
			continue
		}
		if d, ok := pl.read(p, t); ok {
			codes = append(codes, d.code(now, pass))
		}
	}
	return codes
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

func (d *decoded) code(now time.Time, pass string) Code {
	c := Code{
		Text: d.result.GetText(), Bytes: segments(d.result), Symbology: QR,
		Corners: d.corners, Time: now, Pass: pass + "/" + d.how,
	}
	if d.reading.mirror {
		// The picture shows the code's columns as rows.
		c.Corners[1], c.Corners[3] = c.Corners[3], c.Corners[1]
	}
	return c
}
