// Package nzcp reads the New Zealand COVID Pass.
//
//	"NZCP:/1/" base32( COSE_Sign1( CWT ) )
//
//	COSE header   1 alg: -7 (ES256), 4 kid: name of the key in the issuer's DID document
//	CWT           1 iss (did:web:…), 4 exp, 5 nbf (seconds since 1970), 7 cti (a UUID), "vc"
//	vc            a PublicCovidPass: familyName, givenName, dob
//
// A pass says that its holder fulfils what the issuer asked for, and nothing of
// doses or tests: it has no events.
//
// Source: NZ COVID Pass Technical Specification, version 1.
//
// # What a pass is worth
//
//	standing       problem        why
//	Signed                        a key that the issuer asserts with signed it
//	Signed         schema         so it did, but the pass says no name
//	UnknownIssuer  algorithm      it is signed with another algorithm than ES256
//	UnknownIssuer  no-key-id      it does not say which key signed it
//	UnknownIssuer  unknown-key    the issuer, or its key of that name, is not trusted
//	UnknownIssuer  expired-key    it was issued outside the time of its key
//	Forged         signature      the key did not sign it
//	Unreadable     malformed      it is not of this format
//
// The content of a forged pass is not handed on.
package nzcp

import (
	"encoding/base32"
	"encoding/hex"
	"strings"

	"chot/kiosk/credential"
	"chot/kiosk/credential/coding"
	"chot/kiosk/credential/cose"
)

const (
	prefix  = "NZCP:/"
	version = "1/"
	maxText = 4296 // what a QR code of version 40 holds
)

// Family reads New Zealand COVID Passes.
var Family = credential.Family{
	ID:        credential.NZCP,
	Recognise: func(text string) bool { return strings.HasPrefix(text, prefix) },
	Read:      read,
	Keys:      []credential.KeyFile{{Folder: string(credential.NZCP), Parse: keys}},
	Revocable: "jti",
	Accept:    true,
}

// Families are those of this folder, for the table of all.
var Families = []credential.Family{Family}

func without(standing credential.Standing, why credential.Problem) credential.Credential {
	return credential.Credential{Family: credential.NZCP, Standing: standing, Problem: why}
}

func read(text string, keys credential.Keyring) (credential.Credential, error) {
	rest, ok := strings.CutPrefix(text, prefix)
	if !ok {
		return credential.Credential{}, credential.ErrNotRecognised
	}
	encoded, ok := strings.CutPrefix(rest, version)
	if !ok || len(encoded) > maxText {
		return without(credential.Unreadable, credential.Malformed), nil
	}
	message, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimRight(encoded, "="))
	if err != nil {
		return without(credential.Unreadable, credential.Malformed), nil
	}
	m, err := cose.Parse(message)
	if err != nil {
		return without(credential.Unreadable, credential.Malformed), nil
	}
	c, ok := describe(m.Payload)
	if !ok {
		return without(credential.Unreadable, credential.Malformed), nil
	}
	c.Issuer.Key = string(m.Kid)
	standing, problem := verify(&c, &m, keys)
	if c.Standing = standing; problem != "" {
		c.Problem = problem
	}
	if c.Standing == credential.Forged {
		return without(c.Standing, c.Problem), nil
	}
	return c, nil
}

// describe reads the CWT. All its claims prove something, so none may be absent.
func describe(payload []byte) (c credential.Credential, ok bool) {
	claims, err := cose.ParseClaims(payload)
	if err != nil || claims.Issuer == "" || claims.NotBefore.IsZero() || claims.NotAfter.IsZero() || len(claims.ID) != 16 {
		return c, false
	}
	vc := claims.All.Get("vc")
	covid := false
	for t := range vc.Get("type").Each() {
		covid = covid || t.String() == "PublicCovidPass"
	}
	if !covid {
		return c, false
	}
	subject := vc.Get("credentialSubject")
	text := func(key string) string { return subject.Get(key).String() }
	name := strings.TrimSpace(text("givenName") + " " + text("familyName"))
	c = credential.Credential{
		Family:    credential.NZCP,
		ID:        urn(claims.ID),
		Holder:    credential.Holder{Name: name, Latin: coding.Latin(name), Birth: credential.ParseDate(text("dob"))},
		Issuer:    credential.Issuer{Country: "NZ", Name: claims.Issuer},
		IssuedAt:  claims.NotBefore,
		NotBefore: claims.NotBefore,
		NotAfter:  claims.NotAfter,
	}
	if name == "" {
		c.Problem = credential.Schema
	}
	c.Revocation = []credential.RevocationID{{Kind: "jti", Key: claims.Issuer, Hash: []byte(c.ID)}}
	return c, true
}

// urn is the jti that a cti of 16 bytes stands for.
func urn(id string) string {
	h := hex.EncodeToString([]byte(id))
	return "urn:uuid:" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func verify(c *credential.Credential, m *cose.Message, keys credential.Keyring) (credential.Standing, credential.Problem) {
	switch {
	case m.Alg != cose.ES256:
		return credential.UnknownIssuer, credential.Algorithm
	case len(m.Kid) == 0:
		return credential.UnknownIssuer, credential.NoKeyID
	case keys == nil:
		return credential.UnknownIssuer, credential.UnknownKey
	}
	standing, problem, _ := credential.Verify(m.Signed(), keys.Keys(credential.NZCP, c.Issuer.Name, m.Kid), c.IssuedAt, nil)
	return standing, problem
}
