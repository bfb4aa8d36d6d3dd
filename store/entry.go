package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// KindSegment is the kind of the entries that the journal itself writes to begin
// a segment; their payload is the segment's encapsulation, in the clear. All
// other kinds belong to the caller.
const KindSegment uint8 = 0

// KindIncident is the kind of the entries in which the journal records what
// happened to itself, unless [Options.Incident] says otherwise.
const KindIncident uint8 = 11

// Hash is the SHA-256 hash of an entry, which covers all entries before it.
type Hash [sha256.Size]byte

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// ID names a journal. A kiosk that has to start a new journal draws a new one.
type ID [16]byte

func (id ID) String() string { return hex.EncodeToString(id[:]) }

// Entry is one record as the journal keeps it and the province receives it.
type Entry struct {
	Number uint64    // from 1, without gaps
	Time   time.Time // in UTC, to the millisecond; never before the entry before it
	Kind   uint8
	Prev   Hash   // hash of the entry before it, or [Genesis]
	Digest Hash   // SHA-256 of Sealed
	Sealed []byte // nil when the payload was erased; the digest remains
}

// Genesis is what the first entry of a kiosk's journal has as previous hash.
func Genesis(kiosk string, journal ID) Hash {
	return hashOf([]any{"chot journal 1", kiosk, journal[:]})
}

// Hash is the entry's place in the chain: SHA-256 over the canonical CBOR array
// [number, milliseconds since 1970, kind, previous hash, digest].
func (e Entry) Hash() Hash {
	// By hand, because it is done for each entry of each batch; a test holds it
	// to the canonical encoder.
	b := make([]byte, 0, 96)
	b = append(b, 0x85)
	b = appendUint(b, e.Number)
	b = appendUint(b, uint64(e.Time.UnixMilli()))
	b = appendUint(b, uint64(e.Kind))
	b = append(append(b, 0x58, sha256.Size), e.Prev[:]...)
	b = append(append(b, 0x58, sha256.Size), e.Digest[:]...)
	return sha256.Sum256(b)
}

// Position is a place in a journal: everything up to Number, whose chain ends
// in Hash. The zero number with [Genesis] is the place before the first entry.
type Position struct {
	Number uint64
	Hash   Hash
}

// Verify walks the entries, which follow at, and returns the position after
// them. An entry that does not follow, or whose payload is not the one that its
// digest names, is an error that wraps [ErrChain].
func Verify(at Position, entries []Entry) (Position, error) {
	for _, e := range entries {
		switch {
		case e.Number != at.Number+1:
			return at, fmt.Errorf("%w: entry %d follows entry %d", ErrChain, e.Number, at.Number)
		case e.Prev != at.Hash:
			return at, fmt.Errorf("%w: entry %d does not name the hash of the one before it", ErrChain, e.Number)
		case e.Sealed != nil && sha256.Sum256(e.Sealed) != e.Digest:
			return at, fmt.Errorf("%w: the payload of entry %d is not the one that its digest names", ErrChain, e.Number)
		}
		at = Position{Number: e.Number, Hash: e.Hash()}
	}
	return at, nil
}

// canonical is the one encoding of everything that is hashed, signed or stored:
// core deterministic CBOR (RFC 8949, 4.2.1).
var canonical = func() cbor.EncMode {
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err)
	}
	return mode
}()

// strict refuses duplicate keys, indefinite lengths and deep nesting.
var strict = func() cbor.DecMode {
	mode, err := cbor.DecOptions{
		DupMapKey:        cbor.DupMapKeyEnforcedAPF,
		IndefLength:      cbor.IndefLengthForbidden,
		TagsMd:           cbor.TagsForbidden,
		MaxNestedLevels:  4,
		MaxArrayElements: 1 << 16,
		MaxMapPairs:      64,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return mode
}()

// encode is for values whose encoding cannot fail: our own types.
func encode(v any) []byte {
	b, err := canonical.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func hashOf(v any) Hash { return sha256.Sum256(encode(v)) }
