package trust

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"chot/kiosk/credential"
)

// jwk is a JSON Web Key, RFC 7517 and RFC 7518 section 6.
type jwk struct {
	Type  string    `json:"kty"`
	Curve string    `json:"crv"`
	KeyID string    `json:"kid"`
	X     encoded   `json:"x"`
	Y     encoded   `json:"y"`
	N     encoded   `json:"n"`
	E     encoded   `json:"e"`
	X5C   []encoded `json:"x5c"`
}

var errKey = errors.New("no usable key")

var curves = map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}

func (k *jwk) public() (crypto.PublicKey, error) {
	if k.Type == "RSA" {
		e := new(big.Int).SetBytes(k.E)
		if len(k.N) == 0 || !e.IsInt64() || e.Int64() < 3 || e.Int64() > 1<<31-1 {
			return nil, errKey
		}
		return &rsa.PublicKey{N: new(big.Int).SetBytes(k.N), E: int(e.Int64())}, nil
	}
	curve := curves[k.Curve]
	if k.Type != "EC" || curve == nil {
		return nil, errKey
	}
	// Some write the coordinates as signed numbers, with a zero before.
	size := (curve.Params().BitSize + 7) / 8
	x, y := new(big.Int).SetBytes(k.X), new(big.Int).SetBytes(k.Y)
	if x.BitLen() > curve.Params().BitSize || y.BitLen() > curve.Params().BitSize {
		return nil, errKey
	}
	point := append([]byte{4}, x.FillBytes(make([]byte, size))...)
	return ecdsa.ParseUncompressedPublicKey(curve, append(point, y.FillBytes(make([]byte, size))...))
}

// didDocument is a W3C DID document with its keys.
type didDocument struct {
	ID       string            `json:"id"`
	Methods  []json.RawMessage `json:"verificationMethod"` // objects, or references that are not followed
	Asserted []json.RawMessage `json:"assertionMethod"`
}

type didMethod struct {
	ID  string `json:"id"`
	Key jwk    `json:"publicKeyJwk"`
}

func parseDID(data []byte) (didDocument, error) {
	var doc didDocument
	if err := json.Unmarshal(data, &doc); err != nil || !strings.HasPrefix(doc.ID, "did:") {
		return doc, errFormat
	}
	return doc, nil
}

func (d *didDocument) methods() (list []didMethod) {
	for _, raw := range d.Methods {
		var m didMethod
		if json.Unmarshal(raw, &m) == nil && m.Key.Type != "" {
			list = append(list, m)
		}
	}
	return list
}

// domains are WHO's trust domains, one part of a DID, that are of one family.
var domains = map[string]credential.FamilyID{
	"DCC": credential.EUDCC, "DDCC": credential.WHODDCC, "DICVP": credential.WHODVC,
}

// hc1 are the document's keys. The DIDs of WHO's trust lists end in the trust
// domain, the participant (ISO 3166-1 alpha-3) and the usage, of which DSC signs.
func (d *didDocument) hc1(families []credential.FamilyID) (f found) {
	for _, m := range d.methods() {
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
	return f
}

// addMethod takes in a key; its certificate, where there is one, says what it
// may sign and when.
func (f *found) addMethod(m didMethod, family credential.FamilyID, participant, fragment string) {
	kid := m.Key.KeyID
	if kid == "" {
		kid = strings.ReplaceAll(strings.ReplaceAll(fragment, "%2B", "+"), "%2F", "/")
		kid = strings.ReplaceAll(kid, "%3D", "=")
	}
	id, err := decodeBase64(kid)
	if err != nil {
		f.skipped++
		return
	}
	if len(m.Key.X5C) > 0 {
		before := len(f.keys)
		f.add(m.Key.X5C[0], id, family)
		if len(f.keys) > before {
			return
		}
		f.skipped--
	}
	public, err := m.Key.public()
	if err != nil {
		f.skipped++
		return
	}
	f.keys = append(f.keys, credential.Key{Family: family, ID: id, Public: public, Country: country(participant)})
}

// nzcp reads the DID document of the New Zealand COVID Pass: the keys that it
// asserts with, by DID and name.
func nzcp(data []byte) (f found, err error) {
	doc, err := parseDID(data)
	if err != nil {
		return f, err
	}
	asserts := map[string]bool{}
	for _, raw := range doc.Asserted {
		var id string
		if json.Unmarshal(raw, &id) == nil {
			asserts[id] = true
		}
	}
	for _, m := range doc.methods() {
		_, name, ok := strings.Cut(m.ID, "#")
		if !ok || !asserts[m.ID] {
			continue
		}
		public, err := m.Key.public()
		if err != nil {
			f.skipped++
			continue
		}
		f.keys = append(f.keys, credential.Key{
			Family: credential.NZCP, Issuer: doc.ID, ID: []byte(name), Public: public, Country: "NZ",
		})
	}
	return f, nil
}

// issuerKeys are the keys of one issuer of SMART Health Cards.
type issuerKeys struct {
	Issuer json.RawMessage `json:"issuer"`
	ISS    string          `json:"iss"`
	Keys   []jwk           `json:"keys"`
}

// shc reads a snapshot of the VCI directory, or the JWKS of one issuer with its
// URL added as "iss".
func shc(data []byte) (f found, err error) {
	var file struct {
		Issuers []issuerKeys `json:"issuerInfo"`
		issuerKeys
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return f, fmt.Errorf("%w: %w", errFormat, err)
	}
	if file.ISS != "" {
		file.Issuers = append(file.Issuers, file.issuerKeys)
	}
	if file.Issuers == nil {
		return f, fmt.Errorf("%w: neither issuerInfo nor iss, which a bare set of keys needs to say whose it is", errFormat)
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
			public, err := issuer.Keys[i].public()
			if err != nil || issuer.ISS == "" {
				f.skipped++
				continue
			}
			f.keys = append(f.keys, credential.Key{
				Family: credential.SHC, Issuer: issuer.ISS, ID: []byte(issuer.Keys[i].KeyID), Public: public,
			})
		}
	}
	return f, nil
}
