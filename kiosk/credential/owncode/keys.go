package owncode

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/keyfile"
)

// KeyEntry is an entry of a file in the folder pass: a key of the province.
type KeyEntry struct {
	Issuer    string                `json:"issuer"`   // as in its codes
	Families  []credential.FamilyID `json:"families"` // slip, result, badge, provision
	Key       []byte                `json:"key"`      // SubjectPublicKeyInfo in DER, in base64
	NotBefore time.Time             `json:"notBefore,omitzero"`
	NotAfter  time.Time             `json:"notAfter,omitzero"`
}

// keys reads keys of the province.
func keys(data []byte) (set credential.KeySet, err error) {
	var list []KeyEntry
	if err := json.Unmarshal(data, &list); err != nil {
		return set, fmt.Errorf("%w: %w", keyfile.ErrFormat, err)
	}
	for _, k := range list {
		AddKey(&set, credential.Key{Issuer: k.Issuer, NotBefore: k.NotBefore, NotAfter: k.NotAfter}, k.Key, k.Families...)
	}
	return set, nil
}

// AddKey adds a public key, given as SubjectPublicKeyInfo in DER, for each of the
// families.
func AddKey(set *credential.KeySet, key credential.Key, der []byte, families ...credential.FamilyID) {
	parsed, err := x509.ParsePKIXPublicKey(der)
	public, ok := parsed.(*ecdsa.PublicKey)
	if err != nil {
		ok = false
	}
	if !ok {
		set.Skipped++
		return
	}
	id, err := KeyID(public)
	if err != nil {
		set.Skipped++
		return
	}
	key.ID, key.Public, key.Country = id, public, "VN"
	for _, family := range families {
		key.Family = family
		set.Keys = append(set.Keys, key)
	}
}
