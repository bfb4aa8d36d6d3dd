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

// Kiosk is an entry of kiosks.json. A revoked kiosk's key is trusted for
// nothing: whoever has it may put any time on a slip.
type Kiosk struct {
	ID          string `json:"id"`          // the kiosk's name, the issuer of its slips
	Certificate []byte `json:"certificate"` // DER, in base64
	Revoked     bool   `json:"revoked,omitempty"`
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
	var list []Kiosk
	if err := json.Unmarshal(data, &list); err != nil {
		return f, fmt.Errorf("%w: %w", errFormat, err)
	}
	for _, k := range list {
		if k.Revoked {
			continue
		}
		cert, err := x509.ParseCertificate(k.Certificate)
		if err != nil {
			f.skipped++
			continue
		}
		f.addPass(credential.Key{
			Issuer: k.ID, Public: cert.PublicKey, NotBefore: cert.NotBefore, NotAfter: cert.NotAfter,
		}, credential.Slip, credential.Result)
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
		public, err := x509.ParsePKIXPublicKey(k.Key)
		if err != nil {
			f.skipped++
			continue
		}
		f.addPass(credential.Key{Issuer: k.Issuer, Public: public, NotBefore: k.NotBefore, NotAfter: k.NotAfter}, k.Families...)
	}
	return f, nil
}

func (f *found) addPass(key credential.Key, families ...credential.FamilyID) {
	public, ok := key.Public.(*ecdsa.PublicKey)
	if !ok {
		f.skipped++
		return
	}
	id, err := pass.KeyID(public)
	if err != nil {
		f.skipped++
		return
	}
	key.ID, key.Country = id, "VN"
	for _, family := range families {
		key.Family = family
		f.keys = append(f.keys, key)
	}
}
