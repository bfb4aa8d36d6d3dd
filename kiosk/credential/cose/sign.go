package cose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/asn1"
	"fmt"
	"io"
	"math/big"
)

const tagSign1 = 18 // RFC 9052 section 2

// Sign makes a tagged COSE_Sign1: with ES256 for a key of P-256, with PS256 for
// an RSA key of 2048 bits and up. Algorithm and kid stand in the protected header.
func Sign(rand io.Reader, key crypto.Signer, kid, payload []byte) ([]byte, error) {
	m := Message{Kid: kid, Payload: payload}
	var options crypto.SignerOpts = crypto.SHA256
	switch public := key.Public().(type) {
	case *ecdsa.PublicKey:
		if public.Curve == elliptic.P256() {
			m.Alg = ES256
		}
	case *rsa.PublicKey:
		if n := public.N.BitLen(); n >= minRSA && n <= maxRSA {
			m.Alg, options = PS256, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256}
		}
	}
	if m.Alg == 0 {
		return nil, fmt.Errorf("signing a COSE message: no algorithm for a key of type %T", key.Public())
	}
	m.protected = append(m.protected, mapping<<5|2, labelAlg)
	m.protected = appendHead(m.protected, negative, uint64(-1-m.Alg))
	m.protected = appendBytes(append(m.protected, labelKid), kid)
	digest := m.Digest()
	signature, err := key.Sign(rand, digest[:], options)
	if err == nil && m.Alg == ES256 {
		signature, err = fixedWidth(signature)
	}
	if err != nil {
		return nil, fmt.Errorf("signing a COSE message: %w", err)
	}
	out := appendHead(nil, tag, tagSign1)
	out = append(out, array<<5|4)
	out = appendBytes(out, m.protected)
	out = append(out, mapping<<5)
	out = appendBytes(out, payload)
	return appendBytes(out, signature), nil
}

// fixedWidth turns an ASN.1 signature into r and s of 32 bytes each.
func fixedWidth(der []byte) ([]byte, error) {
	var sig struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &sig); err != nil {
		return nil, err
	}
	out := make([]byte, 64)
	sig.R.FillBytes(out[:32])
	sig.S.FillBytes(out[32:])
	return out, nil
}
