package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// The file has three buckets. Keys of entries and hashes are the entry's number,
// 8 bytes, big end first.
var (
	bucketMeta    = []byte("meta")    // keyState → state; small enough to live in the root page
	bucketEntries = []byte("entries") // number → stored
	bucketHashes  = []byte("hashes")  // every stride-th number → the entry's hash
	keyState      = []byte("state")
)

// stride is how many entries lie between the hashes that are kept: what has to
// be read to know the hash of any entry.
const stride = 256

// state is what the journal knows of itself. It is written with each commit.
type state struct {
	Kiosk   string
	Journal ID
	Base    Position  // up to here everything was purged
	Covered Position  // up to here the province has signed
	Head    Position  // the last entry
	High    time.Time // the highest time journalled or signed
	Receipt []byte    // the receipt that covers, for whoever asks
}

type storedState struct {
	_       struct{} `cbor:",toarray"`
	Kiosk   string
	Journal []byte
	Base    storedPosition
	Covered storedPosition
	Head    storedPosition
	High    int64
	Receipt []byte
}

type storedPosition struct {
	_      struct{} `cbor:",toarray"`
	Number uint64
	Hash   []byte
}

func (p Position) stored() storedPosition { return storedPosition{Number: p.Number, Hash: p.Hash[:]} }

func (p storedPosition) position() Position {
	var q Position
	q.Number = p.Number
	copy(q.Hash[:], p.Hash)
	return q
}

func (s *state) encode() []byte {
	return encode(storedState{
		Kiosk: s.Kiosk, Journal: s.Journal[:], Base: s.Base.stored(), Covered: s.Covered.stored(),
		Head: s.Head.stored(), High: s.High.UnixMilli(), Receipt: s.Receipt,
	})
}

func decodeState(data []byte) (*state, error) {
	var w storedState
	if err := strict.Unmarshal(data, &w); err != nil {
		return nil, fmt.Errorf("reading the journal's state: %w", err)
	}
	s := &state{
		Kiosk: w.Kiosk, Base: w.Base.position(), Covered: w.Covered.position(), Head: w.Head.position(),
		High: time.UnixMilli(w.High).UTC(), Receipt: w.Receipt,
	}
	copy(s.Journal[:], w.Journal)
	if s.Base.Number > s.Covered.Number || s.Covered.Number > s.Head.Number {
		return nil, errors.New("reading the journal's state: it contradicts itself")
	}
	return s, nil
}

func (s *state) put(tx *bbolt.Tx) error {
	return tx.Bucket(bucketMeta).Put(keyState, s.encode())
}

// errNew means that the file is empty.
var errNew = errors.New("the journal has not begun")

func loadState(db *bbolt.DB, kiosk string) (s *state, err error) {
	err = db.View(func(tx *bbolt.Tx) error {
		meta := tx.Bucket(bucketMeta)
		if meta == nil {
			return errNew
		}
		if s, err = decodeState(meta.Get(keyState)); err != nil {
			return err
		}
		if s.Kiosk != kiosk {
			return fmt.Errorf("it is the journal of kiosk %q, not of %q", s.Kiosk, kiosk)
		}
		if tx.Bucket(bucketEntries) == nil || tx.Bucket(bucketHashes) == nil {
			return errors.New("a part of the file is missing")
		}
		return nil
	})
	return s, err
}

// stored is an entry as it is kept. Number and previous hash follow from its
// place.
type stored struct {
	_      struct{} `cbor:",toarray"`
	Time   int64
	Kind   uint8
	Sealed []byte
}

// storedErased is an entry whose payload was erased: one item more, and the
// digest in place of the payload.
type storedErased struct {
	_      struct{} `cbor:",toarray"`
	Time   int64
	Kind   uint8
	Digest []byte
	Erased bool
}

// erasedMark is the first byte of a storedErased: an array of four.
const erasedMark = 0x84

// appendStored appends the encoding of a stored, by hand because every append
// does it.
func appendStored(b []byte, at time.Time, kind uint8, sealed []byte) []byte {
	b = append(b, 0x83)
	b = appendUint(b, uint64(at.UnixMilli()))
	b = appendUint(b, uint64(kind))
	n := len(b)
	b = appendUint(b, uint64(len(sealed)))
	b[n] |= 0x40 // a byte string instead of an integer
	return append(b, sealed...)
}

func key(number uint64) []byte { return binary.BigEndian.AppendUint64(nil, number) }
