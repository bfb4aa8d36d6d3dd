// Package keyfile has what the files share in which issuers publish their keys:
// certificates in DER and PEM, JSON Web Keys, DID documents, base64 of every kind.
// How a family's files are made of them, the family says.
//
// A key that cannot be read, for instance one of a curve that Go does not know,
// does not make its file unreadable: it is left out and counted.
//
// Sources: RFC 5280, RFC 7468, RFC 7517 and RFC 7518; W3C DID 1.0.
package keyfile

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"

	"chot/kiosk/credential"

	"golang.org/x/text/language"
)

// ErrFormat is returned for a file that is of no known format.
var ErrFormat = errors.New("keyfile: no known format")

// CertificateKey is the key of a certificate, without family and id.
func CertificateKey(cert *x509.Certificate) credential.Key {
	k := credential.Key{
		Public: cert.PublicKey, NotBefore: cert.NotBefore, NotAfter: cert.NotAfter,
		Country: Country(strings.Join(cert.Subject.Country, "")),
	}
	for _, oid := range cert.UnknownExtKeyUsage {
		k.Usage = append(k.Usage, oid.String())
	}
	return k
}

// Country is the code of two letters, also for one of three.
func Country(code string) string {
	if region, err := language.ParseRegion(code); err == nil && code != "" {
		return region.String()
	}
	return strings.ToUpper(code)
}

// Certificates are those of a file in DER or PEM, in DER; nil for any other file.
func Certificates(data []byte) (ders [][]byte) {
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

// Base64 is base64 of either alphabet, with or without padding, in JSON.
type Base64 []byte

// UnmarshalText reads base64.
func (e *Base64) UnmarshalText(text []byte) (err error) {
	*e, err = DecodeBase64(string(text))
	return err
}

var standardBase64 = strings.NewReplacer("-", "+", "_", "/", "\n", "", "\r", "", " ", "")

// DecodeBase64 decodes base64 of either alphabet, with or without padding.
func DecodeBase64(text string) ([]byte, error) {
	return base64.RawStdEncoding.DecodeString(strings.TrimRight(standardBase64.Replace(text), "="))
}
