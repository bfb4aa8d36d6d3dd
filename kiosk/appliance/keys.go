package appliance

import (
	"crypto/ecdsa"
	"crypto/hpke"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
)

// provinceKeys are receipt-keys.json of the bundle: whom to believe a receipt,
// and what to seal to.
type provinceKeys struct {
	receipt []*ecdsa.PublicKey
	seal    hpke.PublicKey
}

func loadProvinceKeys(bundle fs.FS) (provinceKeys, error) {
	data, err := fs.ReadFile(bundle, "receipt-keys.json")
	if err != nil {
		return provinceKeys{}, fmt.Errorf("reading the province's keys: %w", err)
	}
	var file struct {
		Receipt []struct {
			Public []byte `json:"spki"`
		} `json:"receipt"`
		Seal []struct {
			KEM    string `json:"kem"`
			Public []byte `json:"public"`
		} `json:"seal"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return provinceKeys{}, fmt.Errorf("reading the province's keys: %w", err)
	}
	var keys provinceKeys
	for _, k := range file.Receipt {
		parsed, err := x509.ParsePKIXPublicKey(k.Public)
		if err != nil {
			return provinceKeys{}, fmt.Errorf("reading a receipt key: %w", err)
		}
		if key, ok := parsed.(*ecdsa.PublicKey); ok {
			keys.receipt = append(keys.receipt, key)
		}
	}
	for _, k := range file.Seal { // the first of a kind that this kiosk knows
		if k.KEM != "MLKEM768X25519" {
			continue
		}
		if keys.seal, err = hpke.MLKEM768X25519().NewPublicKey(k.Public); err != nil {
			return provinceKeys{}, fmt.Errorf("reading the key to seal to: %w", err)
		}
		break
	}
	if keys.seal == nil || len(keys.receipt) == 0 {
		return provinceKeys{}, errors.New("reading the province's keys: there is none to seal to, or none to believe a receipt")
	}
	return keys, nil
}
