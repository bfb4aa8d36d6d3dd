// Package wire is the protocol between kiosks and the province: a [Batch] of
// consecutive entries of a journal, signed by the kiosk that wrote them, and the
// [Receipt] that the province signs when it has committed them. The same bytes
// travel over HTTPS, on a USB stick and as a series of QR codes.
//
// README.md beside this file describes the bytes so that others can write a
// client or a server. The examples in testdata/vectors, valid and invalid ones,
// are run by the tests of this package, of store/forward and of the province's
// intake.
package wire

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// Paths of the HTTP interface, and the type of all bodies.
const (
	PathBatches  = "/v1/batches"  // POST a batch: a receipt, or an [Error]
	PathReceipt  = "/v1/receipt"  // GET ?kiosk=&journal=: the latest receipt
	PathErasures = "/v1/erasures" // GET ?kiosk=: an array of byte strings, each an [Erasure]
	PathClock    = "/v1/clock"    // GET ?kiosk=: the latest [Clock], or an [Error] with code None
	ContentType  = "application/cbor"
)

// MaxBatch is the most bytes that an encoded batch may have.
const MaxBatch = 1 << 20

// MaxEntries is the most entries that a batch may have.
const MaxEntries = 1 << 14

var canonical = func() cbor.EncMode {
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err)
	}
	return mode
}()

var strict = func() cbor.DecMode {
	mode, err := cbor.DecOptions{
		DupMapKey:        cbor.DupMapKeyEnforcedAPF,
		IndefLength:      cbor.IndefLengthForbidden,
		TagsMd:           cbor.TagsForbidden,
		MaxNestedLevels:  4,
		MaxArrayElements: MaxEntries,
		MaxMapPairs:      32,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return mode
}()

// marshal is for our own types, whose encoding cannot fail.
func marshal(v any) []byte {
	b, err := canonical.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// unmarshal accepts only the canonical encoding: one value has one spelling.
func unmarshal(data []byte, v any) error {
	if err := strict.Unmarshal(data, v); err != nil {
		return err
	}
	if !bytes.Equal(marshal(v), data) {
		return errors.New("the CBOR is not canonical, or has keys that this version does not know")
	}
	return nil
}

// ErrSignature means that a signature does not hold.
var ErrSignature = errors.New("the signature does not hold")

// scalar is the size in bytes of each half of a signature.
const scalar = 32

// sign returns the ES256 signature (RFC 7518, 3.4: r and s, 32 bytes each) over
// the canonical encoding of v.
func sign(key crypto.Signer, random io.Reader, v any) ([]byte, error) {
	public, ok := key.Public().(*ecdsa.PublicKey)
	if !ok || public.Curve != elliptic.P256() {
		return nil, errors.New("signing: the key is not on P-256")
	}
	digest := sha256.Sum256(marshal(v))
	der, err := key.Sign(random, digest[:], crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	var rs struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &rs); err != nil {
		return nil, fmt.Errorf("reading the signature that the key gave: %w", err)
	}
	sig := make([]byte, 2*scalar)
	rs.R.FillBytes(sig[:scalar])
	rs.S.FillBytes(sig[scalar:])
	return sig, nil
}

func verify(key *ecdsa.PublicKey, sig []byte, v any) error {
	if key == nil || key.Curve != elliptic.P256() || len(sig) != 2*scalar {
		return ErrSignature
	}
	digest := sha256.Sum256(marshal(v))
	r, s := new(big.Int).SetBytes(sig[:scalar]), new(big.Int).SetBytes(sig[scalar:])
	if !ecdsa.Verify(key, digest[:], r, s) {
		return ErrSignature
	}
	return nil
}

// KeyID names a key of the province in what it signs: the first 8 bytes of the
// SHA-256 of its SubjectPublicKeyInfo.
func KeyID(key *ecdsa.PublicKey) []byte {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil
	}
	sum := sha256.Sum256(der)
	return sum[:8]
}

// named verifies with the one of the keys that the id names.
func named(keys []*ecdsa.PublicKey, id, sig []byte, v any) error {
	for _, key := range keys {
		if bytes.Equal(KeyID(key), id) {
			return verify(key, sig, v)
		}
	}
	return fmt.Errorf("%w: the key %x is not known", ErrSignature, id)
}

func milli(ms uint64) time.Time { return time.UnixMilli(int64(ms)).UTC() }
