package cose_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"math/big"
	mrand "math/rand/v2"
	"testing"

	"chot/kiosk/credential/cose"

	"filippo.io/nistec"
)

var order = elliptic.P256().Params().N

func scalar(n *big.Int) []byte { return new(big.Int).Mod(n, order).FillBytes(make([]byte, 32)) }

// forge makes the digest and the signature with which a verifier comes to
// u·G + v·Q: ECDSA is forgeable for whoever may choose the digest.
func forge(t testing.TB, public *ecdsa.PublicKey, u, v *big.Int) (digest [32]byte, signature []byte) {
	t.Helper()
	encoded, err := public.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	q, err := nistec.NewP256Point().SetBytes(encoded)
	if err != nil {
		t.Fatal(err)
	}
	q.ScalarMult(q, scalar(v))
	g, _ := nistec.NewP256Point().ScalarBaseMult(scalar(u))
	r := big.NewInt(7) // where the sum is at infinity, any will do
	if x, err := g.Add(g, q).BytesX(); err == nil {
		r.Mod(new(big.Int).SetBytes(x), order)
	}
	inverse := new(big.Int).ModInverse(v, order)
	s := new(big.Int).Mul(r, inverse)
	e := new(big.Int).Mul(u, s)
	copy(digest[:], scalar(e))
	return digest, append(scalar(r), scalar(s)...)
}

// learned is a prepared key that has seen a genuine signature.
func learned(t testing.TB, key *ecdsa.PrivateKey) *cose.ECKey {
	t.Helper()
	prepared, ok := cose.Prepare(key.Public()).(*cose.ECKey)
	if !ok {
		t.Fatal("a key of P-256 is not prepared")
	}
	digest, signature := forge(t, &key.PublicKey, big.NewInt(3), big.NewInt(5))
	for range 2 {
		if !cose.VerifyES256(prepared, digest, signature) {
			t.Fatal("a genuine signature is refused")
		}
	}
	return prepared
}

// TestLearnedKeys compares with crypto/ecdsa: sums that double, that vanish,
// scalars with empty digits, and everything that may be wrong.
func TestLearnedKeys(t *testing.T) {
	t.Parallel()
	key := newEC(t, elliptic.P256())
	prepared := learned(t, key)
	agree := func(what string, digest [32]byte, signature []byte, want bool) {
		t.Helper()
		plain, quick := cose.VerifyES256(key.Public(), digest, signature), cose.VerifyES256(prepared, digest, signature)
		if plain != quick || plain != want {
			t.Errorf("%s: crypto/ecdsa says %v, the learned key %v, want %v", what, plain, quick, want)
		}
	}
	raw, err := key.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	d := new(big.Int).SetBytes(raw)
	top := new(big.Int).Sub(order, big.NewInt(1))
	scalars := []*big.Int{big.NewInt(1), big.NewInt(2), big.NewInt(15), big.NewInt(16), new(big.Int).Lsh(big.NewInt(1), 252), top, d}
	for range 16 {
		n, err := rand.Int(rand.Reader, top)
		if err != nil {
			t.Fatal(err)
		}
		scalars = append(scalars, n.Add(n, big.NewInt(1)))
	}
	for _, v := range scalars {
		same := new(big.Int).Mod(new(big.Int).Mul(v, d), order)
		digest, signature := forge(t, &key.PublicKey, same, v)
		agree("a sum that doubles", digest, signature, true)
		digest, signature = forge(t, &key.PublicKey, new(big.Int).Sub(order, same), v)
		agree("a sum at infinity", digest, signature, false)
		digest, signature = forge(t, &key.PublicKey, new(big.Int), v)
		agree("a digest of zero", digest, signature, true)
		for _, u := range scalars {
			digest, signature = forge(t, &key.PublicKey, u, v)
			vanishes := new(big.Int).Mod(new(big.Int).Add(u, same), order).Sign() == 0
			agree("a sum of two", digest, signature, !vanishes)
		}
		for range 32 {
			changed := bytes.Clone(signature)
			changed[mrand.IntN(64)] ^= 1 << mrand.IntN(8)
			agree("a changed bit", digest, changed, false)
		}
		r, s := signature[:32], signature[32:]
		whole := order.FillBytes(make([]byte, 32))
		zero := make([]byte, 32)
		for what, wrong := range map[string][]byte{
			"nothing": nil, "cut short": signature[1:], "a byte more": append(bytes.Clone(signature), 0),
			"r of zero": append(bytes.Clone(zero), s...), "s of zero": append(bytes.Clone(r), zero...),
			"r of the order": append(bytes.Clone(whole), s...), "s of the order": append(bytes.Clone(r), whole...),
			"all ones": bytes.Repeat([]byte{0xFF}, 64),
		} {
			agree(what, digest, wrong, false)
		}
		// s and n-s sign alike; nobody forbids it in COSE.
		other := new(big.Int).Sub(order, new(big.Int).SetBytes(s))
		agree("the other s", digest, append(bytes.Clone(r), scalar(other)...), true)
	}
	if cose.VerifyES256(learned(t, newEC(t, elliptic.P256())), [32]byte{1}, bytes.Repeat([]byte{1}, 64)) {
		t.Error("another key takes anything")
	}
}

// TestLearnsFromItsIssuerAlone shows that what a forger names stays as it is.
func TestLearnsFromItsIssuerAlone(t *testing.T) {
	t.Parallel()
	key := newEC(t, elliptic.P256())
	prepared := cose.Prepare(key.Public()).(*cose.ECKey)
	digest, signature := forge(t, &key.PublicKey, big.NewInt(3), big.NewInt(5))
	wrong := bytes.Clone(signature)
	wrong[40] ^= 1
	for range 3 {
		if cose.VerifyES256(prepared, digest, wrong) || prepared.Learned() {
			t.Fatal("the key learned from a forged signature, or took it")
		}
	}
	if !cose.VerifyES256(prepared, digest, signature) || !prepared.Learned() {
		t.Fatal("the key learned nothing from a genuine signature, or refused it")
	}
}

// FuzzES256 holds that a learned key says what crypto/ecdsa says.
func FuzzES256(f *testing.F) {
	key := newEC(f, elliptic.P256())
	prepared := learned(f, key)
	digest, signature := forge(f, &key.PublicKey, big.NewInt(1), big.NewInt(1))
	f.Add(digest[:], signature)
	f.Add(make([]byte, 32), make([]byte, 64))
	f.Fuzz(func(t *testing.T, d, signature []byte) {
		digest := [32]byte{}
		copy(digest[:], d)
		if a, b := cose.VerifyES256(key.Public(), digest, signature), cose.VerifyES256(prepared, digest, signature); a != b {
			t.Fatalf("crypto/ecdsa says %v of %x over %x, the learned key %v", a, signature, digest, b)
		}
		// A signature that holds, from the same bytes.
		u, v := new(big.Int).SetBytes(digest[:]), new(big.Int).SetBytes(signature)
		if u.Mod(u, order); v.Mod(v, order).Sign() == 0 {
			return
		}
		digest, good := forge(t, &key.PublicKey, u, v)
		if a, b := cose.VerifyES256(key.Public(), digest, good), cose.VerifyES256(prepared, digest, good); a != b {
			t.Fatalf("crypto/ecdsa says %v of u=%x v=%x, the learned key %v", a, u, v, b)
		}
	})
}
