package store

import (
	"crypto/cipher"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

// The HPKE suite (RFC 9180; the hybrid KEM is draft-ietf-hpke-pq's X-Wing). The
// context is used for its exported secret: entries are then sealed under it with
// their number as nonce, so that any entry opens without those before it.
func suite() (hpke.KDF, hpke.AEAD) { return hpke.HKDFSHA256(), hpke.ChaCha20Poly1305() }

const exporter = "chot entries"

// segment is the payload of an entry of [KindSegment].
type segment struct {
	KeyID []byte `cbor:"1,keyasint"` // of the public key that Enc is for
	Enc   []byte `cbor:"2,keyasint"` // the encapsulation, 1120 bytes
}

// keyID names a public seal key: the first 8 bytes of its SHA-256.
func keyID(key hpke.PublicKey) []byte {
	sum := sha256.Sum256(key.Bytes())
	return sum[:8]
}

func sealInfo(kiosk string, journal ID) []byte {
	return encode([]any{"chot segment 1", kiosk, journal[:]})
}

// sealer seals the entries of one segment. It must never seal two payloads under
// one number: after a commit that failed, a new one is made.
type sealer struct {
	aead    cipher.AEAD
	kiosk   string
	journal ID
	payload []byte // of the segment's entry
}

func newSealer(key hpke.PublicKey, kiosk string, journal ID) (*sealer, error) {
	kdf, aead := suite()
	enc, sender, err := hpke.NewSender(key, kdf, aead, sealInfo(kiosk, journal))
	if err != nil {
		return nil, fmt.Errorf("encapsulating to the province's key: %w", err)
	}
	secret, err := sender.Export(exporter, chacha20poly1305.KeySize)
	if err != nil {
		return nil, fmt.Errorf("deriving the segment's key: %w", err)
	}
	box, err := chacha20poly1305.New(secret)
	if err != nil {
		return nil, fmt.Errorf("deriving the segment's key: %w", err)
	}
	return &sealer{box, kiosk, journal, encode(segment{keyID(key), enc})}, nil
}

func (s *sealer) seal(dst []byte, number uint64, at time.Time, kind uint8, plain []byte) []byte {
	return s.aead.Seal(dst, nonce(number), plain, associated(s.kiosk, s.journal, number, at, kind))
}

func nonce(number uint64) []byte {
	var n [chacha20poly1305.NonceSize]byte
	binary.BigEndian.PutUint64(n[4:], number)
	return n[:]
}

// associated is the data that a seal binds besides the payload.
//
// It is the canonical CBOR array of all five, by hand as in [Entry.Hash].
func associated(kiosk string, journal ID, number uint64, at time.Time, kind uint8) []byte {
	b := make([]byte, 0, 64)
	b = append(b, 0x85)
	b = append(appendHead(b, majorText, uint64(len(kiosk))), kiosk...)
	b = append(appendHead(b, majorBytes, uint64(len(journal))), journal[:]...)
	b = appendUint(b, number)
	b = appendUint(b, uint64(at.UnixMilli()))
	return appendUint(b, uint64(kind))
}

// Opener reads sealed entries; it belongs to the province. It is safe for
// concurrent use.
type Opener struct {
	keys map[string]hpke.PrivateKey // by the name that segments have for them
}

// NewOpener returns an opener for segments that were made for any of the keys:
// the present one, and older ones until no kiosk uses them.
func NewOpener(keys ...hpke.PrivateKey) *Opener {
	o := &Opener{make(map[string]hpke.PrivateKey, len(keys))}
	for _, key := range keys {
		o.keys[string(keyID(key.PublicKey()))] = key
	}
	return o
}

// Open returns the payloads of consecutive entries of a kiosk's journal.
//
// The segment is the payload (Sealed) of the last entry of [KindSegment] before
// the first of the entries, nil if there is no such entry; the last such payload within
// reach is returned, to be handed in with the next entries. Payloads of segment
// entries and of erased ones are nil.
//
// An entry that does not open yields an error that wraps [ErrSealed]; the other
// payloads are returned all the same, with a nil payload in its place, so that
// one damaged entry costs no other.
func (o *Opener) Open(kiosk string, journal ID, segment []byte, entries []Entry) (payloads [][]byte, last []byte, err error) {
	payloads = make([][]byte, len(entries))
	last = segment
	box, failed := o.unwrap(kiosk, journal, last)
	for i, e := range entries {
		switch {
		case e.Sealed == nil:
			continue
		case e.Kind == KindSegment:
			last = e.Sealed
			box, failed = o.unwrap(kiosk, journal, last)
			continue
		case box != nil:
			var plain []byte
			plain, failed = box.Open(nil, nonce(e.Number), e.Sealed, associated(kiosk, journal, e.Number, e.Time, e.Kind))
			if failed == nil {
				payloads[i], failed = decompress(plain)
			}
		}
		if failed != nil {
			err = fmt.Errorf("entry %d of kind %d: %w: %w", e.Number, e.Kind, ErrSealed, failed)
		}
	}
	return payloads, last, err
}

// unwrap returns the key of a segment.
func (o *Opener) unwrap(kiosk string, journal ID, payload []byte) (cipher.AEAD, error) {
	var s segment
	if err := strict.Unmarshal(payload, &s); err != nil {
		return nil, fmt.Errorf("reading the segment: %w", err)
	}
	key, here := o.keys[string(s.KeyID)]
	if !here {
		return nil, fmt.Errorf("the segment was made for the key %x, which is not here", s.KeyID)
	}
	kdf, aead := suite()
	recipient, err := hpke.NewRecipient(s.Enc, key, kdf, aead, sealInfo(kiosk, journal))
	if err != nil {
		return nil, fmt.Errorf("opening the segment: %w", err)
	}
	secret, err := recipient.Export(exporter, chacha20poly1305.KeySize)
	if err != nil {
		return nil, fmt.Errorf("deriving the segment's key: %w", err)
	}
	return chacha20poly1305.New(secret)
}
