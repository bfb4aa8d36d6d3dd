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
	level  []uint8  // the threshold of each block
	limit  []uint64 // the levels of a row of blocks, each in every byte of a word
	column []lanes  // sums down the columns
	full   []bool   // blocks amid edges
	stack  []int32
	slide  []int32
}

const (
	high   = 0x8080808080808080 // the top bit of every byte
	ones   = 0x0101010101010101
	sevens = high - ones // 0x7f in every byte
)

// swarMinMax sorts eight pairs of seven-bit numbers.
func swarMinMax(a, b uint64) (lo, hi uint64) {
	m := ((a | high) - b) & high // top bit where a >= b
	m -= m >> 7                  // 0x7f there
	swap := (a ^ b) & m
	return a ^ swap, b ^ swap
}

func swarMin(a, b uint64) uint64 {
	lo, _ := swarMinMax(a, b)
	return lo
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
		mid, rng := b.mid[by*cols:(by+1)*cols], b.rng[by*cols:(by+1)*cols]
		// Every other row says nearly as much as all.
		q0, q1 := p.row(y0), p.row(y0+2)
		q2, q3 := p.row(y0+4), p.row(y0+6)
		for bx := range mid {
			x := min(bx*block, p.w-block)
			lo, hi := swarMinMax(seven(q0[x:]), seven(q1[x:]))
			lo2, hi2 := swarMinMax(seven(q2[x:]), seven(q3[x:]))
			// The complement's minimum is the maximum: from here on four bytes of
			// either share a word.
			lo, hi = swarMin(lo, lo2), swarMin(sevens-hi, sevens-hi2)
			lo, hi = swarMin(lo, lo>>32), swarMin(hi, hi>>32)
			both := lo&(1<<32-1) | hi<<32
			both = swarMin(both, both>>16&sevens)
			both = swarMin(both, both>>8&sevens)
			least, most := both&0x7f, 0x7f-both>>32&0x7f
			mid[bx], rng[bx] = int32(least+most), uint8(most-least)
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

// seven is the upper seven bits of eight pixels.
func seven(q []byte) uint64 { return binary.LittleEndian.Uint64(q) >> 1 & sevens }

// compare sets the bits of the pixels that are darker than their block's level,
// to seven bits. The levels of a row of blocks are spread over words once, for
// eight rows of pixels.
func (b *binariser) compare(p *plane, cols int) {
	b.limit = slices.Grow(b.limit[:0], cols)[:cols]
	for y := range p.h {
		level := b.level[y/block*cols : (y/block+1)*cols]
		if y%block == 0 {
			for i, l := range level {
				b.limit[i] = uint64(l+1) >> 1 * ones
			}
		}
		row, out, limit := p.row(y), b.bits.row(y), b.limit
		for i := 0; len(row) >= 64 && len(limit) >= 8; i++ {
			q, t := (*[64]byte)(row), (*[8]uint64)(limit)
			out[i] = darker(q[0:], t[0]) | darker(q[8:], t[1])<<8 |
				darker(q[16:], t[2])<<16 | darker(q[24:], t[3])<<24 |
				darker(q[32:], t[4])<<32 | darker(q[40:], t[5])<<40 |
				darker(q[48:], t[6])<<48 | darker(q[56:], t[7])<<56
			row, limit = row[64:], limit[8:]
		}
		if len(row) == 0 {
			continue
		}
		var word uint64
		for x, v := range row {
			if uint64(v>>1) < limit[x/block]&0x7f {
				word |= 1 << x
			}
		}
		out[b.bits.per-1] = word
	}
}

// darker says which of eight pixels are darker than the seven-bit level in
// every byte of t, the first in the lowest bit.
func darker(q []byte, t uint64) uint64 {
	less := ^((binary.LittleEndian.Uint64(q)>>1 | high) - t) & high
	return less >> 7 * 0x0102040810204080 >> 56
}
