package trust

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"chot/kiosk/credential"
	"chot/kiosk/credential/hcert"

	"golang.org/x/text/language"
)

// found is what a file holds.
type found struct {
	keys    []credential.Key
	skipped int
}

// parser reads one file of a folder.
type parser func(data []byte) (found, error)

// parsers are those of the folders below trust.
var parsers = map[string]parser{
	"eu-dcc":   hc1(credential.EUDCC),
	"who-ddcc": hc1(credential.WHODDCC),
	"who-dvc":  hc1(credential.WHODVC),
	"gdhcn":    hc1(credential.EUDCC, credential.WHODDCC, credential.WHODVC),
	"shc":      shc,
	"nzcp":     nzcp,
	"vds-nc":   seals,
	"pass":     passKeys,
}

var errFormat = errors.New("no known format")

// certificateKey is the key of a certificate, without family and id.
func certificateKey(cert *x509.Certificate) credential.Key {
	k := credential.Key{
		Public: cert.PublicKey, NotBefore: cert.NotBefore, NotAfter: cert.NotAfter,
		Country: country(strings.Join(cert.Subject.Country, "")),
	}
	for _, oid := range cert.UnknownExtKeyUsage {
		k.Usage = append(k.Usage, oid.String())
	}
	return k
}

// country is the code of two letters, also for one of three.
func country(code string) string {
	if region, err := language.ParseRegion(code); err == nil && code != "" {
		return region.String()
	}
	return strings.ToUpper(code)
}

// add takes in the key of a certificate for each family.
func (f *found) add(der, kid []byte, families ...credential.FamilyID) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		f.skipped++
		return
	}
	key := certificateKey(cert)
	if key.ID = kid; len(kid) == 0 {
		key.ID = hcert.KeyID(der)
	}
	for _, family := range families {
		key.Family = family
		f.keys = append(f.keys, key)
	}
}

// hc1 reads files with keys for health certificates.
func hc1(families ...credential.FamilyID) parser {
	return func(data []byte) (found, error) {
		if certs := certificates(data); certs != nil {
			var f found
			for _, der := range certs {
				f.add(der, nil, families...)
			}
			return f, nil
		}
		if doc, err := parseDID(data); err == nil {
			return doc.hc1(families), nil
		}
		return trustList(data, families)
	}
}

// certificates are those of a file in DER or PEM; nil for any other file.
func certificates(data []byte) (ders [][]byte) {
	if _, err := x509.ParseCertificate(data); err == nil || len(data) > 4 && data[0] == 0x30 && data[1] == 0x82 {
		return [][]byte{data}
	}
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			return ders
		}
		if block.Type == "CERTIFICATE" {
			ders = append(ders, block.Bytes)
		}
		data = rest
	}
}

// listed is a certificate in a DCC trust list.
type listed struct {
	KeyID       encoded `json:"kid"`
	Type        string  `json:"certificateType"`
	RawData     encoded `json:"rawData"`
	Certificate encoded `json:"certificate"`
}

// encoded is base64 of either alphabet, with or without padding.
type encoded []byte

func (e *encoded) UnmarshalText(text []byte) (err error) {
	*e, err = decodeBase64(string(text))
	return err
}

var standardBase64 = strings.NewReplacer("-", "+", "_", "/", "\n", "", "\r", "", " ", "")

func decodeBase64(text string) ([]byte, error) {
	return base64.RawStdEncoding.DecodeString(strings.TrimRight(standardBase64.Replace(text), "="))
}

// trustList reads a DCC trust list.
func trustList(data []byte, families []credential.FamilyID) (f found, err error) {
	start := bytes.IndexAny(data, "[{")
	if start < 0 {
		return f, errFormat
	}
	data = data[start:]
	var list []listed
	if json.Unmarshal(data, &list) != nil {
		var wrapped struct {
			Certificates []listed `json:"certificates"`
		}
		if json.Unmarshal(data, &wrapped) == nil && wrapped.Certificates != nil {
			list = wrapped.Certificates
		} else if list, err = byKeyID(data); err != nil {
			return f, err
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
	if len(f.keys)+f.skipped == 0 && len(list) > 0 {
		return f, errFormat
	}
	return f, nil
}

// byKeyID reads an object from kid to one certificate or several.
func byKeyID(data []byte) (list []listed, err error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return nil, fmt.Errorf("%w: %w", errFormat, err)
	}
	for kid, raw := range object {
		id, err := decodeBase64(kid)
		if err != nil {
			return nil, fmt.Errorf("%w: the kid %q", errFormat, kid)
		}
		var several []encoded
		if json.Unmarshal(raw, &several) != nil {
			var one encoded
			if err := json.Unmarshal(raw, &one); err != nil {
				return nil, fmt.Errorf("%w: the certificate of %q", errFormat, kid)
			}
			several = []encoded{one}
		}
		for _, der := range several {
			list = append(list, listed{KeyID: id, RawData: der})
		}
	}
	return list, nil
}

// seals reads certificates for ICAO's seals. A CSCA is found by its subject key
// id, a signer by its kid.
func seals(data []byte) (f found, err error) {
	certs := certificates(data)
	if certs == nil {
		return f, errFormat
	}
	for _, der := range certs {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			f.skipped++
			continue
		}
		key := certificateKey(cert)
		key.Family, key.ID = credential.VDSNC, hcert.KeyID(der)
		if cert.IsCA || cert.Subject.String() == cert.Issuer.String() {
			key.ID = cert.SubjectKeyId
		}
		f.keys = append(f.keys, key)
	}
	return f, nil
}
