package vdsnc

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
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
)

const (
	maxText  = 4 << 10 // more than a QR code of version 40 holds in bytes (2,953)
	maxParts = 300     // objects, lists and members; real ones have under 60
)

// usageSeal is the extended key usage of a signer of seals.
const usageSeal = "2.23.136.1.1.14.2"

// Family reads ICAO's seals.
var Family = credential.Family{
	ID:        credential.VDSNC,
	Recognise: recognise,
	Read:      read,
	Keys:      []credential.KeyFile{{Folder: string(credential.VDSNC), Parse: keys}},
	Revocable: "uvci",
}

// Families are those of this folder, for the table of all.
var Families = []credential.Family{Family}

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

func without(standing credential.Standing, why credential.Problem) credential.Credential {
	return credential.Credential{Family: credential.VDSNC, Standing: standing, Problem: why}
}

func read(text string, keys credential.Keyring) (credential.Credential, error) {
	if !recognise(text) {
		return credential.Credential{}, credential.ErrNotRecognised
	}
	unreadable := without(credential.Unreadable, credential.Malformed)
	if len(text) > maxText || strings.Count(text, "{")+strings.Count(text, "[")+strings.Count(text, ",") > maxParts {
		return unreadable, nil
	}
	var s seal
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return unreadable, nil
	}
	signer, err := x509.ParseCertificate(s.Signature.Certificate)
	if err != nil {
		return unreadable, nil
	}
	canonical, err := jcs.Transform(s.Data)
	if err != nil {
		return unreadable, nil
	}
	c, ok := describe(s.Data, signer)
	if !ok {
		return unreadable, nil
	}
	standing, problem := verify(&s, canonical, signer, keys)
	if c.Standing = standing; problem != "" {
		c.Problem = problem
	}
	if c.Standing == credential.Forged {
		return without(c.Standing, c.Problem), nil
	}
	return c, nil
}

// verify checks the signature, and who vouches for the signer.
func verify(s *seal, canonical []byte, signer *x509.Certificate, keys credential.Keyring) (credential.Standing, credential.Problem) {
	signature := cose.ES256Signature{Digest: sha256.Sum256(canonical), Bytes: s.Signature.Value}
	switch {
	case s.Signature.Algorithm != "ES256" || !signature.Suits(signer.PublicKey):
		return credential.UnknownIssuer, credential.Algorithm
	case !signature.Holds(signer.PublicKey):
		return credential.Forged, credential.BadSignature
	}
	standing, problem := vouched(signer, keys)
	if standing == credential.Signed && !sealsAllowed(signer) {
		return credential.UnknownIssuer, credential.KeyUsage
	}
	return standing, problem
}

// vouched says whether a signer is trusted by itself, or by the authority that it
// names.
func vouched(signer *x509.Certificate, keys credential.Keyring) (credential.Standing, credential.Problem) {
	if keys == nil {
		return credential.UnknownIssuer, credential.UnknownKey
	}
	for _, k := range keys.Keys(credential.VDSNC, "", hcert.KeyID(signer.Raw)) {
		if equal, ok := k.Public.(interface{ Equal(crypto.PublicKey) bool }); ok && equal.Equal(signer.PublicKey) {
			return credential.Signed, ""
		}
	}
	if len(signer.AuthorityKeyId) == 0 {
		return credential.UnknownIssuer, credential.UnknownKey
	}
	authorities := keys.Keys(credential.VDSNC, "", signer.AuthorityKeyId)
	standing, problem, _ := credential.Verify(certified{signer}, authorities, signer.NotBefore, nil)
	return standing, problem
}

// certified is the signature of an authority over a certificate.
type certified struct{ *x509.Certificate }

// Suits says whether the key is of the kind of the certificate's signature.
func (c certified) Suits(key crypto.PublicKey) bool {
	switch key.(type) {
	case *ecdsa.PublicKey:
		return c.SignatureAlgorithm >= x509.ECDSAWithSHA256 && c.SignatureAlgorithm <= x509.ECDSAWithSHA512
	case *rsa.PublicKey:
		return c.SignatureAlgorithm >= x509.SHA256WithRSA && c.SignatureAlgorithm <= x509.SHA512WithRSA ||
			c.SignatureAlgorithm >= x509.SHA256WithRSAPSS && c.SignatureAlgorithm <= x509.SHA512WithRSAPSS
	}
	return false
}

// Holds says whether the key made it.
func (c certified) Holds(key crypto.PublicKey) bool {
	authority := x509.Certificate{PublicKey: key}
	return authority.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
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
