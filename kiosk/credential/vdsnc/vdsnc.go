package vdsnc

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"

	"chot/kiosk/credential"
	"chot/kiosk/credential/cose"
	"chot/kiosk/credential/hcert"

	"github.com/gowebpki/jcs"
	"golang.org/x/text/language"
)

const (
	maxText  = 4 << 10 // more than a QR code of version 40 holds in bytes (2,953)
	maxParts = 300     // objects, lists and members; real ones have under 60
)

// usageSeal is the extended key usage of a signer of seals.
const usageSeal = "2.23.136.1.1.14.2"

// Family reads ICAO's seals.
var Family = credential.Family{ID: credential.VDSNC, Recognise: recognise, Read: read}

func recognise(text string) bool {
	return strings.HasPrefix(text, "{") && strings.Contains(text, `"icao.`)
}

// seal is the outermost object.
type seal struct {
	Data      json.RawMessage `json:"data"`
	Signature struct {
		Algorithm   string    `json:"alg"`
		Certificate base64url `json:"cer"`
		Value       base64url `json:"sigvl"`
	} `json:"sig"`
}

// base64url may be padded or not.
type base64url []byte

func (b *base64url) UnmarshalText(text []byte) (err error) {
	*b, err = base64.RawURLEncoding.AppendDecode(nil, []byte(strings.TrimRight(string(text), "=")))
	return err
}

func forged(why credential.Problem) credential.Credential {
	return credential.Credential{Family: credential.VDSNC, Standing: credential.Forged, Problem: why}
}

func read(text string, keys credential.Keyring) (credential.Credential, error) {
	if !recognise(text) {
		return credential.Credential{}, credential.ErrNotRecognised
	}
	if len(text) > maxText || strings.Count(text, "{")+strings.Count(text, "[")+strings.Count(text, ",") > maxParts {
		return forged(credential.Malformed), nil
	}
	var s seal
	if err := json.Unmarshal([]byte(text), &s); err != nil || s.Signature.Algorithm != "ES256" {
		return forged(credential.Malformed), nil
	}
	signer, err := x509.ParseCertificate(s.Signature.Certificate)
	if err != nil {
		return forged(credential.Malformed), nil
	}
	c, ok := describe(s.Data, signer)
	if !ok {
		return forged(credential.Malformed), nil
	}
	canonical, err := jcs.Transform(s.Data)
	if err != nil {
		return forged(credential.Malformed), nil
	}
	c.Standing, c.Problem = verify(canonical, s.Signature.Value, signer, keys)
	if c.Standing == credential.Forged {
		return forged(c.Problem), nil
	}
	return c, nil
}

// verify checks the signature, and who vouches for the signer.
func verify(canonical, signature []byte, signer *x509.Certificate, keys credential.Keyring) (credential.Standing, credential.Problem) {
	if !cose.VerifyES256(signer.PublicKey, sha256.Sum256(canonical), signature) {
		return credential.Forged, credential.BadSignature
	}
	if !sealsAllowed(signer) {
		return credential.Forged, credential.KeyUsage
	}
	if keys == nil {
		return credential.UnknownIssuer, credential.UnknownKey
	}
	for _, k := range keys.Keys(credential.VDSNC, "", hcert.KeyID(signer.Raw)) {
		if equal, ok := k.Public.(interface{ Equal(crypto.PublicKey) bool }); ok && equal.Equal(signer.PublicKey) {
			return credential.Signed, ""
		}
	}
	authorities := keys.Keys(credential.VDSNC, "", signer.AuthorityKeyId)
	if len(signer.AuthorityKeyId) == 0 || len(authorities) == 0 {
		return credential.UnknownIssuer, credential.UnknownKey
	}
	for _, k := range authorities {
		authority := x509.Certificate{PublicKey: k.Public}
		if authority.CheckSignature(signer.SignatureAlgorithm, signer.RawTBSCertificate, signer.Signature) != nil {
			continue
		}
		if !k.HeldAt(signer.NotBefore) {
			return credential.UnknownIssuer, credential.ExpiredKey
		}
		return credential.Signed, ""
	}
	return credential.Forged, credential.BadSignature
}

// sealsAllowed: a certificate with extended usages must have that of seals.
func sealsAllowed(signer *x509.Certificate) bool {
	for _, oid := range signer.UnknownExtKeyUsage {
		if oid.String() == usageSeal {
			return true
		}
	}
	return len(signer.UnknownExtKeyUsage)+len(signer.ExtKeyUsage) == 0
}

// keyID names the signer in the credential.
func keyID(signer *x509.Certificate) string { return hex.EncodeToString(hcert.KeyID(signer.Raw)) }

// alpha2 is the country code of two letters for one of three.
func alpha2(country string) string {
	if region, err := language.ParseRegion(country); err == nil && len(country) == 3 {
		return region.String()
	}
	return country
}
