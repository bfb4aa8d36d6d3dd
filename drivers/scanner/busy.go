package scanner

import (
	"cmp"
	"math/bits"
	"slices"
)

// box is a part of a picture, in pixels, x1 and y1 exclusive.
type box struct{ x0, y0, x1, y1 int }

// crowd is an area of blocks that are full of edges.
type crowd struct {
	box
	blocks int
}

const (
	mostCrowds = 3
	// smallCrowd is the part of a picture's blocks that must be full of edges,
	// with nothing else two blocks around, in an area that may hold a code: one in
	// so many. A code of a quarter of the picture's height has twice that.
	smallCrowd = 70
	crowded    = 24 // of the 25 blocks around
	loose      = 9  // the same where modules may be as large as blocks
)

// busy lists the largest areas of the picture that may hold a code, after
// binarise: dark and light change often, in both directions about as often. Most
// scenes have few or none, and the deeper passes need not look elsewhere.
func (b *binariser) busy(p *plane, out []crowd, least int, full int32) []crowd {
	out = out[:0]
	cols, rows := (p.w+block-1)/block, (p.h+block-1)/block
	b.full = slices.Grow(b.full[:0], cols*rows)[:cols*rows]
	clear(b.full)
	for by := 2; by < rows-2; by++ {
		for bx := 2; bx < cols-2; bx++ {
			var n int32
			for y := by - 2; y <= by+2; y++ {
				n += b.num[y*cols+bx]
			}
			b.full[by*cols+bx] = n >= full
		}
	}
	for i, full := range b.full {
		if !full {
			continue
		}
		c := b.flood(i, cols)
		if c.blocks < least {
			continue
		}
		const around = 5
		c.box = box{
			max(c.x0-around, 0) * block, max(c.y0-around, 0) * block,
			min((c.x1+around)*block, p.w), min((c.y1+around)*block, p.h),
		}
		if b.bits.changes(c.box) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b crowd) int { return cmp.Compare(b.blocks, a.blocks) })
	return out[:min(len(out), mostCrowds)]
}

// flood gathers the full blocks connected to block i and takes them away.
func (b *binariser) flood(i, cols int) crowd {
	c := crowd{box: box{cols, len(b.full), 0, 0}}
	b.stack = append(b.stack[:0], int32(i))
	b.full[i] = false
	for len(b.stack) > 0 {
		k := int(b.stack[len(b.stack)-1])
		b.stack = b.stack[:len(b.stack)-1]
		x, y := k%cols, k/cols
		c.x0, c.y0, c.x1, c.y1 = min(c.x0, x), min(c.y0, y), max(c.x1, x+1), max(c.y1, y+1)
		c.blocks++
		// No block at the border is full, so all have four neighbours.
		for _, o := range [4]int{k - 1, k + 1, k - cols, k + cols} {
			if b.full[o] {
				b.full[o] = false
				b.stack = append(b.stack, int32(o))
			}
		}
	}
	return c
}

// changes says whether dark and light change along the rows about as often as
// down the columns. Lines of text, blinds and bar codes differ there.
func (b *bitmap) changes(r box) bool {
	along, down := 0, 0
	for y := r.y0 + 1; y < r.y1; y += 3 { // three, so that it meets edges at even rows and at odd
		row, above := b.row(y), b.row(y-1)
		for w := r.x0 >> 6; w <= (r.x1-1)>>6; w++ {
			along += bits.OnesCount64(row[w] ^ row[w]>>1)
			down += bits.OnesCount64(row[w] ^ above[w])
		}
	}
	return 3*along < 5*down && 3*down < 5*along
}
