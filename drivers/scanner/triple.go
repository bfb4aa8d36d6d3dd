package scanner

import (
	"cmp"
	"math"
	"slices"
)

// triple is three finder patterns that may belong to one code: the one at the
// corner, then the ones along the rows and down the columns as seen in the
// picture, clockwise.
type triple struct {
	corner, right, down mark
	modules             float64 // between the centres, from the patterns' own sizes
	score               float32 // the better the likelier
}

// triples lists which marks may form a code, the likeliest first.
//
// Under perspective a straight line stays one: seen from one pattern's own axes,
// the other two lie along them. And along a line the modules between two
// patterns are their distance over the geometric mean of the module sizes at
// both ends, exactly, however steep the tilt. Both sides must count the same.
func triples(marks []mark, out []triple, most int) []triple {
	out = out[:0]
	var ways []way
	for i := range marks {
		t := &marks[i]
		ways = t.ways(marks, i, ways[:0])
		for _, right := range ways {
			j := &marks[right.to]
			for _, down := range ways {
				k := &marks[down.to]
				if right.to == down.to || down.alongU == right.alongU ||
					t.guess && (j.guess || k.guess) || j.guess && k.guess {
					continue
				}
				// Clockwise: from the right neighbour to the lower one.
				ax, ay := j.x-t.x, j.y-t.y
				bx, by := k.x-t.x, k.y-t.y
				if ax*by-ay*bx <= 0 {
					continue
				}
				differ := math.Abs(math.Log(right.modules / down.modules))
				if differ > 0.35 {
					continue
				}
				out = append(out, triple{
					corner: *t, right: *j, down: *k,
					modules: math.Sqrt(right.modules * down.modules),
					score: t.score + j.score + k.score - right.passed - down.passed -
						float32(3*differ+4*(right.skew+down.skew)),
				})
			}
		}
	}
	slices.SortFunc(out, func(a, b triple) int { return cmp.Compare(b.score, a.score) })
	if len(out) > most {
		out = out[:most]
	}
	return out
}

// way is where another finder pattern lies from one.
type way struct {
	line
	to     int     // which
	far    float32 // pixels
	passed float32 // what the patterns on the way there count against it
}

// many is how many finder patterns show that a picture is full of codes: there a
// pattern that lies between two of a code belongs to another.
const many = 24

// ways lists the marks that lie along one of mark i's axes, in a picture full of
// codes only the nearest each way.
func (m *mark) ways(marks []mark, i int, out []way) []way {
	for k := range marks {
		if k == i || marks[k].inverted != m.inverted {
			continue
		}
		if l, ok := lineUp(m, &marks[k]); ok {
			out = append(out, way{line: l, to: k, far: hypot(marks[k].x-m.x, marks[k].y-m.y)})
		}
	}
	if len(marks) <= many {
		return out
	}
	slices.SortFunc(out, func(a, b way) int { return cmp.Compare(a.far, b.far) })
	var passed [4]int
	kept := out[:0]
	for _, w := range out {
		side := 0
		if dx, dy := marks[w.to].x-m.x, marks[w.to].y-m.y; w.alongU && dx*m.ux+dy*m.uy < 0 || !w.alongU && dx*m.vx+dy*m.vy < 0 {
			side = 1
		}
		if w.alongU {
			side += 2
		}
		if passed[side] < nearest {
			w.passed = 0.4 * float32(passed[side])
			kept = append(kept, w)
		}
		passed[side]++
	}
	return kept
}

// nearest is how many patterns each way are worth combining in a picture full of
// codes.
const nearest = 5

// line is how one finder pattern lies from another.
type line struct {
	alongU  bool    // along the first pattern's u axis, else along v
	modules float64 // between the centres
	skew    float64 // off the axis, as a tangent, the worse of both ends
}

func lineUp(a, b *mark) (l line, ok bool) {
	dx, dy := float64(b.x-a.x), float64(b.y-a.y)
	na, skewA, alongU, ok := along(a, dx, dy)
	if !ok {
		return l, false
	}
	nb, skewB, _, ok := along(b, dx, dy)
	if !ok {
		return l, false
	}
	n := math.Sqrt(na * nb)
	// Versions 1 to 40 have 14 to 170 modules between the centres.
	if n < 11 || n > 200 || na > 3.2*nb || nb > 3.2*na {
		return l, false
	}
	return line{alongU, n, max(skewA, skewB)}, true
}

// along measures a way in a mark's modules: how many along the axis that it
// follows, and how far off it.
func along(m *mark, dx, dy float64) (modules, skew float64, alongU, ok bool) {
	ux, uy, vx, vy := float64(m.ux), float64(m.uy), float64(m.vx), float64(m.vy)
	det := ux*vy - vx*uy
	if math.Abs(det) < 0.2 {
		return 0, 0, false, false
	}
	u := math.Abs((dx*vy - dy*vx) / det)
	v := math.Abs((dy*ux - dx*uy) / det)
	if u < v {
		u, v = v, u
		alongU = false
	} else {
		alongU = true
	}
	skew = v / u
	return u, skew, alongU, skew < 0.2
}

// versions lists the versions that a triple may have, the likeliest first.
func (t *triple) versions(out []int) []int {
	exact := (t.modules + 7 - 17) / 4
	v := int(math.Round(exact))
	step := 1
	if exact < float64(v) {
		step = -1
	}
	// Patterns are measured to a few hundredths; a large code may be some
	// versions off.
	reach := 1 + v/8
	out = append(out[:0], v)
	for k := 1; k <= reach; k++ {
		out = append(out, v+k*step, v-k*step)
	}
	return slices.DeleteFunc(out, func(v int) bool { return v < leastVersion || v > mostVersion })
}

// anchors places four points of each finder pattern of a code with n modules a
// side, and the centres with more weight.
func (t *triple) anchors(n int, out []anchor) []anchor {
	out = out[:0]
	far := float64(n) - 3.5
	out = t.corner.anchors(3.5, 3.5, t, out)
	out = t.right.anchors(far, 3.5, t, out)
	return t.down.anchors(3.5, far, t, out)
}

// anchors turns the mark's axes to those of the code.
func (m *mark) anchors(u, v float64, t *triple, out []anchor) []anchor {
	rx, ry := t.right.x-t.corner.x, t.right.y-t.corner.y
	// Which of ±u, ±v points right in the code, seen from this mark.
	det := m.ux*m.vy - m.vx*m.uy
	a := (rx*m.vy - ry*m.vx) / det
	b := (ry*m.ux - rx*m.uy) / det
	dx, dy := t.down.x-t.corner.x, t.down.y-t.corner.y
	c := (dx*m.vy - dy*m.vx) / det
	d := (dy*m.ux - dx*m.uy) / det
	sign := func(x float32) float32 {
		if x < 0 {
			return -1
		}
		return 1
	}
	var ux, uy, vx, vy float32
	if abs(a)+abs(d) > abs(b)+abs(c) {
		sa, sd := sign(a), sign(d)
		ux, uy, vx, vy = sa*m.ux, sa*m.uy, sd*m.vx, sd*m.vy
	} else {
		sb, sc := sign(b), sign(c)
		ux, uy, vx, vy = sb*m.vx, sb*m.vy, sc*m.ux, sc*m.uy
	}
	weight := 1.0
	if m.guess {
		weight = 0.002
	}
	out = append(out, anchor{u, v, float64(m.x), float64(m.y), 4 * weight})
	for _, q := range [4][2]float32{{-3, -3}, {3, -3}, {-3, 3}, {3, 3}} {
		out = append(out, anchor{
			u + float64(q[0]), v + float64(q[1]),
			float64(m.x + q[0]*ux + q[1]*vx), float64(m.y + q[0]*uy + q[1]*vy), weight,
		})
	}
	return out
}
