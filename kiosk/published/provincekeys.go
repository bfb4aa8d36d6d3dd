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

const provinceKeysFile = "receipt-keys.json"

// loadProvinceKeys reads receipt-keys.json: whom to believe a receipt, and what to
// seal to.
func loadProvinceKeys(l *loader, d *Data) error {
	data, err := fs.ReadFile(l.files, provinceKeysFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return in(provinceKeysFile, err)
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
		return in(provinceKeysFile, err)
	}
	for _, k := range file.Receipt {
		parsed, err := x509.ParsePKIXPublicKey(k.Public)
		if err != nil {
			return in(provinceKeysFile, &Error{Key: "receipt", Why: err})
		}
		if key, ok := parsed.(*ecdsa.PublicKey); ok {
			d.Province.Receipt = append(d.Province.Receipt, key)
		}
	}
	for _, k := range file.Seal { // the first of a kind that this kiosk knows
		if k.KEM != "MLKEM768X25519" {
			continue
		}
		if d.Province.Seal, err = hpke.MLKEM768X25519().NewPublicKey(k.Public); err != nil {
			return in(provinceKeysFile, &Error{Key: "seal", Why: fmt.Errorf("reading the key to seal to: %w", err)})
		}
		break
	}
	switch {
	case len(d.Province.Receipt) == 0:
		return in(provinceKeysFile, wrong("receipt", "no ECDSA key to check receipts with"))
	case d.Province.Seal == nil:
		return in(provinceKeysFile, wrong("seal", "no key of the kind MLKEM768X25519 to seal records to"))
	}
	return nil
}
