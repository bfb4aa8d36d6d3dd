// Package inflate undoes the compression of codes: zlib (RFC 1950) for HC1, raw
// deflate (RFC 1951) for SMART Health Cards.
//
// It exists for two properties. A [Decoder] writes straight into a buffer whose
// size the caller limits, so that a code that would inflate to gigabytes costs
// no more than the limit. And it is made for messages of some hundred bytes, for
// which a general reader spends most of its time on tables and windows: there is
// one small table for each alphabet, and nothing is allocated.
package inflate

import (
	"encoding/binary"
	"errors"
	"hash/adler32"
)

// Errors of decoding.
var (
	ErrCorrupt = errors.New("inflate: corrupt data")
	ErrTooLong = errors.New("inflate: longer than allowed")
)

// Decoder holds the tables that decoding needs. The zero value is ready; it may
// be used again and again, by one goroutine at a time.
type Decoder struct {
	in   []byte
	pos  int    // of the first byte of in that is not in bits
	bits uint64 // read ahead, the first the least significant
	n    uint   // how many; there may be more in bits, which will be read again

	literals  code
	distances code
	lengths   [maxLiterals + maxDistances]uint8
}

// Zlib appends to dst what src, a whole zlib stream, stands for, at most limit
// bytes. Bytes behind the stream and a wrong check sum are errors.
func (d *Decoder) Zlib(dst, src []byte, limit int) ([]byte, error) {
	const method, window, preset = 8, 7, 0x20
	if len(src) < 6 || src[0]&15 != method || src[0]>>4 > window || src[1]&preset != 0 ||
		binary.BigEndian.Uint16(src)%31 != 0 {
		return dst, ErrCorrupt
	}
	start := len(dst)
	dst, end, err := d.inflate(dst, src[2:], limit)
	if err != nil {
		return dst, err
	}
	if sum := src[2+end:]; len(sum) != 4 || binary.BigEndian.Uint32(sum) != adler32.Checksum(dst[start:]) {
		return dst, ErrCorrupt
	}
	return dst, nil
}

// Raw appends to dst what src, a whole deflate stream, stands for, at most limit
// bytes. Bytes behind the stream are an error.
func (d *Decoder) Raw(dst, src []byte, limit int) ([]byte, error) {
	dst, end, err := d.inflate(dst, src, limit)
	if err == nil && end != len(src) {
		err = ErrCorrupt
	}
	return dst, err
}

// Kinds of blocks, RFC 1951 section 3.2.3.
const (
	storedBlock = iota
	fixedBlock
	dynamicBlock
)

// inflate also says how many bytes of src the stream takes.
func (d *Decoder) inflate(dst, src []byte, limit int) (out []byte, end int, err error) {
	d.in, d.pos, d.bits, d.n = src, 0, 0, 0
	start := len(dst)
	for final := uint(0); final == 0; {
		header, ok := d.take(3)
		if !ok {
			return dst, 0, ErrCorrupt
		}
		final = header & 1
		switch header >> 1 {
		case storedBlock:
			dst, err = d.stored(dst, start+limit)
		case fixedBlock:
			dst, err = d.block(dst, start, start+limit, &fixedLiterals, &fixedDistances)
		case dynamicBlock:
			if !d.codes() {
				return dst, 0, ErrCorrupt
			}
			dst, err = d.block(dst, start, start+limit, &d.literals, &d.distances)
		default:
			err = ErrCorrupt
		}
		if err != nil {
			return dst, 0, err
		}
	}
	return dst, d.pos - int(d.n/8), nil
}

// fill reads ahead: at least 56 bits, or as many as there are.
func (d *Decoder) fill() {
	for d.n <= 56 && d.pos < len(d.in) {
		d.bits |= uint64(d.in[d.pos]) << d.n
		d.pos++
		d.n += 8
	}
}

// take is the next n bits, up to 16.
func (d *Decoder) take(n uint) (uint, bool) {
	if d.n < n {
		if d.fill(); d.n < n {
			return 0, false
		}
	}
	v := uint(d.bits) & (1<<n - 1)
	d.bits >>= n
	d.n -= n
	return v, true
}

// stored copies a block that is not compressed, RFC 1951 section 3.2.4.
func (d *Decoder) stored(dst []byte, limit int) ([]byte, error) {
	d.pos -= int(d.n / 8)
	d.bits, d.n = 0, 0
	in := d.in[d.pos:]
	if len(in) < 4 {
		return dst, ErrCorrupt
	}
	length, inverse := int(binary.LittleEndian.Uint16(in)), int(binary.LittleEndian.Uint16(in[2:]))
	if length != inverse^0xFFFF || length > len(in)-4 {
		return dst, ErrCorrupt
	}
	if length > limit-len(dst) {
		return dst, ErrTooLong
	}
	d.pos += 4 + length
	return append(dst, in[4:4+length]...), nil
}

const (
	endOfBlock   = 256
	firstLength  = 257
	maxLiterals  = 286
	maxDistances = 30
)

// What the length and distance symbols stand for: a base and a number of extra
// bits, RFC 1951 section 3.2.5.
var (
	lengthBase  = [...]uint16{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthExtra = [...]uint8{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	distBase    = [...]uint16{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}
	distExtra   = [...]uint8{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}
)

// block decodes a block of symbols. Distances reach back to start at most. The
// bits are kept in variables of the loop, which is where the time goes.
func (d *Decoder) block(dst []byte, start, limit int, literals, distances *code) ([]byte, error) {
	in, pos, bits, n := d.in, d.pos, d.bits, d.n
	for {
		if n < 48 { // what a length with its distance takes, as far as there is
			if len(in)-pos >= 8 {
				bits |= binary.LittleEndian.Uint64(in[pos:]) << (n & 63)
				pos += int(63-n) / 8
				n |= 56
			} else {
				for ; n <= 56 && pos < len(in); n += 8 {
					bits |= uint64(in[pos]) << n
					pos++
				}
			}
		}
		e := uint(literals.fast[bits&literals.mask&(1<<fastBits-1)]) // next, for which a call is too much here
		if e == 0 {
			e = literals.long(bits)
		}
		symbol, length := e>>4, e&15
		if length > n || length == 0 {
			return dst, ErrCorrupt
		}
		bits, n = bits>>(length&63), n-length
		if symbol < endOfBlock {
			if len(dst) >= limit {
				return dst, ErrTooLong
			}
			dst = append(dst, byte(symbol))
			continue
		}
		if symbol == endOfBlock {
			d.pos, d.bits, d.n = pos, bits, n
			return dst, nil
		}
		if symbol -= firstLength; symbol >= uint(len(lengthBase)) {
			return dst, ErrCorrupt
		}
		extra := uint(lengthExtra[symbol])
		size := int(lengthBase[symbol]) + int(bits&(1<<extra-1))
		if extra > n {
			return dst, ErrCorrupt
		}
		bits, n = bits>>(extra&63), n-extra

		e = distances.next(bits)
		symbol, length = e>>4, e&15
		if length > n || length == 0 || symbol >= uint(len(distBase)) {
			return dst, ErrCorrupt
		}
		bits, n = bits>>(length&63), n-length
		extra = uint(distExtra[symbol])
		distance := int(distBase[symbol]) + int(bits&(1<<extra-1))
		if extra > n || distance > len(dst)-start {
			return dst, ErrCorrupt
		}
		bits, n = bits>>(extra&63), n-extra
		if size > limit-len(dst) {
			return dst, ErrTooLong
		}
		dst = repeat(dst, distance, size)
	}
}

// repeat appends length bytes, each the one that stands distance before it.
func repeat(dst []byte, distance, length int) []byte {
	from := len(dst) - distance
	for length > 0 {
		n := min(length, len(dst)-from)
		dst = append(dst, dst[from:from+n]...)
		length -= n
	}
	return dst
}
