package inflate

import "math/bits"

const (
	maxBits  = 15 // length of the longest code, RFC 1951 section 3.2.7
	fastBits = 9  // codes up to this length are looked up, longer ones counted out
)

// code is a canonical Huffman code.
type code struct {
	// fast has, for the next bits under the mask, symbol<<4 | length, or 0 where
	// the code is longer or does not exist.
	fast [1 << fastBits]uint16
	mask uint64
	// count of the codes of each length, and the symbols in the order of their codes.
	count   [maxBits + 1]uint16
	symbols [288]uint16
}

// next is the symbol that bits begin with, and in the lowest four bits how many
// bits it takes; 0 where there is none.
func (c *code) next(bits uint64) uint {
	e := uint(c.fast[bits&c.mask&(1<<fastBits-1)])
	if e == 0 {
		e = c.long(bits)
	}
	return e
}

// long decodes bit by bit: the codes of one length are consecutive numbers, and
// those of the next start after twice them. It gives what next does.
//
//go:noinline
func (c *code) long(bits uint64) uint {
	var word, first, index int
	for length := 1; length <= maxBits; length++ {
		word |= int(bits & 1)
		bits >>= 1
		count := int(c.count[length])
		if word-first < count {
			return uint(c.symbols[index+word-first])<<4 | uint(length)
		}
		index += count
		first = (first + count) << 1
		word <<= 1
	}
	return 0
}

// build makes the code in which symbol i has a code of lengths[i] bits. It must
// be complete, but for one that has a single code, of one bit.
func (c *code) build(lengths []uint8) bool {
	c.count = [maxBits + 1]uint16{}
	for _, n := range lengths {
		c.count[n]++
	}
	used := len(lengths) - int(c.count[0])
	c.count[0] = 0
	left, width := 1, 1
	var index, next [maxBits + 2]uint16
	for n := 1; n <= maxBits; n++ {
		left = left<<1 - int(c.count[n])
		if left < 0 {
			return false
		}
		index[n+1] = index[n] + c.count[n]
		next[n+1] = (next[n] + c.count[n]) << 1
		if c.count[n] > 0 {
			width = min(n, fastBits)
		}
	}
	if left > 0 && (used > 1 || used != int(c.count[1])) {
		return false
	}
	fast := c.fast[:1<<width]
	clear(fast)
	c.mask = 1<<width - 1
	for i, n := range lengths {
		if n == 0 {
			continue
		}
		c.symbols[index[n]] = uint16(i)
		index[n]++
		if n <= fastBits {
			word := bits.Reverse16(next[n]) >> (16 - n) // codes come with the first bit the most significant
			for ; int(word) < len(fast); word += 1 << n {
				fast[word] = uint16(i)<<4 | uint16(n)
			}
		}
		next[n]++
	}
	return true
}

// lengthOrder is the order in which the lengths of the code for lengths stand.
var lengthOrder = [...]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// codes reads the two codes of a dynamic block, RFC 1951 section 3.2.7.
func (d *Decoder) codes() bool {
	header, ok := d.take(14)
	literals, distances, count := header&31+257, header>>5&31+1, header>>10+4
	if !ok || literals > maxLiterals || distances > maxDistances {
		return false
	}
	var order [19]uint8
	for _, i := range lengthOrder[:count] {
		n, ok := d.take(3)
		if !ok {
			return false
		}
		order[i] = uint8(n)
	}
	if !d.literals.build(order[:]) {
		return false
	}
	lengths := d.lengths[:literals+distances]
	if !d.readLengths(lengths) || lengths[endOfBlock] == 0 {
		return false
	}
	return d.literals.build(lengths[:literals]) && d.distances.build(lengths[literals:])
}

// readLengths reads lengths by the code that d.literals holds.
func (d *Decoder) readLengths(lengths []uint8) bool {
	for i := 0; i < len(lengths); {
		if d.n < 24 {
			d.fill()
		}
		e := d.literals.next(d.bits)
		symbol, length := e>>4, e&15
		if length > d.n || length == 0 {
			return false
		}
		d.bits >>= length
		d.n -= length
		if symbol < 16 {
			lengths[i] = uint8(symbol)
			i++
			continue
		}
		var same uint8
		var base, extra uint
		switch symbol {
		case 16:
			if i == 0 {
				return false
			}
			same, base, extra = lengths[i-1], 3, 2
		case 17:
			base, extra = 3, 3
		default:
			base, extra = 11, 7
		}
		more, ok := d.take(extra)
		n := int(base + more)
		if !ok || n > len(lengths)-i {
			return false
		}
		for range n {
			lengths[i] = same
			i++
		}
	}
	return true
}

// The code of fixed blocks, RFC 1951 section 3.2.6.
var fixedLiterals, fixedDistances = func() (literals, distances code) {
	var lengths [288]uint8
	for i := range lengths {
		switch {
		case i < 144:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		case i < 280:
			lengths[i] = 7
		default:
			lengths[i] = 8
		}
	}
	literals.build(lengths[:])
	for i := range 32 {
		lengths[i] = 5
	}
	distances.build(lengths[:32])
	return literals, distances
}()
