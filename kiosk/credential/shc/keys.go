package shc

import (
	"encoding/json"
	"fmt"

	"chot/kiosk/credential"
	"chot/kiosk/credential/keyfile"
)

// issuerKeys are the keys of one issuer of SMART Health Cards.
type issuerKeys struct {
	Issuer json.RawMessage `json:"issuer"`
	ISS    string          `json:"iss"`
	Keys   []keyfile.JWK   `json:"keys"`
}

// keys reads a snapshot of the VCI directory, or the JWKS of one issuer with its
// URL added as "iss".
func keys(data []byte) (set credential.KeySet, err error) {
	var file struct {
		Issuers []issuerKeys `json:"issuerInfo"`
		issuerKeys
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return set, fmt.Errorf("%w: %w", keyfile.ErrFormat, err)
	}
	if file.ISS != "" {
		file.Issuers = append(file.Issuers, file.issuerKeys)
	}
	if file.Issuers == nil {
		return set, fmt.Errorf("%w: neither issuerInfo nor iss, which a bare set of keys needs to say whose it is", keyfile.ErrFormat)
	}
	for _, issuer := range file.Issuers {
		if issuer.ISS == "" {
			var named struct {
				ISS string `json:"iss"`
			}
			_ = json.Unmarshal(issuer.Issuer, &named)
			issuer.ISS = named.ISS
		}
		for i := range issuer.Keys {
			public, err := issuer.Keys[i].PublicKey()
			if err != nil || issuer.ISS == "" {
				set.Skipped++
				continue
			}
			set.Keys = append(set.Keys, credential.Key{
				Family: credential.SHC, Issuer: issuer.ISS, ID: []byte(issuer.Keys[i].KeyID), Public: public,
			})
		}
	}
	return set, nil
}
