package keyfile

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
)

// JWK is a JSON Web Key, RFC 7517 and RFC 7518 section 6.
type JWK struct {
	Type  string   `json:"kty"`
	Curve string   `json:"crv"`
	KeyID string   `json:"kid"`
	X     Base64   `json:"x"`
	Y     Base64   `json:"y"`
	N     Base64   `json:"n"`
	E     Base64   `json:"e"`
	X5C   []Base64 `json:"x5c"`
}

var errKey = errors.New("no usable key")

var curves = map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}

// PublicKey is the key.
func (k *JWK) PublicKey() (crypto.PublicKey, error) {
	if k.Type == "RSA" {
		e := new(big.Int).SetBytes(k.E)
		if len(k.N) == 0 || !e.IsInt64() || e.Int64() < 3 || e.Int64() > 1<<31-1 {
			return nil, errKey
		}
		return &rsa.PublicKey{N: new(big.Int).SetBytes(k.N), E: int(e.Int64())}, nil
	}
	curve := curves[k.Curve]
	if k.Type != "EC" || curve == nil {
		return nil, errKey
	}
	// Some write the coordinates as signed numbers, with a zero before.
	size := (curve.Params().BitSize + 7) / 8
	x, y := new(big.Int).SetBytes(k.X), new(big.Int).SetBytes(k.Y)
	if x.BitLen() > curve.Params().BitSize || y.BitLen() > curve.Params().BitSize {
		return nil, errKey
	}
	point := append([]byte{4}, x.FillBytes(make([]byte, size))...)
	return ecdsa.ParseUncompressedPublicKey(curve, append(point, y.FillBytes(make([]byte, size))...))
}

// DID is a W3C DID document with its keys.
type DID struct {
	ID       string            `json:"id"`
	Methods  []json.RawMessage `json:"verificationMethod"` // objects, or references that are not followed
	Asserted []json.RawMessage `json:"assertionMethod"`
}

// Method is a key of a DID document.
type Method struct {
	ID  string `json:"id"`
	Key JWK    `json:"publicKeyJwk"`
}

// ParseDID reads a DID document.
func ParseDID(data []byte) (DID, error) {
	var doc DID
	if err := json.Unmarshal(data, &doc); err != nil || !strings.HasPrefix(doc.ID, "did:") {
		return doc, ErrFormat
	}
	return doc, nil
}

// Keys are the methods that have a key in them.
func (d *DID) Keys() (list []Method) {
	for _, raw := range d.Methods {
		var m Method
		if json.Unmarshal(raw, &m) == nil && m.Key.Type != "" {
			list = append(list, m)
		}
	}
	return list
}
