package hcert

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"strings"

	"chot/kiosk/credential"
	"chot/kiosk/credential/keyfile"
)

// The folders of key files. Their files may be certificates, a DCC trust list or a
// DID document; gdhcn's hold for all families or for that one whose trust domain
// the document names.
//
// A DCC trust list is JSON: a list of {"kid", "rawData", "country"}, such a list
// under "certificates", or an object from kid to certificate; certificates and
// kids in base64. Text before the first bracket, as Germany's signature, is
// passed over: what arrives in a bundle is signed as a whole.
//
// Sources: dgc-gateway trust list; WHO DID trust list 2.0.
var keyFiles = []credential.KeyFile{
	{Folder: string(credential.EUDCC), Parse: keysFor(credential.EUDCC)},
	{Folder: string(credential.WHODDCC), Parse: keysFor(credential.WHODDCC)},
	{Folder: string(credential.WHODVC), Parse: keysFor(credential.WHODVC)},
	{Folder: "gdhcn", Parse: keysFor(credential.EUDCC, credential.WHODDCC, credential.WHODVC)},
}

// KeyID is the kid of a signer's certificate, given in DER.
func KeyID(certificate []byte) []byte {
	sum := sha256.Sum256(certificate)
	return sum[:8]
}

// found is what a file holds.
type found struct{ credential.KeySet }

// add takes in the key of a certificate for each family.
func (f *found) add(der, kid []byte, families ...credential.FamilyID) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		f.Skipped++
		return
	}
	key := keyfile.CertificateKey(cert)
	if key.ID = kid; len(kid) == 0 {
		key.ID = KeyID(der)
	}
	for _, family := range families {
		key.Family = family
		f.Keys = append(f.Keys, key)
	}
}

// keysFor reads files with keys for health certificates.
func keysFor(families ...credential.FamilyID) func(data []byte) (credential.KeySet, error) {
	return func(data []byte) (credential.KeySet, error) {
		if certs := keyfile.Certificates(data); certs != nil {
			var f found
			for _, der := range certs {
				f.add(der, nil, families...)
			}
			return f.KeySet, nil
		}
		if doc, err := keyfile.ParseDID(data); err == nil {
			return didKeys(&doc, families), nil
		}
		return trustList(data, families)
	}
}

// listedKey is a key in a DCC trust list.
type listedKey struct {
	KeyID       keyfile.Base64 `json:"kid"`
	Type        string         `json:"certificateType"`
	RawData     keyfile.Base64 `json:"rawData"`
	Certificate keyfile.Base64 `json:"certificate"`
}

// trustList reads a DCC trust list.
func trustList(data []byte, families []credential.FamilyID) (set credential.KeySet, err error) {
	var f found
	start := bytes.IndexAny(data, "[{")
	if start < 0 {
		return f.KeySet, keyfile.ErrFormat
	}
	data = data[start:]
	var list []listedKey
	if json.Unmarshal(data, &list) != nil {
		var wrapped struct {
			Certificates []listedKey `json:"certificates"`
		}
		if json.Unmarshal(data, &wrapped) == nil && wrapped.Certificates != nil {
			list = wrapped.Certificates
		} else if list, err = byKeyID(data); err != nil {
			return f.KeySet, err
		}
	}
	for _, l := range list {
		if l.Type != "" && l.Type != "DSC" {
			continue // anchors and upload certificates sign no certificates
		}
		der := l.RawData
		if der == nil {
			der = l.Certificate
		}
		f.add(der, l.KeyID, families...)
	}
	if len(f.Keys)+f.Skipped == 0 && len(list) > 0 {
		return f.KeySet, keyfile.ErrFormat
	}
	return f.KeySet, nil
}

// byKeyID reads an object from kid to one certificate or several.
func byKeyID(data []byte) (list []listedKey, err error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return nil, fmt.Errorf("%w: %w", keyfile.ErrFormat, err)
	}
	for kid, raw := range object {
		id, err := keyfile.DecodeBase64(kid)
		if err != nil {
			return nil, fmt.Errorf("%w: the kid %q", keyfile.ErrFormat, kid)
		}
		var several []keyfile.Base64
		if json.Unmarshal(raw, &several) != nil {
			var one keyfile.Base64
			if err := json.Unmarshal(raw, &one); err != nil {
				return nil, fmt.Errorf("%w: the certificate of %q", keyfile.ErrFormat, kid)
			}
			several = []keyfile.Base64{one}
		}
		for _, der := range several {
			list = append(list, listedKey{KeyID: id, RawData: der})
		}
	}
	return list, nil
}

// domains are WHO's trust domains, one part of a DID, that are of one family.
var domains = map[string]credential.FamilyID{
	"DCC": credential.EUDCC, "DDCC": credential.WHODDCC, "DICVP": credential.WHODVC,
}

// didKeys are a DID document's keys. The DIDs of WHO's trust lists end in the trust
// domain, the participant (ISO 3166-1 alpha-3) and the usage, of which DSC signs.
func didKeys(d *keyfile.DID, families []credential.FamilyID) credential.KeySet {
	var f found
	for _, m := range d.Keys() {
		did, fragment, _ := strings.Cut(m.ID, "#")
		parts := strings.Split(did, ":")
		var domain, participant, usage string
		if n := len(parts); n > 3 && (parts[n-1] == "DSC" || parts[n-1] == "SCA") {
			domain, participant, usage = parts[n-3], parts[n-2], parts[n-1]
		}
		if usage == "SCA" {
			continue
		}
		for _, family := range families {
			if only, known := domains[domain]; known && only != family {
				continue
			}
			f.addMethod(m, family, participant, fragment)
		}
	}
	return f.KeySet
}

// addMethod takes in a key; its certificate, where there is one, says what it
// may sign and when.
func (f *found) addMethod(m keyfile.Method, family credential.FamilyID, participant, fragment string) {
	kid := m.Key.KeyID
	if kid == "" {
		kid = strings.ReplaceAll(strings.ReplaceAll(fragment, "%2B", "+"), "%2F", "/")
		kid = strings.ReplaceAll(kid, "%3D", "=")
	}
	id, err := keyfile.DecodeBase64(kid)
	if err != nil {
		f.Skipped++
		return
	}
	if len(m.Key.X5C) > 0 {
		before := len(f.Keys)
		f.add(m.Key.X5C[0], id, family)
		if len(f.Keys) > before {
			return
		}
		f.Skipped--
	}
	public, err := m.Key.PublicKey()
	if err != nil {
		f.Skipped++
		return
	}
	f.Keys = append(f.Keys, credential.Key{Family: family, ID: id, Public: public, Country: keyfile.Country(participant)})
}
