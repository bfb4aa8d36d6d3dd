package cose_test

import (
	"bytes"
	"crypto"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/asn1"
	"math/big"
	"testing"

	"chot/kiosk/credential/cose"
)

// TestES256 holds that r and s reach crypto/ecdsa as they are, whatever their
// width, and that nothing else is taken for a signature.
func TestES256(t *testing.T) {
	t.Parallel()
	key := newEC(t, elliptic.P256())
	order := elliptic.P256().Params().N
	fixed := func(n *big.Int) []byte { return n.FillBytes(make([]byte, 32)) }
	short := 0
	for i := 0; i < 2000 && (i < 20 || short == 0); i++ {
		digest := [32]byte{byte(i), byte(i >> 8)}
		der, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		var sig struct{ R, S *big.Int }
		if _, err := asn1.Unmarshal(der, &sig); err != nil {
			t.Fatal(err)
		}
		if sig.R.BitLen() <= 248 || sig.S.BitLen() <= 248 {
			short++
		}
		r, s := fixed(sig.R), fixed(sig.S)
		otherS := fixed(new(big.Int).Sub(order, sig.S))
		zero, whole := make([]byte, 32), fixed(order)
		for what, c := range map[string]struct {
			signature []byte
			want      bool
		}{
			"as signed":      {append(bytes.Clone(r), s...), true},
			"the other s":    {append(bytes.Clone(r), otherS...), true}, // COSE does not forbid it
			"swapped":        {append(bytes.Clone(s), r...), false},
			"nothing":        {nil, false},
			"63 bytes":       {append(bytes.Clone(r[1:]), s...), false},
			"65 bytes":       {append(append(bytes.Clone(r), s...), 0), false},
			"in ASN.1":       {der, false},
			"r of zero":      {append(bytes.Clone(zero), s...), false},
			"s of zero":      {append(bytes.Clone(r), zero...), false},
			"zero":           {make([]byte, 64), false},
			"r of the order": {append(bytes.Clone(whole), s...), false},
			"s of the order": {append(bytes.Clone(r), whole...), false},
			"all ones":       {bytes.Repeat([]byte{0xFF}, 64), false},
		} {
			if got := cose.VerifyES256(key.Public(), digest, c.signature); got != c.want {
				t.Errorf("%s, signature %x: %v", what, c.signature, got)
			}
		}
		if cose.VerifyES256(key.Public(), [32]byte{0xFF}, append(bytes.Clone(r), s...)) {
			t.Error("another digest is taken")
		}
	}
	if short == 0 {
		t.Error("no signature had a leading zero")
	}
}

// TestPS256 holds the parameters of RFC 8230: MGF1 and a salt of 32 bytes, a key
// of 2048 to 4096 bits.
func TestPS256(t *testing.T) {
	t.Parallel()
	digest := [32]byte{1, 2, 3}
	for _, c := range []struct {
		what string
		bits int
		salt int
		want bool
	}{
		{"as specified", 2048, 32, true},
		{"a modulus that begins within a byte", 2049, 32, true},
		{"a short salt", 2048, 31, false},
		{"a long salt", 2048, 33, false},
		{"the longest salt", 2048, rsa.PSSSaltLengthAuto, false},
		{"a short key", 1024, 32, false},
	} {
		key, err := rsa.GenerateKey(rand.Reader, c.bits)
		if err != nil {
			t.Fatal(err)
		}
		m := cose.Message{Alg: cose.PS256}
		if m.Signature, err = rsa.SignPSS(rand.Reader, key, crypto.SHA256, digest[:], &rsa.PSSOptions{SaltLength: c.salt}); err != nil {
			t.Fatal(err)
		}
		if got := m.Verify(key.Public(), digest); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
		for _, wrong := range [][]byte{nil, m.Signature[1:], append([]byte{0}, m.Signature...), make([]byte, len(m.Signature))} {
			changed := m
			if changed.Signature = wrong; changed.Verify(key.Public(), digest) {
				t.Errorf("%s: a signature of %d bytes is taken", c.what, len(wrong))
			}
		}
		if m.Verify(key.Public(), [32]byte{9}) {
			t.Errorf("%s: another digest is taken", c.what)
		}
	}
	large := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 4096), E: 3}
	if m := (cose.Message{Alg: cose.PS256, Signature: make([]byte, 513)}); m.Verify(large, digest) {
		t.Error("a key of 4097 bits is taken")
	}
}
