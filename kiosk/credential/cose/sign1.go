package cose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"math"
)

// The algorithms, RFC 9053 section 2.1 and RFC 8230 section 2.
const (
	ES256 = -7
	PS256 = -37

	unknownAlg = math.MinInt64 // of an algorithm that is no number
)

// Header labels, RFC 9052 section 3.1.
const (
	labelAlg = 1
	labelKid = 4
)

const context = "Signature1"

// Message is a COSE_Sign1. Its slices are parts of what it was parsed from.
type Message struct {
	Alg int64  // of the protected header, 0 where that names none
	Kid []byte // nil where the message names no key

	Payload   []byte
	Signature []byte
	protected []byte
}

// Parse takes a COSE_Sign1 apart: untagged, tagged, or tagged as a CWT and as a
// COSE_Sign1. The kid may stand in either header; where it is in both, the
// protected one holds. An algorithm that is not protected is not looked at: the
// key says which it is, and whoever changes it changes nothing.
func Parse(data []byte) (m Message, err error) {
	r := reader[[]byte]{data: data, items: MaxItems}
	h, ok := r.untagged()
	if !ok || h.major != array || !h.indefinite() && h.arg != 4 {
		return m, ErrMalformed
	}
	var part [4][]byte
	for i := range part {
		start := r.pos
		if !r.skip(1) {
			return m, ErrMalformed
		}
		part[i] = data[start:r.pos]
	}
	if h.indefinite() && r.more(h, 4) || r.pos != len(data) {
		return m, ErrMalformed
	}
	var fine [3]bool
	m.protected, fine[0] = content(part[0])
	m.Payload, fine[1] = content(part[2])
	m.Signature, fine[2] = content(part[3])
	if fine != [3]bool{true, true, true} {
		return m, ErrMalformed
	}
	if err := m.header(part[1]); err != nil {
		return m, err
	}
	m.Alg = 0
	if len(m.protected) > 0 {
		err = m.header(m.protected)
	}
	return m, err
}

// header takes over what a header says.
func (m *Message) header(raw []byte) error {
	entries := openHeader(raw)
	for entries.next() {
		switch entries.label {
		case labelAlg:
			// An algorithm may also be a text; none of those is one of ours.
			if n, ok := number(entries.raw); ok && n != 0 {
				m.Alg = n
			} else {
				m.Alg = unknownAlg
			}
		case labelKid:
			kid, ok := content(entries.raw)
			if !ok {
				return ErrMalformed
			}
			m.Kid = kid
		}
	}
	if entries.bad {
		return ErrMalformed
	}
	return nil
}

// Digest is the SHA-256 of what is signed, the Sig_structure of RFC 9052
// section 4.4. It is the same for every key that is tried.
func (m *Message) Digest() [sha256.Size]byte {
	var room [1024]byte
	b := append(room[:0], array<<5|4, textString<<5|byte(len(context)))
	b = append(b, context...)
	b = appendBytes(b, m.protected)
	b = append(b, byteString<<5)
	b = appendBytes(b, m.Payload)
	return sha256.Sum256(b)
}

// Suits says whether the key is of the algorithm's kind: ES256 takes P-256, PS256
// takes RSA of 2048 to 4096 bits.
func (m *Message) Suits(key crypto.PublicKey) bool {
	alg := int64(0)
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P256() {
			alg = ES256
		}
	case *rsa.PublicKey:
		if n := key.N.BitLen(); n >= minRSA && n <= maxRSA {
			alg = PS256
		}
	}
	return alg != 0 && (m.Alg == alg || m.Alg == 0)
}

// Known says whether the algorithm is one of the two, or is not given.
func (m *Message) Known() bool { return m.Alg == ES256 || m.Alg == PS256 || m.Alg == 0 }

// Verify says whether the key signed the message whose digest is given. A key that
// does not suit it never did.
func (m *Message) Verify(key crypto.PublicKey, digest [sha256.Size]byte) bool {
	if !m.Suits(key) {
		return false
	}
	if public, ok := key.(*rsa.PublicKey); ok {
		return rsa.VerifyPSS(public, crypto.SHA256, digest[:], m.Signature, &pss) == nil
	}
	return VerifyES256(key, digest, m.Signature)
}

// Signed is the message's signature, to be checked with a key.
func (m *Message) Signed() Signature { return Signature{m, m.Digest()} }

// Signature is that of a message with what it was made over.
type Signature struct {
	*Message
	digest [sha256.Size]byte
}

// Holds says whether the key made it.
func (s Signature) Holds(key crypto.PublicKey) bool { return s.Verify(key, s.digest) }

// ES256Signature is one of 64 bytes, r and s, that stands without a COSE message.
type ES256Signature struct {
	Digest [sha256.Size]byte
	Bytes  []byte
}

// Suits says whether the key is of P-256.
func (ES256Signature) Suits(key crypto.PublicKey) bool {
	public, ok := key.(*ecdsa.PublicKey)
	return ok && public.Curve == elliptic.P256()
}

// Holds says whether the key made it.
func (s ES256Signature) Holds(key crypto.PublicKey) bool { return VerifyES256(key, s.Digest, s.Bytes) }

// VerifyES256 says whether a signature of 64 bytes, r and s, was made with the
// key. JWS and the seals of ICAO write their signatures alike.
func VerifyES256(key crypto.PublicKey, digest [sha256.Size]byte, signature []byte) bool {
	public, ok := key.(*ecdsa.PublicKey)
	return ok && public.Curve == elliptic.P256() && len(signature) == 64 && verifyEC(public, digest, signature)
}

// verifyEC hands r and s to crypto/ecdsa, which wants them in ASN.1.
func verifyEC(public *ecdsa.PublicKey, digest [sha256.Size]byte, signature []byte) bool {
	var room [72]byte
	der := append(room[:0], 0x30, 0)
	der = appendInteger(der, signature[:32])
	der = appendInteger(der, signature[32:])
	der[1] = byte(len(der) - 2)
	return ecdsa.VerifyASN1(public, digest[:], der)
}

// appendInteger appends a DER INTEGER: without leading zeros, but with one
// where the first bit would make it negative.
func appendInteger(der, n []byte) []byte {
	for len(n) > 1 && n[0] == 0 {
		n = n[1:]
	}
	pad := n[0] >> 7
	der = append(der, 0x02, byte(len(n))+pad)
	if pad == 1 {
		der = append(der, 0)
	}
	return append(der, n...)
}

const (
	minRSA = 2048
	maxRSA = 4096 // beyond, checking takes longer than anybody waits for
)

// RFC 8230 has the salt as long as the hash.
var pss = rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
