package scanner

import "math"

// complete looks for the third finder pattern of a code where two were found:
// glare, a thumb or blur may have taken it. Two patterns say where the third
// must be, but for perspective; there a search by the template finds what the
// thresholds have lost. Where nothing answers, the place itself is taken for
// one: the alignment patterns then have to tell.
func (pl *pipeline) complete(p *plane) {
	n := len(pl.marks)
	pairs := 0
	for i := range n {
		for j := range i {
			a, b := pl.marks[i], pl.marks[j]
			if a.inverted != b.inverted || pairs == pl.most.pairs || len(pl.marks) >= pl.most.completed {
				continue
			}
			u, v, ok := between(&a, &b)
			if !ok {
				continue
			}
			pairs++
			// How far the third lies from a along each of its axes.
			switch {
			case math.Abs(v) < 0.2*math.Abs(u):
				l := math.Abs(u)
				pl.third(p, &a, 0, l)
				pl.third(p, &a, 0, -l)
				pl.third(p, &b, b.across(&a), l)
				pl.third(p, &b, b.across(&a), -l)
			case math.Abs(u) < 0.2*math.Abs(v):
				l := math.Abs(v)
				pl.third(p, &a, 1, l)
				pl.third(p, &a, 1, -l)
				pl.third(p, &b, b.across(&a), l)
				pl.third(p, &b, b.across(&a), -l)
			case math.Abs(u) < 1.6*math.Abs(v) && math.Abs(v) < 1.6*math.Abs(u):
				// They lie at opposite corners.
				pl.third(p, &a, 1, u)
				pl.third(p, &a, 0, v)
			}
		}
	}
}

// between is the way from a to b in modules along a's axes, scaled so that
// perspective is the same at both ends.
func between(a, b *mark) (u, v float64, ok bool) {
	det := float64(a.ux*a.vy - a.vx*a.uy)
	other := float64(b.ux*b.vy - b.vx*b.uy)
	if math.Abs(det) < 0.2 || math.Abs(other) < 0.2 || det*other == 0 {
		return 0, 0, false
	}
	scale := math.Sqrt(math.Sqrt(math.Abs(det / other)))
	if scale > 1.8 || scale < 1/1.8 {
		return 0, 0, false
	}
	dx, dy := float64(b.x-a.x), float64(b.y-a.y)
	u = (dx*float64(a.vy) - dy*float64(a.vx)) / det * scale
	v = (dy*float64(a.ux) - dx*float64(a.uy)) / det * scale
	far := math.Max(math.Abs(u), math.Abs(v))
	return u, v, far > 12 && far < 180
}

// across says which of m's axes lies across the way to o: 0 if that way runs
// along u, 1 if along v.
func (m *mark) across(o *mark) int {
	dx, dy := o.x-m.x, o.y-m.y
	det := m.ux*m.vy - m.vx*m.uy
	if abs((dx*m.vy-dy*m.vx)/det) > abs((dy*m.ux-dx*m.uy)/det) {
		return 0
	}
	return 1
}

// third searches along the axis of m that axis lies across (0: along v, 1:
// along u), about so many modules away, and adds what it finds to the marks.
func (pl *pipeline) third(p *plane, m *mark, axis int, modules float64) {
	wx, wy, sx, sy := m.vx, m.vy, m.ux, m.uy
	if axis == 1 {
		wx, wy, sx, sy = m.ux, m.uy, m.vx, m.vy
	}
	place := func(along, aside float32) mark {
		c := *m
		c.x += along*wx + aside*sx
		c.y += along*wy + aside*sy
		return c
	}
	l := float32(modules)
	guess := place(l, 0)
	if !p.within(guess.x, guess.y, 0) {
		return
	}
	for i := range pl.marks {
		if o := &pl.marks[i]; o.inverted == m.inverted && hypot(o.x-guess.x, o.y-guess.y) < 4*o.size() {
			return // it was found
		}
	}
	best := guess
	best.score = -1
	var nearAlong, nearAside float32 // where best is
	try := func(along, aside float32) {
		c := place(l+along, aside)
		if !p.within(c.x, c.y, 0) {
			return
		}
		pl.reader.spent++ // as long as sampling a module
		if s := coarseTemplate.score(p, &c); s > best.score {
			best = c
			best.score = s
			nearAlong, nearAside = along, aside
		}
	}
	// From coarse to fine: half of the core's width still shows where it is.
	const step = 1.5
	reach := abs(l) * 0.22
	for along := -reach; along <= reach; along += step {
		for aside := float32(-3); aside <= 3; aside += step {
			try(along, aside)
		}
	}
	if best.score > 0 {
		along, aside := nearAlong, nearAside
		for _, o := range [8][2]float32{{-1, -1}, {0, -1}, {1, -1}, {-1, 0}, {1, 0}, {-1, 1}, {0, 1}, {1, 1}} {
			try(along+o[0]*step/2, aside+o[1]*step/2)
		}
	}
	if best.score > 0.3 {
		finderTemplate.fit(p, &best, 10)
		if best.score > 0.45 && hypot(best.x-guess.x, best.y-guess.y) < (reach+4)*m.size() {
			pl.names++
			best.name = pl.names
			pl.marks = append(pl.marks, best)
			return
		}
	}
	guess.score = 0
	guess.guess = true
	pl.names++
	guess.name = pl.names
	pl.marks = append(pl.marks, guess)
}
