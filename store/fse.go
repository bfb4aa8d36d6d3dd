package store

import (
	"encoding/binary"
	"math/bits"
)

// Finite state entropy coding, as frames use it for their sequences (RFC 8878,
// 4.1), with the distributions that the format defines (3.1.1.3.2.2).
var (
	literalCodes = newFSE(6, 4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1)
	matchCodes   = newFSE(6, 1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1)
	offsetCodes = newFSE(5, 1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1)
)

// fse encodes symbols of one distribution.
type fse struct {
	log    uint8 // of the number of states
	states []uint16
	symbol []fseSymbol
}

// fseSymbol says how to go from a state to the next one by a symbol.
type fseSymbol struct {
	bits  uint32 // how many are written: (state + bits) >> 16
	start int    // of the symbol's states, less the first of the states that come to it
}

// newFSE makes the tables for the counts of the symbols, which sum to 2^log; -1
// stands for a symbol that is rarer than once.
func newFSE(log uint8, counts ...int) *fse {
	size := 1 << log
	spread, rare := make([]uint8, size), size-1
	starts, sum := make([]int, len(counts)), 0
	for s, n := range counts {
		starts[s] = sum
		if n == -1 {
			spread[rare] = uint8(s)
			rare--
			n = 1
		}
		sum += n
	}
	for s, at := 0, 0; s < len(counts); s++ {
		for range counts[s] {
			spread[at] = uint8(s)
			for at = (at + size>>1 + size>>3 + 3) & (size - 1); at > rare; {
				at = (at + size>>1 + size>>3 + 3) & (size - 1)
			}
		}
	}
	f := &fse{log: log, states: make([]uint16, size), symbol: make([]fseSymbol, len(counts))}
	for s, n := range counts {
		n = max(n, -n)
		most := uint32(log)
		if n > 1 {
			most -= uint32(bits.Len(uint(n-1)) - 1)
		}
		f.symbol[s] = fseSymbol{bits: most<<16 - uint32(n)<<most, start: starts[s] - n}
	}
	for i, s := range spread {
		f.states[starts[s]] = uint16(size + i)
		starts[s]++
	}
	return f
}

// fseState is where an encoder stands.
type fseState uint16

// first is the state for the symbol that is read last.
func (f *fse) first(symbol uint8) fseState {
	s := f.symbol[symbol]
	n := (s.bits + 1<<15) >> 16
	return fseState(f.states[int((n<<16-s.bits)>>n)+s.start])
}

// put writes a symbol.
func (state *fseState) put(w *bitWriter, f *fse, symbol uint8) {
	s := f.symbol[symbol]
	n := (uint32(*state) + s.bits) >> 16
	w.put(uint32(*state), uint8(n))
	*state = fseState(f.states[int(uint32(*state)>>n)+s.start])
}

// lengths are codes for lengths: each for a range that begins at its base, with
// as many more bits as the range needs.
type lengths struct {
	base []uint32
	bits []uint8
	// Codes of lengths below 64; above it is one for each power of two.
	small [64]uint8
	above uint8 // the code of 2^n less n
}

// The codes of lengths of literals, and of matches less 3 (3.1.1.3.2.1.1).
var (
	literalLengths = newLengths(19, 16, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
	matchLengths   = newLengths(36, 32, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
)

// newLengths makes the codes: as many as exact says for one length each, then
// those with more bits.
func newLengths(above uint8, exact uint32, more ...uint8) *lengths {
	l := &lengths{above: above}
	for n := range exact {
		l.base, l.bits = append(l.base, n), append(l.bits, 0)
	}
	next := exact
	for _, n := range more {
		l.base, l.bits = append(l.base, next), append(l.bits, n)
		next += 1 << n
	}
	code := 0
	for n := range l.small {
		if code+1 < len(l.base) && uint32(n) >= l.base[code+1] {
			code++
		}
		l.small[n] = uint8(code)
	}
	return l
}

// code returns a length's code, and how many of its low bits follow.
func (l *lengths) code(n uint32) (code, more uint8) {
	if n < uint32(len(l.small)) {
		code = l.small[n]
	} else {
		for code = uint8(bits.Len32(n)-1) + l.above; l.base[code] > n; {
			code--
		}
	}
	return code, l.bits[code]
}

// bitWriter writes bits from the lowest on, to be read from the end.
type bitWriter struct {
	to   []byte
	bits uint64
	n    uint8 // in bits, fewer than 32
}

// put writes the low n bits, 32 at most.
func (w *bitWriter) put(v uint32, n uint8) {
	w.bits |= (uint64(v) & (1<<n - 1)) << w.n
	if w.n += n; w.n >= 32 {
		w.to = binary.LittleEndian.AppendUint32(w.to, uint32(w.bits))
		w.bits, w.n = w.bits>>32, w.n-32
	}
}

// close marks the end and returns what was written.
func (w *bitWriter) close() []byte {
	w.put(1, 1)
	for ; w.n > 0; w.n -= min(w.n, 8) {
		w.to, w.bits = append(w.to, byte(w.bits)), w.bits>>8
	}
	return w.to
}
