package scanner

import (
	"encoding/binary"
	"slices"
)

// bitmap is a picture in black (1) and white (0), a row of whole words after
// the other, the leftmost pixel in the lowest bit.
type bitmap struct {
	words []uint64
	w, h  int
	per   int // words a row
}

func (b *bitmap) row(y int) []uint64 { return b.words[y*b.per : (y+1)*b.per] }

// get is 1 where the pixel is black, 0 where it is white or not in the picture.
func (b *bitmap) get(x, y int) uint64 {
	if uint(x) >= uint(b.w) || uint(y) >= uint(b.h) {
		return 0
	}
	return b.words[y*b.per+x>>6] >> (x & 63) & 1
}

const (
	block = 8 // pixels a side of the squares that share a threshold
	// A square whose range of grey levels is no wider than that of the noise
	// says nothing about black and white and leaves the threshold to the squares
	// around it. The noise is what the flattest squares show, within bounds.
	leastFlat, mostFlat = 12, 60
)

// binariser turns a grey picture into black and white by local thresholds.
type binariser struct {
	bits   bitmap
	mid    []int32 // of each block: (min+max)/2, 0 where flat
	rng    []uint8 // of each block: (max-min)/2
	sum    []int32 // of three or five blocks in a row
	num    []int32
	level  []uint8 // the threshold of each block
	column []lanes // sums down the columns
	full   []bool  // blocks amid edges
	stack  []int32
	slide  []int32
}

const (
	high = 0x8080808080808080 // the top bit of every byte
	ones = 0x0101010101010101
)

// swarMinMax sorts eight pairs of seven-bit numbers.
func swarMinMax(a, b uint64) (lo, hi uint64) {
	m := ((a | high) - b) & high // top bit where a >= b
	m -= m >> 7                  // 0x7f there
	return b&m | a&^m, a&m | b&^m
}

// binarise fills b.bits from p, which is at least one block wide and high.
//
// The threshold of a square of 8×8 pixels is the mean of (min+max)/2 over those
// of the 5×5 squares around it that are not flat: flat squares would pull it
// towards the paper, which is what ZXing's hybrid binariser suffers from at low
// contrast. Eight pixels are compared at a time.
func (b *binariser) binarise(p *plane) {
	cols, rows := (p.w+block-1)/block, (p.h+block-1)/block
	b.reserve(p, cols, rows)
	b.levels(p, cols, rows)
	b.spread(cols, rows)
	b.compare(p, cols)
}

func (b *binariser) reserve(p *plane, cols, rows int) {
	n := cols * rows
	if cap(b.mid) < n {
		b.mid, b.sum, b.num = make([]int32, n), make([]int32, n), make([]int32, n)
		b.level, b.rng = make([]uint8, n), make([]uint8, n)
	}
	b.rng = b.rng[:n]
	b.mid, b.sum, b.num, b.level = b.mid[:n], b.sum[:n], b.num[:n], b.level[:n]
	b.bits.w, b.bits.h, b.bits.per = p.w, p.h, (p.w+63)/64
	if words := b.bits.per * p.h; cap(b.bits.words) < words {
		b.bits.words = make([]uint64, words)
	} else {
		b.bits.words = b.bits.words[:words]
	}
}

// levels finds each block's (min+max)/2. Blocks at the right and lower border
// overlap their neighbours instead of being smaller.
func (b *binariser) levels(p *plane, cols, rows int) {
	for by := range rows {
		y0 := min(by*block, p.h-block)
		for bx := range cols {
			at := y0*p.stride + min(bx*block, p.w-block)
			lo, hi := uint64(0x7f7f7f7f7f7f7f7f), uint64(0)
			// Every other row says nearly as much as all.
			for range block / 4 {
				q := p.pix[at : at+2*p.stride+8]
				v := binary.LittleEndian.Uint64(q) >> 1 & 0x7f7f7f7f7f7f7f7f
				u := binary.LittleEndian.Uint64(q[2*p.stride:]) >> 1 & 0x7f7f7f7f7f7f7f7f
				small, large := swarMinMax(v, u)
				lo, _ = swarMinMax(lo, small)
				_, hi = swarMinMax(hi, large)
				at += 4 * p.stride
			}
			for shift := 32; shift >= 8; shift /= 2 {
				lo, _ = swarMinMax(lo, lo>>shift|high>>1&^(1<<(64-shift)-1))
				_, hi = swarMinMax(hi, hi>>shift)
			}
			b.mid[by*cols+bx] = int32(lo&0x7f + hi&0x7f)
			b.rng[by*cols+bx] = uint8(hi&0x7f - lo&0x7f)
		}
	}
	flat := b.flat()
	for i, r := range b.rng {
		if r < flat {
			b.mid[i] = 0
		}
	}
}

// flat is half the range of grey levels that counts as noise: a little more
// than that of the flattest fifth of the squares.
func (b *binariser) flat() uint8 {
	var histogram [128]int
	for _, r := range b.rng {
		histogram[r]++
	}
	n := 0
	for r, c := range histogram {
		if n += c; n > len(b.rng)/5 {
			return uint8(min(max(r*4/3+1, leastFlat/2), mostFlat/2))
		}
	}
	return leastFlat / 2
}

// spread averages over 5×5 blocks, first along the rows, then down the columns.
func (b *binariser) spread(cols, rows int) {
	for by := range rows {
		mid := b.mid[by*cols : (by+1)*cols]
		sum, num := b.sum[by*cols:(by+1)*cols], b.num[by*cols:(by+1)*cols]
		var s, n int32
		for bx := -2; bx < cols; bx++ {
			if bx+2 < cols {
				m := mid[bx+2]
				s += m
				n -= -m >> 31 // one more unless it is flat
			}
			if bx > 2 {
				m := mid[bx-3]
				s -= m
				n += -m >> 31
			}
			if bx >= 0 {
				sum[bx], num[bx] = s, n
			}
		}
	}
	// Down the columns the sums slide: a row comes in, another goes out.
	b.slide = slices.Grow(b.slide[:0], 2*cols)[:2*cols]
	clear(b.slide)
	sums, nums := b.slide[:cols], b.slide[cols:]
	move := func(by int, sign int32) {
		if by < 0 || by >= rows {
			return
		}
		for bx, s := range b.sum[by*cols : (by+1)*cols] {
			sums[bx] += sign * s
			nums[bx] += sign * b.num[by*cols+bx]
		}
	}
	move(0, 1)
	move(1, 1)
	for by := range rows {
		move(by+2, 1)
		move(by-3, -1)
		for bx, n := range nums {
			if n == 0 {
				b.level[by*cols+bx] = 0
			} else {
				b.level[by*cols+bx] = uint8(sums[bx] / n)
			}
		}
	}
}

// compare sets the bits of the pixels that are darker than their block's level.
func (b *binariser) compare(p *plane, cols int) {
	for y := range p.h {
		level := b.level[y/block*cols : (y/block+1)*cols]
		row := p.row(y)
		out := b.bits.row(y)
		var word uint64
		whole := p.w / block
		for bx := 0; bx < whole; bx++ {
			v := binary.LittleEndian.Uint64(row[bx*block:])
			t := uint64(level[bx]) * ones
			// Top bit of each byte: v < t.
			d := (v | high) - t&^high
			less := (^v&t | ^(v^t)&^d) & high
			word |= less >> 7 * 0x0102040810204080 >> 56 << (bx & 7 * 8)
			if bx&7 == 7 {
				out[bx/8] = word
				word = 0
			}
		}
		for x := whole * block; x < p.w; x++ {
			if row[x] < level[cols-1] {
				word |= 1 << (x & 63)
			}
		}
		if p.w&63 != 0 {
			out[b.bits.per-1] = word
		}
	}
}
