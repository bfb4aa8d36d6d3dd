package wire

import (
	"crypto"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"io"
	"time"
)

// Clock is the province's statement of what time it is, by which a kiosk sets the
// floor of its clock, to a lower time too: the way back after the province itself
// has signed a wrong time.
type Clock struct {
	Kiosk  string    // that it is for
	Serial uint64    // from 1; a kiosk obeys a statement with a higher serial than the last one's
	Time   time.Time // to the millisecond

	key, signature []byte
}

type clock struct {
	Kiosk  string `cbor:"1,keyasint"`
	Serial uint64 `cbor:"2,keyasint"`
	Time   uint64 `cbor:"3,keyasint"` // milliseconds since 1970
	Key    []byte `cbor:"4,keyasint"`
	Sig    []byte `cbor:"5,keyasint"`
}

func (c *Clock) signed() any {
	return []any{"chot clock 1", c.Kiosk, c.Serial, uint64(c.Time.UnixMilli())}
}

// Encode signs the statement with a receipt key of the province and returns its
// bytes. A nil random makes the signature deterministic (RFC 6979).
func (c *Clock) Encode(key crypto.Signer, random io.Reader) ([]byte, error) {
	sig, err := sign(key, random, c.signed())
	if err != nil {
		return nil, fmt.Errorf("making a statement about the clock: %w", err)
	}
	c.signature, c.key = sig, KeyID(key.Public().(*ecdsa.PublicKey))
	return marshal(clock{c.Kiosk, c.Serial, uint64(c.Time.UnixMilli()), c.key, sig}), nil
}

// DecodeClock reads the bytes of a statement. Nothing in it may be believed before
// [Clock.Verify].
func DecodeClock(data []byte) (*Clock, error) {
	var w clock
	if err := unmarshal(data, &w); err != nil {
		return nil, fmt.Errorf("reading a statement about the clock: %w", err)
	}
	if w.Kiosk == "" || len(w.Kiosk) > MaxKiosk || w.Serial == 0 || w.Time > maxMilli {
		return nil, errors.New("reading a statement about the clock: a field is out of range")
	}
	return &Clock{w.Kiosk, w.Serial, milli(w.Time), w.Key, w.Sig}, nil
}

// Verify checks that one of the province's receipt keys signed the statement; the
// error wraps [ErrSignature].
func (c *Clock) Verify(keys []*ecdsa.PublicKey) error {
	if err := named(keys, c.key, c.signature, c.signed()); err != nil {
		return fmt.Errorf("statement %d about the clock of kiosk %s: %w", c.Serial, c.Kiosk, err)
	}
	return nil
}
