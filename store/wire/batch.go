package wire

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"chot/store"
)

// Batch is a run of consecutive entries of one journal.
type Batch struct {
	Kiosk   string // that wrote the entries; who delivers them does not matter
	Journal store.ID
	// Lost counts the entries right before the first that the kiosk has lost
	// for good, by a damaged card. Zero, but for disasters.
	Lost    uint64
	Made    time.Time // by the kiosk's clock when it signed
	Entries []store.Entry

	signature []byte
}

// batch is how a Batch is written: columns, because that is the shortest. The
// numbers, previous hashes and digests follow from the rest.
type batch struct {
	Kiosk   string   `cbor:"1,keyasint"`
	Journal []byte   `cbor:"2,keyasint"`
	First   uint64   `cbor:"3,keyasint"`
	Prev    []byte   `cbor:"4,keyasint"`
	Start   uint64   `cbor:"5,keyasint"` // milliseconds since 1970 of the first entry
	Steps   []byte   `cbor:"6,keyasint"` // milliseconds from each entry to the next, varints
	Kinds   []byte   `cbor:"7,keyasint"`
	Lengths []byte   `cbor:"8,keyasint"`            // of the payloads, varints
	Sealed  []byte   `cbor:"9,keyasint"`            // the payloads, end to end
	Erased  []uint64 `cbor:"10,keyasint,omitempty"` // indices, ascending, whose payload is the digest
	Lost    uint64   `cbor:"11,keyasint,omitempty"`
	Made    uint64   `cbor:"12,keyasint"`
	Sig     []byte   `cbor:"13,keyasint"`
}

// Before is the position that the first entry follows.
func (b *Batch) Before() store.Position {
	return store.Position{Number: b.Entries[0].Number - 1, Hash: b.Entries[0].Prev}
}

// Head is the position after the last entry.
func (b *Batch) Head() store.Position {
	last := b.Entries[len(b.Entries)-1]
	return store.Position{Number: last.Number, Hash: last.Hash()}
}

// signed is what the kiosk signs.
func (b *Batch) signed() any {
	before, head := b.Before(), b.Head()
	return []any{"chot batch 1", b.Kiosk, b.Journal[:], before.Number + 1, head.Number, head.Hash[:],
		b.Lost, uint64(b.Made.UnixMilli())}
}

// Encode signs the batch with the kiosk's key and returns its bytes.
func (b *Batch) Encode(key crypto.Signer, random io.Reader) ([]byte, error) {
	if len(b.Entries) == 0 || len(b.Entries) > MaxEntries {
		return nil, fmt.Errorf("making a batch: %d entries, not 1 to %d", len(b.Entries), MaxEntries)
	}
	if _, err := store.Verify(b.Before(), b.Entries); err != nil {
		return nil, fmt.Errorf("making a batch: %w", err)
	}
	sig, err := sign(key, random, b.signed())
	if err != nil {
		return nil, fmt.Errorf("making a batch: %w", err)
	}
	b.signature = sig
	first := b.Entries[0]
	w := batch{
		Kiosk: b.Kiosk, Journal: b.Journal[:], First: first.Number, Prev: first.Prev[:],
		Start: uint64(first.Time.UnixMilli()), Steps: []byte{},
		Lost: b.Lost, Made: uint64(b.Made.UnixMilli()), Sig: sig,
	}
	at := first.Time
	for i, e := range b.Entries {
		if e.Time.Before(at) {
			return nil, fmt.Errorf("making a batch: entry %d bears an earlier time than the one before it", e.Number)
		}
		if i > 0 {
			w.Steps = binary.AppendUvarint(w.Steps, uint64(e.Time.UnixMilli()-at.UnixMilli()))
		}
		at = e.Time
		payload := e.Sealed
		if payload == nil {
			w.Erased, payload = append(w.Erased, uint64(i)), e.Digest[:]
		}
		w.Kinds = append(w.Kinds, e.Kind)
		w.Lengths = binary.AppendUvarint(w.Lengths, uint64(len(payload)))
		w.Sealed = append(w.Sealed, payload...)
	}
	data := marshal(w)
	if len(data) > MaxBatch {
		return nil, fmt.Errorf("making a batch: %d bytes, more than %d", len(data), MaxBatch)
	}
	return data, nil
}

// DecodeBatch reads the bytes of a batch. What it returns is well formed and a
// chain in itself; whether the kiosk signed it is for [Batch.Verify], whether it
// follows what is known for [Batch.After]. Errors are of type [*Error] with code
// [Malformed] or [TooLarge].
func DecodeBatch(data []byte) (*Batch, error) {
	if len(data) > MaxBatch {
		return nil, &Error{Code: TooLarge, Text: fmt.Sprintf("a batch of %d bytes, more than %d", len(data), MaxBatch)}
	}
	var w batch
	if err := unmarshal(data, &w); err != nil {
		return nil, &Error{Code: Malformed, Text: "reading the batch: " + err.Error()}
	}
	b, err := w.expand()
	if err != nil {
		return nil, &Error{Code: Malformed, Text: "reading the batch: " + err.Error()}
	}
	return b, nil
}

// The last millisecond that a time may have: the year 9999.
const maxMilli = 253402300799999

func (w *batch) expand() (*Batch, error) {
	n := len(w.Kinds)
	steps, ok1 := uvarints(w.Steps, n-1)
	lengths, ok2 := uvarints(w.Lengths, n)
	switch {
	case w.Kiosk == "" || len(w.Kiosk) > MaxKiosk:
		return nil, fmt.Errorf("the kiosk's name has %d bytes, not 1 to %d", len(w.Kiosk), MaxKiosk)
	case len(w.Journal) != len(store.ID{}):
		return nil, fmt.Errorf("the journal's name has %d bytes, not %d", len(w.Journal), len(store.ID{}))
	case len(w.Prev) != sha256.Size:
		return nil, fmt.Errorf("the previous hash has %d bytes", len(w.Prev))
	case len(w.Sig) != 2*scalar:
		return nil, fmt.Errorf("the signature has %d bytes", len(w.Sig))
	case n == 0 || n > MaxEntries:
		return nil, fmt.Errorf("%d entries, not 1 to %d", n, MaxEntries)
	case !ok1 || !ok2 || w.Steps == nil:
		return nil, fmt.Errorf("there are not %d steps and %d lengths", n-1, n)
	case w.First == 0 || w.First > math.MaxInt64-MaxEntries:
		return nil, fmt.Errorf("the first entry is number %d", w.First)
	case w.Lost >= w.First:
		return nil, fmt.Errorf("%d entries lost before number %d", w.Lost, w.First)
	case w.Start > maxMilli || w.Made > maxMilli:
		return nil, errors.New("a time beyond the year 9999")
	case len(w.Erased) > n:
		return nil, errors.New("more erased entries than entries")
	}
	b := &Batch{
		Kiosk: w.Kiosk, Journal: store.ID(w.Journal), Lost: w.Lost, Made: milli(w.Made),
		Entries: make([]store.Entry, n), signature: w.Sig,
	}
	at, ms, erased, sealed := store.Hash(w.Prev), w.Start, w.Erased, w.Sealed
	for i := range b.Entries {
		if i > 0 {
			if steps[i-1] > maxMilli || ms+steps[i-1] > maxMilli {
				return nil, errors.New("a time beyond the year 9999")
			}
			ms += steps[i-1]
		}
		if lengths[i] == 0 || lengths[i] > uint64(len(sealed)) {
			return nil, errors.New("the payloads are not as long as their lengths say")
		}
		payload := sealed[:lengths[i]:lengths[i]]
		sealed = sealed[lengths[i]:]
		e := store.Entry{Number: w.First + uint64(i), Time: milli(ms), Kind: w.Kinds[i], Prev: at}
		if len(erased) > 0 && erased[0] == uint64(i) {
			if len(payload) != sha256.Size {
				return nil, fmt.Errorf("the digest of erased entry %d has %d bytes", e.Number, len(payload))
			}
			e.Digest, erased = store.Hash(payload), erased[1:]
		} else {
			e.Sealed, e.Digest = payload, sha256.Sum256(payload)
		}
		b.Entries[i], at = e, e.Hash()
	}
	if len(erased) > 0 {
		return nil, fmt.Errorf("erased entries are listed out of order: %d", erased[0])
	}
	if len(sealed) > 0 {
		return nil, fmt.Errorf("%d bytes follow the payloads", len(sealed))
	}
	return b, nil
}

// uvarints reads n varints that are all of b, each in its shortest form.
func uvarints(b []byte, n int) (all []uint64, ok bool) {
	if n < 0 || n > len(b) {
		return nil, false
	}
	for range n {
		v, size := binary.Uvarint(b)
		if size <= 0 || size > 1 && b[size-1] == 0 {
			return nil, false
		}
		all, b = append(all, v), b[size:]
	}
	return all, len(b) == 0
}

// MaxKiosk is the most bytes that a kiosk's name has.
const MaxKiosk = 64

// Verify checks that the kiosk with this key signed the batch. The error is of
// type [*Error] with code [BadSignature].
func (b *Batch) Verify(key *ecdsa.PublicKey) error {
	if err := verify(key, b.signature, b.signed()); err != nil {
		return &Error{Code: BadSignature, Text: fmt.Sprintf("the batch %d to %d of kiosk %s: %v",
			b.Before().Number+1, b.Head().Number, b.Kiosk, err)}
	}
	return nil
}

// After returns the entries of the batch that are new to one who has the journal
// up to have (the zero number where nothing is held yet), none for a repeat.
// hashAt returns the hash of an entry that is held, so that a batch that is
// known to its last entry is compared too.
//
// Errors of type [*Error] have code [Gap] when entries between are missing, or
// [Fork] when the batch differs from what is held.
func (b *Batch) After(have store.Position, hashAt func(number uint64) (store.Hash, error)) ([]store.Entry, error) {
	if have.Number == 0 {
		have.Hash = store.Genesis(b.Kiosk, b.Journal)
	}
	before, head := b.Before(), b.Head()
	fork := func(number uint64) error {
		return &Error{Code: Fork, Have: have, Text: fmt.Sprintf(
			"kiosk %s sent another entry %d than is held: a cloned or tampered card", b.Kiosk, number)}
	}
	switch {
	case before.Number > have.Number && before.Number-b.Lost <= have.Number:
		return b.Entries, nil // what is missing is lost, the kiosk says so
	case before.Number > have.Number:
		return nil, &Error{Code: Gap, Have: have, Text: fmt.Sprintf(
			"the batch begins with entry %d, the last one held is %d", before.Number+1, have.Number)}
	case before.Number == have.Number:
		if before.Hash != have.Hash {
			return nil, fork(have.Number)
		}
		return b.Entries, nil
	case head.Number >= have.Number:
		known := have.Number - before.Number
		if b.Entries[known-1].Hash() != have.Hash {
			return nil, fork(have.Number)
		}
		return b.Entries[known:], nil
	}
	held, err := hashAt(head.Number)
	if err != nil {
		return nil, fmt.Errorf("looking up entry %d of kiosk %s: %w", head.Number, b.Kiosk, err)
	}
	if held != head.Hash {
		return nil, fork(head.Number)
	}
	return nil, nil
}
