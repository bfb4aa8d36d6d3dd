package scanner

import (
	"math/bits"
	"slices"
)

// candidate is where a finder pattern may be.
type candidate struct {
	x, y     float32 // centre, pixels
	tw, th   float32 // its extent along the row and down the column, pixels
	hits     int     // rows that crossed it
	inverted bool    // light on dark
}

// finder looks for the 1:1:3:1:1 of finder patterns in a bitmap.
type finder struct {
	most    int // candidates that are kept: bounds what a picture full of stripes can cost
	borders int // of a pattern that must be seen: core, gap and ring, or without the ring 2
	edges   []int32
	found   []candidate
	row     int // that is being scanned
	pruned  int // the row at which candidates were pruned last
}

// leastExtent is the extent in pixels under which a pattern cannot be told from
// noise.
const leastExtent = 8

// find scans every step-th row for finder patterns, dark on light and light on
// dark alike, confirms each down its column and gathers those of one pattern.
//
// Ratios are measured from edge to the next edge of the same kind, as zxing-cpp
// does: a threshold that makes black wider makes white narrower, and the sum
// stays. A line through the centre of a square sees 1:1:3:1:1 at whatever angle
// it is tilted or turned.
func (f *finder) find(b *bitmap, step int) []candidate {
	f.found, f.pruned = f.found[:0], -1
	if cap(f.edges) < b.w+1 {
		f.edges = make([]int32, 0, b.w+1)
	}
	for y := step / 2; y < b.h; y += step {
		f.row = y
		e := f.edgesOf(b.row(y), b.w)
		if f.borders == 2 {
			f.cores(b, e, y)
			continue
		}
		for i := 0; len(e) >= 6; i, e = i+1, e[1:] {
			e0, e1, e2, e3, e4, e5 := e[0], e[1], e[2], e[3], e[4], e[5]
			core, total := e3-e2, e5-e0
			// The core is 3 of 7: nearly every place fails here.
			if core*4 < total || core*5 > total*3 || total < leastExtent {
				continue
			}
			if !proportioned(e2-e0, e3-e1, e4-e2, e5-e3) {
				continue
			}
			colour := uint64(1 - i&1)
			f.confirm(b, e2, e3, total, y, colour)
		}
	}
	slices.SortFunc(f.found, func(a, b candidate) int { return b.hits - a.hits })
	return f.found
}

// cores looks in a row for a pattern's core between its gaps alone, 1:3:1: the
// ring may be broken, or run into something dark that stands where the margin
// should be.
func (f *finder) cores(b *bitmap, e []int32, y int) {
	for i := 0; len(e) >= 4; i, e = i+1, e[1:] {
		left, core, right := e[1]-e[0], e[2]-e[1], e[3]-e[2]
		total := left + core + right
		if total*7 < leastExtent*5 || core*20 < total*9 || core*20 > total*15 || 3*left < right || 3*right < left {
			continue
		}
		f.confirm(b, e[1], e[2], total*7/5, y, uint64(i&1))
	}
}

// edgesOf lists where a row changes colour, beginning with its first black
// pixel.
func (f *finder) edgesOf(row []uint64, w int) []int32 {
	e := f.edges[:0]
	var carry uint64
	for i, word := range row {
		change := word ^ (word<<1 | carry)
		carry = word >> 63
		for base := int32(i * 64); change != 0; change &= change - 1 {
			e = append(e, base+int32(bits.TrailingZeros64(change)))
		}
	}
	if carry == 1 && len(e)&1 == 1 && w&63 == 0 {
		e = append(e, int32(w))
	}
	f.edges = e
	return e
}

// ratio says whether the four edge-to-edge distances are those of a finder
// pattern: 2, 4, 4 and 2 modules.
func ratio(a, b, c, d float32) bool {
	m := (a + b + c + d) / 12
	near := 0.45*m + 0.8
	wide := 0.55*m + 0.9
	return abs(a-2*m) <= near && abs(d-2*m) <= near && abs(b-4*m) <= wide && abs(c-4*m) <= wide
}

// proportioned is ratio in whole numbers, scaled by 240.
func proportioned(a, b, c, d int32) bool {
	m := a + b + c + d // 12 modules
	near, wide := 9*m+192, 11*m+216
	return within(240*a-40*m, near) && within(240*d-40*m, near) && within(240*b-80*m, wide) && within(240*c-80*m, wide)
}

func within(x, limit int32) bool { return x <= limit && -x <= limit }

func abs(x float32) float32 {
	if x < 0 {
		return -x
	}
	return x
}

// confirm looks down the column through the middle of the core.
func (f *finder) confirm(b *bitmap, e2, e3, total int32, y int, colour uint64) {
	x := int(e2+e3) / 2
	up, ok := crossing(b, x, y, -1, colour, int(total), f.borders)
	if !ok {
		return
	}
	down, ok := crossing(b, x, y, 1, colour, int(total), f.borders)
	if !ok {
		return
	}
	// Edges as coordinates, with y being the first pixel of the way up.
	t0, t1, t2 := float32(y+1-up[2]), float32(y+1-up[1]), float32(y+1-up[0])
	t3, t4, t5 := float32(y+down[0]), float32(y+down[1]), float32(y+down[2])
	if f.borders == 2 {
		core, whole := t3-t2, t4-t1
		if core < 0.45*whole || core > 0.75*whole || 3*(t2-t1) < t4-t3 || 3*(t4-t3) < t2-t1 {
			return
		}
		t0, t5 = t1-whole/5, t4+whole/5
	} else if !ratio(t2-t0, t3-t1, t4-t2, t5-t3) {
		return
	}
	c := candidate{
		x: float32(e2+e3) / 2, y: (t2 + t3) / 2,
		tw: float32(total), th: t5 - t0,
		hits: 1, inverted: colour == 0,
	}
	if c.th < leastExtent || c.th > 4*c.tw || c.tw > 4*c.th {
		return
	}
	f.gather(c)
}

// crossing walks up or down a column from the core outwards, by steps of one row
// (dy is 1 or -1), and returns how far it is to as many borders: the end of core,
// gap and ring.
func crossing(b *bitmap, x, y, dy int, colour uint64, total, borders int) (at [3]int, ok bool) {
	if uint(x) >= uint(b.w) || uint(y) >= uint(b.h) {
		return at, false
	}
	left := y + 1 // rows up to the border
	if dy > 0 {
		left = b.h - y
	}
	left = min(left, total*3)
	word, step, bit := y*b.per+x>>6, dy*b.per, x&63
	n := 0
	for i := range borders {
		start := n
		for n < left && b.words[word]>>bit&1 == colour {
			n++
			word += step
		}
		if n == start || n == total*3 {
			return at, false
		}
		at[i] = n
		colour ^= 1
	}
	return at, true
}

// gather adds c to the candidate of the same pattern, or to the list. Those found
// last lie nearest.
func (f *finder) gather(c candidate) {
	for i := len(f.found) - 1; i >= max(len(f.found)-lookBack, 0); i-- {
		o := &f.found[i]
		near := (o.tw+o.th)/14 + 0.5
		if dy := c.y - o.y; dy > near || dy < -near {
			continue
		}
		if abs(o.x-c.x) > near || o.inverted != c.inverted || c.tw > 2*o.tw+2 || o.tw > 2*c.tw+2 {
			continue
		}
		n := float32(o.hits)
		o.x, o.y = (o.x*n+c.x)/(n+1), (o.y*n+c.y)/(n+1)
		o.tw, o.th = (o.tw*n+c.tw)/(n+1), (o.th*n+c.th)/(n+1)
		o.hits++
		return
	}
	if len(f.found) == f.most && f.pruned != f.row {
		// What one row alone has crossed is noise. Once a row, so that a picture
		// full of patterns does not cost their square.
		f.pruned = f.row
		f.found = slices.DeleteFunc(f.found, func(o candidate) bool { return o.hits == 1 && o.y+o.th < c.y })
	}
	if len(f.found) < f.most {
		f.found = append(f.found, c)
	}
}

// lookBack is among how many candidates, the last found first, one of the same
// pattern is looked for.
const lookBack = 400
