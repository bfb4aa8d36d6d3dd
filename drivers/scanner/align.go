package scanner

import (
	"cmp"
	"math"
	"slices"
)

// grid is where a code's modules lie in the picture.
type grid struct {
	layout   *layout
	h        homography
	inverted bool
	timing   float32  // how well the timing patterns agree, -1 to 1
	marks    []anchor // finder patterns and the alignment patterns found
	bend     []anchor // what is left at the patterns: u, v, and modules in x and y
	todo     []waypoint
}

// waypoint is an alignment pattern to look for.
type waypoint struct {
	u, v float64
	way  float64 // to the nearest place that is known, modules
}

// timingScore compares the timing patterns' modules with what h says they are:
// 1 where dark and light alternate as they should.
func timingScore(p *plane, h *homography, n int, inverted bool) float32 {
	var sum, square, agree float32
	count := 0
	for i := 8; i < n-8; i++ {
		s := float32(1 - 2*(i&1)) // 1 dark
		if inverted {
			s = -s
		}
		for side := range 2 {
			u, v := float64(i)+0.5, 6.5
			if side == 1 {
				u, v = v, u
			}
			x, y := h.at(u, v)
			g := p.at(float32(x), float32(y))
			// Against the mean of its neighbours, so that uneven light falls out.
			x0, y0 := h.at(u-1+float64(side), v-float64(side))
			x1, y1 := h.at(u+1-float64(side), v+float64(side))
			g -= (p.at(float32(x0), float32(y0)) + p.at(float32(x1), float32(y1))) / 2
			agree -= g * s
			sum += g
			square += g * g
			count++
		}
	}
	if count == 0 {
		return 0
	}
	n32 := float32(count)
	variance := square / n32
	if variance < 0.25 {
		return 0
	}
	return agree / n32 / float32(math.Sqrt(float64(variance)))
}

// place finds where the modules of a triple's code lie, if it has the given
// version: first by the finder patterns alone, then alignment pattern by
// alignment pattern, the nearest to what is known first, so that each has to be
// looked for in a few modules only.
func (g *grid) place(p *plane, t *triple, version int) bool {
	g.layout = layoutOf(version)
	g.inverted = t.corner.inverted
	g.marks = t.anchors(g.layout.n, g.marks)
	g.bend = g.bend[:0]
	if !g.h.solve(g.marks) || !g.sane() {
		return false
	}
	g.timing = timingScore(p, &g.h, g.layout.n, g.inverted)
	return true
}

// sane says whether the code is in front of the camera.
func (g *grid) sane() bool {
	n := float64(g.layout.n)
	for _, c := range [4][2]float64{{0, 0}, {n, 0}, {0, n}, {n, n}} {
		if w := (g.h[6]*c[0] + g.h[7]*c[1] + g.h[8]) / g.h[8]; w < 0.15 || w > 6 {
			return false
		}
	}
	return true
}

const (
	// likely is the correlation from which on a place is an alignment pattern.
	likely = 0.55
	// certain is the correlation from which on there is no need to look around.
	certain = 0.75
)

// align looks for the alignment patterns and fits the homography to them.
func (g *grid) align(p *plane) {
	n := float64(g.layout.n)
	known := [][2]float64{{3.5, 3.5}, {n - 3.5, 3.5}, {3.5, n - 3.5}}
	g.todo = g.todo[:0]
	for _, c := range g.layout.aligned {
		w := waypoint{u: float64(c[0]) + 0.5, v: float64(c[1]) + 0.5, way: math.Inf(1)}
		for _, k := range known {
			w.way = min(w.way, math.Hypot(w.u-k[0], w.v-k[1]))
		}
		g.todo = append(g.todo, w)
	}
	finders := len(g.marks)
	for len(g.todo) > 0 {
		next := 0
		for i := range g.todo {
			if g.todo[i].way < g.todo[next].way {
				next = i
			}
		}
		w := g.todo[next]
		g.todo = slices.Delete(g.todo, next, next+1)
		reach := min(max(int(w.way/12), 1), 3)
		a, ok := g.seek(p, w.u, w.v, reach)
		if !ok {
			continue
		}
		g.marks = append(g.marks, a)
		var h homography
		if !h.solve(g.marks) {
			continue
		}
		g.h = h
		for i := range g.todo {
			g.todo[i].way = min(g.todo[i].way, math.Hypot(g.todo[i].u-w.u, g.todo[i].v-w.v))
		}
	}
	if len(g.marks) == finders {
		return
	}
	g.settle(finders)
	g.timing = timingScore(p, &g.h, g.layout.n, g.inverted)
}

// seek looks for the alignment pattern at (u,v) around where it should be, at
// most reach modules away. Mostly it stands there; else a coarse search finds
// where to look.
func (g *grid) seek(p *plane, u, v float64, reach int) (a anchor, ok bool) {
	m := g.h.frame(u, v)
	m.inverted = g.inverted
	if !p.within(m.x, m.y, 1) {
		return a, false
	}
	at := m
	alignmentTemplate.shift(p, &at, 4)
	if at.score >= certain && hypot(at.x-m.x, at.y-m.y) < 0.8*m.size() {
		return at.anchor(u, v), true
	}
	var buf [mostSamples]float32
	best := m
	best.score = -1
	for j := -2 * reach; j <= 2*reach; j++ {
		for i := -2 * reach; i <= 2*reach; i++ {
			c := m
			du, dv := float32(i)/2, float32(j)/2
			c.x += du*m.ux + dv*m.vx
			c.y += du*m.uy + dv*m.vy
			// The nearer the likelier: data modules look like patterns, too.
			s := alignmentCoarse.compare(p, &c, &buf) - 0.03*(abs(du)+abs(dv))
			if s > best.score {
				best = c
				best.score = s
			}
		}
	}
	if best.score < likely-0.15 {
		return a, false
	}
	m = best
	alignmentTemplate.shift(p, &m, 5)
	if m.score < likely || hypot(m.x-best.x, m.y-best.y) > m.size() {
		return a, false
	}
	return m.anchor(u, v), true
}

// anchor is the alignment pattern at (u,v), found where m is.
func (m *mark) anchor(u, v float64) anchor {
	return anchor{u, v, float64(m.x), float64(m.y), float64(4 * m.score * m.score)}
}

// settle fits the homography again without the places that lie far off, and
// keeps what the homography cannot explain: paper is not always flat.
func (g *grid) settle(finders int) {
	for range 2 {
		var off []float64
		for i := finders; i < len(g.marks); i++ {
			x, y := g.h.at(g.marks[i].u, g.marks[i].v)
			off = append(off, math.Hypot(x-g.marks[i].x, y-g.marks[i].y))
		}
		sorted := slices.Clone(off)
		slices.SortFunc(sorted, cmp.Compare)
		n := float64(g.layout.n)
		f := g.h.frame(n/2, n/2)
		limit := max(3*sorted[len(sorted)/2], 0.35*float64(f.size()))
		k := finders
		for i, o := range off {
			if o <= limit {
				g.marks[k] = g.marks[finders+i]
				k++
			}
		}
		dropped := k < len(g.marks)
		g.marks = g.marks[:k]
		var h homography
		if h.solve(g.marks) {
			g.h = h
		}
		if !dropped || k == finders {
			break
		}
	}
	for i, a := range g.marks {
		if i < finders && i%5 != 0 {
			continue
		}
		m := g.h.frame(a.u, a.v)
		dx, dy := a.x-float64(m.x), a.y-float64(m.y)
		det := float64(m.ux*m.vy - m.vx*m.uy)
		g.bend = append(g.bend, anchor{
			a.u, a.v,
			(dx*float64(m.vy) - dy*float64(m.vx)) / det,
			(dy*float64(m.ux) - dx*float64(m.uy)) / det, 1,
		})
	}
}

// shift moves m, its axes kept, to where the template fits best.
func (t *template) shift(p *plane, m *mark, steps int) {
	var buf [mostSamples]float32
	var a, b, c float32
	for i := range t.n {
		s := &t.steep[i]
		a += s[2] * s[2]
		b += s[2] * s[5]
		c += s[5] * s[5]
	}
	det := a*c - b*b
	best := *m
	best.score = -1
	for range steps {
		score := t.compare(p, m, &buf)
		if score > best.score {
			best = *m
			best.score = score
		}
		if score < 0.2 {
			break
		}
		var g, h float32
		for i := range t.n {
			e := buf[i] - t.value[i]*score
			g += e * t.steep[i][2]
			h += e * t.steep[i][5]
		}
		du := (c*g - b*h) / det / score
		dv := (a*h - b*g) / det / score
		m.x -= du*m.ux + dv*m.vx
		m.y -= du*m.uy + dv*m.vy
		if abs(du)+abs(dv) < 0.01 {
			break
		}
	}
	if s := t.compare(p, m, &buf); s > best.score {
		best = *m
		best.score = s
	}
	*m = best
}
