package published

import (
	"crypto/ecdsa"
	"crypto/hpke"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
)

// ProvinceKeysFile is the name of the file with the province's own keys.
const ProvinceKeysFile = "receipt-keys.json"

// loadProvinceKeys loads receipt-keys.json: whom to believe a receipt, and what to
// seal to.
func loadProvinceKeys(l *loader, d *Data) error {
	data, err := fs.ReadFile(l.files, ProvinceKeysFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return in(ProvinceKeysFile, err)
	}
	d.Province, err = ParseProvinceKeys(data)
	return err
}

// ParseProvinceKeys reads receipt-keys.json.
func ParseProvinceKeys(data []byte) (keys ProvinceKeys, err error) {
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
		return ProvinceKeys{}, in(ProvinceKeysFile, err)
	}
	for _, k := range file.Receipt {
		parsed, err := x509.ParsePKIXPublicKey(k.Public)
		if err != nil {
			return ProvinceKeys{}, in(ProvinceKeysFile, &Error{Key: "receipt", Why: err})
		}
		if key, ok := parsed.(*ecdsa.PublicKey); ok {
			keys.Receipt = append(keys.Receipt, key)
		}
	}
	for _, k := range file.Seal { // the first of a kind that this kiosk knows
		if k.KEM != "MLKEM768X25519" {
			continue
		}
		if keys.Seal, err = hpke.MLKEM768X25519().NewPublicKey(k.Public); err != nil {
			return ProvinceKeys{}, in(ProvinceKeysFile, &Error{Key: "seal", Why: fmt.Errorf("reading the key to seal to: %w", err)})
		}
		break
	}
	switch {
	case len(keys.Receipt) == 0:
		return ProvinceKeys{}, in(ProvinceKeysFile, wrong("receipt", "no ECDSA key to check receipts with"))
	case keys.Seal == nil:
		return ProvinceKeys{}, in(ProvinceKeysFile, wrong("seal", "no key of the kind MLKEM768X25519 to seal records to"))
	}
	return keys, nil
}
