package nzcp

import (
	"encoding/json"
	"strings"

	"chot/kiosk/credential"
	"chot/kiosk/credential/keyfile"
)

// keys reads the DID document of the New Zealand COVID Pass: the keys that it
// asserts with, by DID and name.
func keys(data []byte) (set credential.KeySet, err error) {
	doc, err := keyfile.ParseDID(data)
	if err != nil {
		return set, err
	}
	asserts := map[string]bool{}
	for _, raw := range doc.Asserted {
		var id string
		if json.Unmarshal(raw, &id) == nil {
			asserts[id] = true
		}
	}
	for _, m := range doc.Keys() {
		_, name, ok := strings.Cut(m.ID, "#")
		if !ok || !asserts[m.ID] {
			continue
		}
		public, err := m.Key.PublicKey()
		if err != nil {
			set.Skipped++
			continue
		}
		set.Keys = append(set.Keys, credential.Key{
			Family: credential.NZCP, Issuer: doc.ID, ID: []byte(name), Public: public, Country: "NZ",
		})
	}
	return set, nil
}
