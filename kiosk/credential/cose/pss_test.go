package cose_test

import (
	"bytes"
	"crypto"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"math/big"
	mrand "math/rand/v2"
	"testing"

	"chot/kiosk/credential/cose"
)

// pssMessage is a message with that signature, and its digest.
func pssMessage(t testing.TB, key *rsa.PrivateKey, options *rsa.PSSOptions) (cose.Message, [32]byte) {
	t.Helper()
	m := cose.Message{Alg: cose.PS256, Payload: []byte("payload")}
	digest := m.Digest()
	var err error
	if m.Signature, err = rsa.SignPSS(rand.Reader, key, crypto.SHA256, digest[:], options); err != nil {
		t.Fatal(err)
	}
	return m, digest
}

func rsaKeys(t testing.TB, sizes ...int) (keys []*rsa.PrivateKey) {
	t.Helper()
	for _, size := range sizes {
		key, err := rsa.GenerateKey(rand.Reader, size)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	return keys
}

// agree holds that a prepared key says what crypto/rsa says.
func agree(t testing.TB, what string, key *rsa.PublicKey, m cose.Message, digest [32]byte, want bool) {
	t.Helper()
	plain := m.Verify(key, digest)
	prepared := m.Verify(cose.Prepare(key), digest)
	if plain != prepared || plain != want {
		t.Errorf("%s: crypto/rsa says %v, the prepared key %v, want %v", what, plain, prepared, want)
	}
}

// TestPreparedKeys compares with crypto/rsa: sizes whose encoded message is as
// long as the modulus and one byte shorter, and everything that may be wrong.
func TestPreparedKeys(t *testing.T) {
	t.Parallel()
	good := &rsa.PSSOptions{SaltLength: 32}
	for _, key := range rsaKeys(t, 2048, 2049, 2056) {
		public := &key.PublicKey
		if _, ok := cose.Prepare(public).(*cose.RSAKey); !ok {
			t.Fatalf("a key of %d bits is not prepared", public.N.BitLen())
		}
		for range 4 {
			m, digest := pssMessage(t, key, good)
			agree(t, "good", public, m, digest, true)
			other := digest
			other[31] ^= 1
			agree(t, "another digest", public, m, other, false)
		}
		for name, options := range map[string]*rsa.PSSOptions{
			"a short salt": {SaltLength: 31}, "a long salt": {SaltLength: 33}, "the longest salt": {SaltLength: rsa.PSSSaltLengthAuto},
		} {
			m, digest := pssMessage(t, key, options)
			agree(t, name, public, m, digest, false)
		}
		m, digest := pssMessage(t, key, good)
		signature := m.Signature
		for range 64 {
			changed := bytes.Clone(signature)
			changed[mrand.IntN(len(changed))] ^= 1 << mrand.IntN(8)
			m.Signature = changed
			agree(t, "a changed bit", public, m, digest, false)
		}
		n := new(big.Int).Set(public.N)
		more := new(big.Int).Add(n, new(big.Int).SetBytes(signature))
		for name, s := range map[string][]byte{
			"nothing": nil, "cut short": signature[1:], "a byte more": append([]byte{0}, signature...),
			"zero": make([]byte, len(signature)), "one": append(make([]byte, len(signature)-1), 1),
			"the modulus": n.FillBytes(make([]byte, len(signature))), "the modulus and more": more.FillBytes(make([]byte, len(signature)+1))[1:],
		} {
			m.Signature = s
			agree(t, name, public, m, digest, false)
		}
		pkcs, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		m.Signature = pkcs
		agree(t, "PKCS #1 v1.5", public, m, digest, false)
	}
}

// TestEncodedMessages signs encoded messages that are wrong in one place each,
// which no signer makes.
func TestEncodedMessages(t *testing.T) {
	t.Parallel()
	for _, key := range rsaKeys(t, 2048, 2049) {
		m, digest := pssMessage(t, key, &rsa.PSSOptions{SaltLength: 32})
		public := &key.PublicKey
		e, s := big.NewInt(int64(key.E)), new(big.Int).SetBytes(m.Signature)
		encoded := new(big.Int).Exp(s, e, key.N).FillBytes(make([]byte, key.Size()))
		for bit := 0; bit < len(encoded)*8; bit += 1 + 40*min(bit/16, 1) {
			changed := bytes.Clone(encoded)
			changed[bit/8] ^= 0x80 >> (bit % 8)
			if new(big.Int).SetBytes(changed).Cmp(key.N) >= 0 {
				continue
			}
			m.Signature = new(big.Int).Exp(new(big.Int).SetBytes(changed), key.D, key.N).FillBytes(make([]byte, key.Size()))
			agree(t, "a changed encoded message", public, m, digest, false)
		}
	}
}

func TestKeysThatAreNotPrepared(t *testing.T) {
	t.Parallel()
	good := rsaKeys(t, 2048)[0].PublicKey
	for name, key := range map[string]crypto.PublicKey{
		"an EC key": newEC(t, elliptic.P384()).Public(), "nothing": nil,
		"an even modulus":    &rsa.PublicKey{N: new(big.Int).Add(good.N, big.NewInt(1)), E: good.E},
		"an even exponent":   &rsa.PublicKey{N: good.N, E: 65536},
		"an exponent of one": &rsa.PublicKey{N: good.N, E: 1},
		"a short modulus":    &rsa.PublicKey{N: new(big.Int).Rsh(good.N, 1025), E: good.E},
		"an endless modulus": &rsa.PublicKey{N: new(big.Int).Add(new(big.Int).Lsh(good.N, 4096), big.NewInt(1)), E: good.E},
	} {
		if _, prepared := cose.Prepare(key).(*cose.RSAKey); prepared {
			t.Errorf("%s is prepared", name)
		}
	}
}

// FuzzPSS holds that a prepared key says what crypto/rsa says of any signature.
func FuzzPSS(f *testing.F) {
	key := rsaKeys(f, 2048)[0]
	m, digest := pssMessage(f, key, &rsa.PSSOptions{SaltLength: 32})
	f.Add(m.Signature)
	f.Add(make([]byte, 256))
	prepared := cose.Prepare(&key.PublicKey)
	f.Fuzz(func(t *testing.T, signature []byte) {
		m := cose.Message{Alg: cose.PS256, Signature: signature}
		if a, b := m.Verify(&key.PublicKey, digest), m.Verify(prepared, digest); a != b {
			t.Fatalf("crypto/rsa says %v of %x, the prepared key %v", a, signature, b)
		}
	})
}
