package scanner

import (
	"encoding/binary"
	"slices"
)

// lanes are eight numbers of 15 bits for eight pixels in a row: those of the
// pixels 0, 2, 4 and 6 in one word, the first in its lowest bits, and those of 1,
// 3, 5 and 7 in the other.
type lanes struct{ even, odd uint64 }

const (
	evenBytes = 0x00ff00ff00ff00ff
	laneOnes  = 0x0001000100010001
	laneHigh  = 0x8000800080008000
)

// spreadOut makes lanes of eight bytes.
func spreadOut(v uint64) lanes { return lanes{v & evenBytes, v >> 8 & evenBytes} }

// eight returns the pixels 8i to 8i+7 of a row. Beyond its ends the row goes on as
// it ends.
func eight(row []byte, i int) uint64 {
	at := i * 8
	if at < 0 {
		return uint64(row[0]) * ones
	}
	if at+8 <= len(row) {
		return binary.LittleEndian.Uint64(row[at:])
	}
	v := uint64(row[len(row)-1]) * ones
	for k := len(row) - 1; k >= at; k-- {
		v = v<<8 | uint64(row[k])
	}
	return v
}

// localReach is how far the mean of the local pass reaches from its pixel.
const localReach = 4

// against fills b.bits with the pixels that are darker than the mean of the
// square of 9×9 pixels around them. So small a square loses the middle of large
// areas, and keeps the light ring of a finder pattern that blur has made grey.
// It works on eight pixels at a time: 81 times a grey level still fits a lane.
func (b *binariser) against(p *plane) {
	w, h := p.w, p.h
	b.bits.w, b.bits.h, b.bits.per = w, h, (w+63)/64
	b.bits.words = slices.Grow(b.bits.words[:0], b.bits.per*h)[:b.bits.per*h]
	n := (w + 7) / 8
	// One word more at either end, for what lies beyond the picture.
	column := slices.Grow(b.column[:0], n+2)[:n+2]
	b.column = column
	clear(column)
	for y := -localReach; y <= localReach; y++ {
		row := p.row(min(max(y, 0), h-1))
		for i := range column {
			v := spreadOut(eight(row, i-1))
			column[i].even += v.even
			column[i].odd += v.odd
		}
	}
	const area = (2*localReach + 1) * (2*localReach + 1)
	bias := uint64(1+b.flat()/4) * area * laneOnes // so that a plain area is light
	for y := range h {
		row, out := p.row(y), b.bits.row(y)
		in, gone := p.row(min(y+localReach+1, h-1)), p.row(max(y-localReach, 0))
		// left is as it was before it moved on by a row.
		left, mid := column[0], column[1]
		column[0] = left.moved(eight(in, -1), eight(gone, -1))
		var word uint64
		for i := range n {
			var pixels, more, less uint64
			if i < w/8 {
				pixels = binary.LittleEndian.Uint64(row[i*8:])
				more, less = binary.LittleEndian.Uint64(in[i*8:]), binary.LittleEndian.Uint64(gone[i*8:])
			} else {
				pixels, more, less = eight(row, i), eight(in, i), eight(gone, i)
			}
			right := column[i+2]
			// What is so many pixels to the left or right of each lane's pixel.
			evenL2, evenL1 := mid.even<<32|left.even>>32, mid.even<<16|left.even>>48
			evenR1, evenR2 := mid.even>>16|right.even<<48, mid.even>>32|right.even<<32
			oddL2, oddL1 := mid.odd<<32|left.odd>>32, mid.odd<<16|left.odd>>48
			oddR1, oddR2 := mid.odd>>16|right.odd<<48, mid.odd>>32|right.odd<<32
			even := evenL1 + mid.even + evenR1 + evenR2
			odd := oddL2 + oddL1 + mid.odd + oddR1
			sum := lanes{evenL2 + even + odd, odd + oddR2 + even}
			v := spreadOut(pixels)
			dark := lanes{
				^((v.even*area + bias | laneHigh) - sum.even) & laneHigh,
				^((v.odd*area + bias | laneHigh) - sum.odd) & laneHigh,
			}
			// A pair of bits in each lane's place, brought together.
			t := dark.even>>15 | dark.odd>>14
			bits := (t | t>>14 | t>>28 | t>>42) & 0xff
			word |= bits << (i & 7 * 8)
			if i&7 == 7 {
				out[i>>3], word = word, 0
			}
			column[i+1] = mid.moved(more, less)
			left, mid = mid, right
		}
		column[n+1] = mid.moved(eight(in, n), eight(gone, n))
		if w&63 != 0 {
			if n&7 == 0 {
				word = out[w>>6]
			}
			out[w>>6] = word & (1<<(w&63) - 1)
		}
	}
}

// moved are the sums a row further down: eight pixels come in, eight others go.
func (l lanes) moved(in, gone uint64) lanes {
	v, u := spreadOut(in), spreadOut(gone)
	return lanes{l.even + v.even - u.even, l.odd + v.odd - u.odd}
}
