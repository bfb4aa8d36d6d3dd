package trust

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/pass"
)

// Kiosks is kiosks.json, which the province's server signs itself: the kiosks
// whose slips and results hold, and its own keys. A revoked kiosk is not in it:
// whoever has its key may put any time on a slip.
type Kiosks struct {
	Kiosks  []Kiosk      `json:"kiosks"`
	Signing []SigningKey `json:"signing"`
}

// Kiosk is one kiosk with the keys that it has had, all public keys as
// SubjectPublicKeyInfo in DER, in base64.
type Kiosk struct {
	Name string     `json:"name"` // the issuer of its slips
	Keys []KioskKey `json:"keys"`
}

// KioskKey is a key of a kiosk.
type KioskKey struct {
	Public    []byte    `json:"spki"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
}

// SigningKey is a key with which the province signs codes.
type SigningKey struct {
	Use    string `json:"use"` // "result", "badge", "sheet"
	Issuer string `json:"iss"`
	Public []byte `json:"spki"`
}

// uses are the families of what the province signs, by the use of the key.
var uses = map[string]credential.FamilyID{
	"result": credential.Result, "badge": credential.Badge, "sheet": credential.Sheet,
}

// PassKey is an entry of a file in trust/pass: a key of the province.
type PassKey struct {
	Issuer    string                `json:"issuer"`   // as in its codes
	Families  []credential.FamilyID `json:"families"` // slip, result, badge, provision
	Key       []byte                `json:"key"`      // SubjectPublicKeyInfo in DER, in base64
	NotBefore time.Time             `json:"notBefore,omitzero"`
	NotAfter  time.Time             `json:"notAfter,omitzero"`
}

// kiosks reads kiosks.json. Kiosks sign slips and results.
func kiosks(data []byte) (f found, err error) {
	var file Kiosks
	if err := json.Unmarshal(data, &file); err != nil {
		return f, fmt.Errorf("%w: %w", errFormat, err)
	}
	for _, kiosk := range file.Kiosks {
		for _, k := range kiosk.Keys {
			f.addPass(credential.Key{Issuer: kiosk.Name, NotBefore: k.NotBefore, NotAfter: k.NotAfter}, k.Public,
				credential.Slip, credential.Result)
		}
	}
	for _, k := range file.Signing {
		if family, ok := uses[k.Use]; ok {
			f.addPass(credential.Key{Issuer: k.Issuer}, k.Public, family)
		}
	}
	return f, nil
}

// passKeys reads keys of the province.
func passKeys(data []byte) (f found, err error) {
	var list []PassKey
	if err := json.Unmarshal(data, &list); err != nil {
		return f, fmt.Errorf("%w: %w", errFormat, err)
	}
	for _, k := range list {
		f.addPass(credential.Key{Issuer: k.Issuer, NotBefore: k.NotBefore, NotAfter: k.NotAfter}, k.Key, k.Families...)
	}
	return f, nil
}

// addPass takes a public key in DER for each of the families.
func (f *found) addPass(key credential.Key, der []byte, families ...credential.FamilyID) {
	parsed, err := x509.ParsePKIXPublicKey(der)
	public, ok := parsed.(*ecdsa.PublicKey)
	if err != nil {
		ok = false
	}
	if !ok {
		f.skipped++
		return
	}
	id, err := pass.KeyID(public)
	if err != nil {
		f.skipped++
		return
	}
	key.ID, key.Public, key.Country = id, public, "VN"
	for _, family := range families {
		key.Family = family
		f.keys = append(f.keys, key)
	}
}
