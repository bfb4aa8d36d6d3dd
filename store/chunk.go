package store

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/bits"
	"time"
)

// A chunk is what the file keeps under one key: a few consecutive entries after
// the hash that they follow. bbolt writes whole pages in any case, so growing the
// last chunk costs an append nothing; in return a page's worth of entries needs a
// few keys and hashes rather than one for each entry, and any place in the chain
// is found without reading from its start.
//
// It is a CBOR sequence (RFC 8742): the previous hash; the milliseconds since
// 1970 of the first entry; then for each entry the milliseconds since the one
// before, its kind, and its sealed payload, or an array of one with the digest
// where the payload was erased.
type chunk []byte

// chunkSize is the most bytes of a chunk that holds more than one entry: a page
// of 4096 bytes takes eight, with 24 bytes for each and 16 for itself. When it
// splits a full page bbolt moves two keys on, so few large chunks would leave
// much of each page empty, and many small ones cost more keys and hashes.
const chunkSize = 486

func newChunk(prev Hash, at time.Time) chunk {
	c := make(chunk, 0, chunkSize)
	c = append(append(c, 0x58, sha256.Size), prev[:]...)
	return appendUint(c, uint64(at.UnixMilli()))
}

// appendEntry appends an entry to those before it, the last of which is from at.
// The time between them can be more than a [time.Duration] holds.
func (c chunk) appendEntry(at time.Time, e Entry) chunk {
	c = appendUint(c, uint64(e.Time.UnixMilli()-at.UnixMilli()))
	c = appendUint(c, uint64(e.Kind))
	if e.Sealed == nil {
		return append(append(c, 0x81, 0x58, sha256.Size), e.Digest[:]...)
	}
	return append(appendHead(c, majorBytes, uint64(len(e.Sealed))), e.Sealed...)
}

// pack makes a chunk of consecutive entries.
func pack(entries []Entry) chunk {
	at := entries[0].Time
	c := newChunk(entries[0].Prev, at)
	for _, e := range entries {
		c = c.appendEntry(at, e)
		at = e.Time
	}
	return c
}

var errChunk = errors.New("not a chunk of entries")

// unpack returns the entries of a chunk whose first has this number. They do not
// share memory with the chunk.
func (c chunk) unpack(first uint64) (entries []Entry, err error) {
	r := reader(c)
	prev, ok1 := r.bytes()
	ms, ok2 := r.uint()
	if !ok1 || !ok2 || len(prev) != sha256.Size || ms > maxMilli || len(r) == 0 {
		return nil, errChunk
	}
	at := Hash(prev)
	for number := first; len(r) > 0; number++ {
		step, ok1 := r.uint()
		kind, ok2 := r.uint()
		if !ok1 || !ok2 || kind > 255 || step > maxMilli || ms+step > maxMilli || len(r) == 0 {
			return nil, errChunk
		}
		ms += step
		e := Entry{Number: number, Time: time.UnixMilli(int64(ms)).UTC(), Kind: uint8(kind), Prev: at}
		if r[0] == 0x81 {
			r = r[1:]
			digest, ok := r.bytes()
			if !ok || len(digest) != sha256.Size {
				return nil, errChunk
			}
			e.Digest = Hash(digest)
		} else {
			sealed, ok := r.bytes()
			if !ok {
				return nil, errChunk
			}
			e.Sealed = append([]byte{}, sealed...)
			e.Digest = sha256.Sum256(sealed)
		}
		at = e.Hash()
		entries = append(entries, e)
	}
	return entries, nil
}

// unpackDamaged is unpack for a chunk that stands in the file.
func (c chunk) unpackDamaged(first uint64) ([]Entry, error) {
	entries, err := c.unpack(first)
	if err != nil {
		return nil, fmt.Errorf("%w: what is kept as entry %d: %w", errDamaged, first, err)
	}
	return entries, nil
}

// maxMilli is the last millisecond of the year 9999.
const maxMilli = 253402300799999

const (
	majorUint  = 0x00
	majorBytes = 0x40
	majorText  = 0x60
	majorArray = 0x80
)

// appendUint appends the shortest CBOR encoding of n (RFC 8949, 3).
func appendUint(b []byte, n uint64) []byte { return appendHead(b, majorUint, n) }

func appendHead(b []byte, major byte, n uint64) []byte {
	if n < 24 {
		return append(b, major|byte(n))
	}
	// 1, 2, 4 or 8 bytes follow, said as 24 to 27.
	log := bits.Len(uint((bits.Len64(n) - 1) / 8))
	b = append(b, major|byte(24+log))
	for i := 8<<log - 8; i >= 0; i -= 8 {
		b = append(b, byte(n>>i))
	}
	return b
}

// reader reads the few kinds of CBOR items that a chunk has.
type reader []byte

func (r *reader) head(major byte) (n uint64, ok bool) {
	if len(*r) == 0 || (*r)[0]&0xe0 != major {
		return 0, false
	}
	low := (*r)[0] & 0x1f
	*r = (*r)[1:]
	if low < 24 {
		return uint64(low), true
	}
	size := 1 << (low - 24)
	if low > 27 || len(*r) < size {
		return 0, false
	}
	for _, b := range (*r)[:size] {
		n = n<<8 | uint64(b)
	}
	*r = (*r)[size:]
	return n, true
}

func (r *reader) uint() (uint64, bool) { return r.head(majorUint) }

func (r *reader) bytes() ([]byte, bool) {
	n, ok := r.head(majorBytes)
	if !ok || n > uint64(len(*r)) {
		return nil, false
	}
	b := (*r)[:n]
	*r = (*r)[n:]
	return b, true
}
