package cose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"

	"filippo.io/bigmod"
)

// Prepare gives a key with which [Message.Verify] is faster, an [RSAKey] or an
// [ECKey], where there is one, else the key itself.
func Prepare(key crypto.PublicKey) crypto.PublicKey {
	switch public := key.(type) {
	case *ecdsa.PublicKey:
		if public.Curve == elliptic.P256() {
			return &ECKey{PublicKey: *public}
		}
	case *rsa.PublicKey:
		if public.N.BitLen() < minRSA || public.N.BitLen() > maxRSA ||
			public.N.Bit(0) == 0 || public.E < 3 || public.E&1 == 0 || public.E > 1<<31-1 {
			return key
		}
		if modulus, err := bigmod.NewModulus(public.N.Bytes()); err == nil {
			return &RSAKey{*public, modulus}
		}
	}
	return key
}
