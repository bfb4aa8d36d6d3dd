package wire

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"

	"chot/store"
)

// Receipt is the province's signed word that it holds a kiosk's journal up to a
// position. It is signed only after the entries are committed.
type Receipt struct {
	Kiosk   string
	Journal store.ID
	Held    store.Position
	Time    time.Time // by the province's clock, to the millisecond

	key, signature []byte
}

type receipt struct {
	Kiosk   string `cbor:"1,keyasint"`
	Journal []byte `cbor:"2,keyasint"`
	Number  uint64 `cbor:"3,keyasint"`
	Hash    []byte `cbor:"4,keyasint"`
	Time    uint64 `cbor:"5,keyasint"` // milliseconds since 1970
	Key     []byte `cbor:"6,keyasint"`
	Sig     []byte `cbor:"7,keyasint"`
}

func (r *Receipt) signed() any {
	return []any{"chot receipt 1", r.Kiosk, r.Journal[:], r.Held.Number, r.Held.Hash[:], uint64(r.Time.UnixMilli())}
}

// Encode signs the receipt with the province's receipt key and returns its bytes.
func (r *Receipt) Encode(key crypto.Signer, random io.Reader) ([]byte, error) {
	sig, err := sign(key, random, r.signed())
	if err != nil {
		return nil, fmt.Errorf("making a receipt: %w", err)
	}
	r.signature, r.key = sig, KeyID(key.Public().(*ecdsa.PublicKey))
	return marshal(receipt{r.Kiosk, r.Journal[:], r.Held.Number, r.Held.Hash[:], uint64(r.Time.UnixMilli()), r.key, sig}), nil
}

// DecodeReceipt reads the bytes of a receipt. Nothing in it may be believed
// before [Receipt.Verify].
func DecodeReceipt(data []byte) (*Receipt, error) {
	var w receipt
	if err := unmarshal(data, &w); err != nil {
		return nil, fmt.Errorf("reading a receipt: %w", err)
	}
	if len(w.Journal) != len(store.ID{}) || len(w.Hash) != sha256.Size || w.Time > maxMilli ||
		w.Kiosk == "" || len(w.Kiosk) > MaxKiosk || w.Number == 0 {
		return nil, errors.New("reading a receipt: a field is out of range")
	}
	return &Receipt{
		Kiosk: w.Kiosk, Journal: store.ID(w.Journal),
		Held: store.Position{Number: w.Number, Hash: store.Hash(w.Hash)},
		Time: milli(w.Time), key: w.Key, signature: w.Sig,
	}, nil
}

// Verify checks that one of the province's receipt keys signed the receipt; the
// error wraps [ErrSignature].
func (r *Receipt) Verify(keys []*ecdsa.PublicKey) error {
	if err := named(keys, r.key, r.signature, r.signed()); err != nil {
		return fmt.Errorf("the receipt for kiosk %s up to %d: %w", r.Kiosk, r.Held.Number, err)
	}
	return nil
}
