package cose

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"math/big"
	"sync/atomic"

	"filippo.io/nistec"
)

// ECKey is a key of P-256 that learns: once a signature of its issuer has proved
// genuine, multiples of its point are kept, and the next one is checked with
// additions alone. crypto/ecdsa spends seven tenths of its time on doubling that
// point anew. [Prepare] makes it.
//
// A forger who names many keys thus fills no memory: only an issuer's own
// signature makes its key learn.
type ECKey struct {
	ecdsa.PublicKey
	multiples atomic.Pointer[multiples]
}

// verify says whether r and s, 32 bytes each, sign the digest.
func (k *ECKey) verify(digest [sha256.Size]byte, signature []byte) bool {
	if known := k.multiples.Load(); known != nil {
		return known.verify(digest, signature)
	}
	if !verifyEC(&k.PublicKey, digest, signature) {
		return false
	}
	if known := newMultiples(&k.PublicKey); known != nil {
		k.multiples.Store(known) // two at once make the same
	}
	return true
}

// Half a byte of the scalar picks one of fifteen multiples, or none.
const (
	digitBits = 4
	digits    = 256 / digitBits
	perDigit  = 1<<digitBits - 1
)

// multiples holds (j+1)·16^i·Q at [i][j], 92 kB for a key Q.
type multiples [digits][perDigit]nistec.P256Point

func newMultiples(public *ecdsa.PublicKey) *multiples {
	point, err := public.Bytes()
	if err != nil {
		return nil
	}
	unit, err := nistec.NewP256Point().SetBytes(point)
	if err != nil {
		return nil
	}
	m := new(multiples)
	for i := range m {
		m[i][0].Set(unit)
		for j := 1; j < perDigit; j++ {
			m[i][j].Add(&m[i][j-1], unit)
		}
		unit.Add(&m[i][perDigit-1], unit)
	}
	return m
}

// times is the scalar's multiple, with the time depending on the scalar: it
// comes from a signature, which is no secret.
func (m *multiples) times(scalar *[32]byte) *nistec.P256Point {
	sum := nistec.NewP256Point()
	for i := range m {
		digit := scalar[31-i/2] >> (i % 2 * digitBits) & perDigit
		if digit != 0 {
			sum.Add(sum, &m[i][digit-1])
		}
	}
	return sum
}

var order = elliptic.P256().Params().N

// verify is ECDSA's. Source: FIPS 186-5, section 6.4.2; the steps are its.
func (m *multiples) verify(digest [sha256.Size]byte, signature []byte) bool {
	// 1. r and s in [1, n-1]
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	if r.Sign() == 0 || s.Sign() == 0 || r.Cmp(order) >= 0 || s.Cmp(order) >= 0 {
		return false
	}
	// 3 to 5. u = e/s and v = r/s
	e := new(big.Int).SetBytes(digest[:])
	s.ModInverse(s, order)
	u, v := e.Mod(e.Mul(e, s), order), s.Mod(s.Mul(s, r), order)
	// 6. R = u·G + v·Q, which must not be at infinity
	var scalar [32]byte
	point, err := nistec.NewP256Point().ScalarBaseMult(u.FillBytes(scalar[:]))
	if err != nil {
		return false
	}
	point.Add(point, m.times((*[32]byte)(v.FillBytes(scalar[:]))))
	abscissa, err := point.BytesX()
	if err != nil {
		return false
	}
	// 7 to 9. its abscissa is r, modulo n
	x := u.SetBytes(abscissa)
	return x.Mod(x, order).Cmp(r) == 0
}
