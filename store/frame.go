package store

import (
	"encoding/binary"
	"math/bits"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// A record is as long as a sentence. The library's encoder copies tables of
// 256 KB before each of them, which takes longer than everything else that an
// append does before it writes. So frames are written here, and read by the
// library: frames of one block, with literals as they are, and sequences in the
// codes that the format defines beforehand (RFC 8878, 3.1.1).

// minMatch is the shortest match that is looked for, in bytes.
const minMatch = 4

// shared is dictionary 1 made ready to be searched. It never changes.
type shared struct {
	id      uint32
	content []byte
	offsets [3]int                // what the repeated offsets are at first
	at      [1 << hashBits]uint16 // the place of the last bytes of a hash, plus one
	before  []uint16              // by place, the one of the same hash before it, plus one
}

// hashBits are enough for the dictionary, and few enough for the tables to stay
// in the cache.
const hashBits = 13

// hash4 hashes four bytes; the high bits are the best.
func hash4(b []byte) uint32 { return binary.LittleEndian.Uint32(b) * 2654435761 }

var dictionary = sync.OnceValue(func() *shared {
	d, err := zstd.InspectDictionary(dictionary1)
	if err != nil {
		panic(err) // it is part of the program
	}
	s := &shared{id: d.ID(), content: d.Content(), offsets: d.Offsets()}
	s.before = make([]uint16, len(s.content))
	for i := range len(s.content) - minMatch + 1 {
		last := &s.at[hash4(s.content[i:])>>(32-hashBits)]
		s.before[i], *last = *last, uint16(i+1)
	}
	return s
})

// sequence is some literals and then a match (RFC 8878, 3.1.1.3.2).
type sequence struct {
	literals, match uint32 // lengths in bytes
	offset          uint32 // the offset's value: 1 to 3 repeat an earlier one
}

// appendFrame appends a frame with the payload, without its magic number. ok is
// false where it would not be shorter.
func appendFrame(dst, payload []byte) (frame []byte, ok bool) {
	var room [32]sequence
	var literalRoom [256]byte
	d := dictionary()
	sequences, literals := d.parse(room[:0], literalRoom[:0], payload)
	if len(sequences) == 0 {
		return dst, false
	}
	start := len(dst)
	dst = appendFrameHeader(dst, d.id, len(payload))
	block := len(dst)
	dst = append(dst, 0, 0, 0)
	dst = appendLiterals(dst, literals)
	dst = appendSequences(dst, sequences)
	size := len(dst) - block - 3
	const last, compressed = 1, 2 << 1
	header := uint32(size)<<3 | compressed | last
	dst[block], dst[block+1], dst[block+2] = byte(header), byte(header>>8), byte(header>>16)
	return dst, len(dst)-start < len(payload)
}

// appendFrameHeader is for a single segment (3.1.1.1).
func appendFrameHeader(dst []byte, id uint32, size int) []byte {
	const single, idOf4, sizeOf2, sizeOf4 = 1 << 5, 3, 1 << 6, 2 << 6
	head := func(flags byte) []byte {
		if id < 1<<8 {
			return append(dst, flags|1, byte(id))
		}
		return binary.LittleEndian.AppendUint32(append(dst, flags|idOf4), id)
	}
	switch {
	case size < 1<<8:
		return append(head(single), byte(size))
	case size < 1<<16+1<<8:
		return binary.LittleEndian.AppendUint16(head(single|sizeOf2), uint16(size-1<<8))
	default:
		return binary.LittleEndian.AppendUint32(head(single|sizeOf4), uint32(size))
	}
}

// appendLiterals appends a section of raw literals (3.1.1.3.1).
func appendLiterals(dst, literals []byte) []byte {
	n := uint32(len(literals))
	switch {
	case n < 1<<5:
		dst = append(dst, byte(n<<3))
	case n < 1<<12:
		dst = append(dst, byte(n<<4)|1<<2, byte(n>>4))
	default:
		dst = append(dst, byte(n<<4)|3<<2, byte(n>>4), byte(n>>12))
	}
	return append(dst, literals...)
}

// appendSequences appends the sequences, of which there are some (3.1.1.3.2).
func appendSequences(dst []byte, all []sequence) []byte {
	const predefined = 0 // for all three codes
	switch n := len(all); {
	case n < 1<<7:
		dst = append(dst, byte(n))
	case n < 0x7f00:
		dst = append(dst, byte(n>>8)|0x80, byte(n))
	default:
		dst = binary.LittleEndian.AppendUint16(append(dst, 0xff), uint16(n-0x7f00))
	}
	w := bitWriter{to: append(dst, predefined)}
	var literals, offsets, matches fseState
	// The reader begins where the writer ends: all is written backwards.
	for i := len(all) - 1; i >= 0; i-- {
		s := all[i]
		ll, llBits := literalLengths.code(s.literals)
		ml, mlBits := matchLengths.code(s.match - 3)
		of := uint8(bits.Len32(s.offset) - 1)
		if i == len(all)-1 {
			matches, offsets, literals = matchCodes.first(ml), offsetCodes.first(of), literalCodes.first(ll)
		} else {
			offsets.put(&w, offsetCodes, of)
			matches.put(&w, matchCodes, ml)
			literals.put(&w, literalCodes, ll)
		}
		w.put(s.literals, llBits)
		w.put(s.match-3, mlBits)
		w.put(s.offset, of)
	}
	w.put(uint32(matches), matchCodes.log)
	w.put(uint32(offsets), offsetCodes.log)
	w.put(uint32(literals), literalCodes.log)
	return w.close()
}
