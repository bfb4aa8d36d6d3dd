package wire

import (
	"crypto"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"io"
	"time"

	"chot/store"
)

// Erasure is the province's order to a kiosk to erase the payloads of entries
// that it may still keep, at a person's request. The kiosk does so, and journals
// the order's bytes as an entry: the proof.
type Erasure struct {
	Kiosk   string
	Journal store.ID
	Numbers []uint64
	Time    time.Time

	key, signature []byte
}

type erasure struct {
	Kiosk   string   `cbor:"1,keyasint"`
	Journal []byte   `cbor:"2,keyasint"`
	Numbers []uint64 `cbor:"3,keyasint"`
	Time    uint64   `cbor:"4,keyasint"`
	Key     []byte   `cbor:"5,keyasint"`
	Sig     []byte   `cbor:"6,keyasint"`
}

func (e *Erasure) signed() any {
	return []any{"chot erasure 1", e.Kiosk, e.Journal[:], e.Numbers, uint64(e.Time.UnixMilli())}
}

// Encode signs the order with a receipt key of the province and returns its bytes.
func (e *Erasure) Encode(key crypto.Signer, random io.Reader) ([]byte, error) {
	sig, err := sign(key, random, e.signed())
	if err != nil {
		return nil, fmt.Errorf("making an erasure order: %w", err)
	}
	e.signature, e.key = sig, KeyID(key.Public().(*ecdsa.PublicKey))
	return marshal(erasure{e.Kiosk, e.Journal[:], e.Numbers, uint64(e.Time.UnixMilli()), e.key, sig}), nil
}

// DecodeErasure reads the bytes of an order, to be verified before it is obeyed.
func DecodeErasure(data []byte) (*Erasure, error) {
	var w erasure
	if err := unmarshal(data, &w); err != nil {
		return nil, fmt.Errorf("reading an erasure order: %w", err)
	}
	if len(w.Journal) != len(store.ID{}) || w.Time > maxMilli || w.Kiosk == "" || len(w.Kiosk) > MaxKiosk {
		return nil, errors.New("reading an erasure order: a field is out of range")
	}
	return &Erasure{w.Kiosk, store.ID(w.Journal), w.Numbers, milli(w.Time), w.Key, w.Sig}, nil
}

// Verify checks that one of the province's receipt keys signed the order; the
// error wraps [ErrSignature].
func (e *Erasure) Verify(keys []*ecdsa.PublicKey) error {
	if err := named(keys, e.key, e.signature, e.signed()); err != nil {
		return fmt.Errorf("the erasure order for kiosk %s: %w", e.Kiosk, err)
	}
	return nil
}
