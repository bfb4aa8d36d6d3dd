package trust

import (
	"encoding/json"
	"fmt"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/keyfile"
	"chot/kiosk/credential/owncode"
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

// kiosks reads kiosks.json. Kiosks sign slips and results.
func kiosks(data []byte) (set credential.KeySet, err error) {
	var file Kiosks
	if err := json.Unmarshal(data, &file); err != nil {
		return set, fmt.Errorf("%w: %w", keyfile.ErrFormat, err)
	}
	for _, kiosk := range file.Kiosks {
		for _, k := range kiosk.Keys {
			owncode.AddKey(&set, credential.Key{Issuer: kiosk.Name, NotBefore: k.NotBefore, NotAfter: k.NotAfter}, k.Public,
				credential.Slip, credential.Result)
		}
	}
	for _, k := range file.Signing {
		if family, ok := uses[k.Use]; ok {
			owncode.AddKey(&set, credential.Key{Issuer: k.Issuer}, k.Public, family)
		}
	}
	return set, nil
}
