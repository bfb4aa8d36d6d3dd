package shc

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/cose"
	"chot/kiosk/credential/deflate"
	"chot/kiosk/credential/value"
)

// Incomplete is the problem of one code of several.
const Incomplete credential.Problem = "incomplete"

// Bounds of what a card in one code holds; real ones stay under 6 kB. A card in
// several codes may hold as many times more.
const (
	maxPayload = 16 << 10
	maxParts   = 800 // objects, lists and members; real ones have under 300
)

// busy says whether JSON has more parts than a card has, which would take longer
// to read than a signature takes to check.
func busy(body []byte, codes int) bool {
	parts := 0
	for _, mark := range []string{"{", "[", ","} {
		parts += bytes.Count(body, []byte(mark))
	}
	return parts > maxParts*codes
}

// Family reads SMART Health Cards.
var Family = credential.Family{
	ID:        credential.SHC,
	Recognise: func(text string) bool { return strings.HasPrefix(text, prefix) },
	Read:      read,
	Keys:      []credential.KeyFile{{Folder: string(credential.SHC), Parse: keys}},
	Revocable: "rid",
}

// Families are those of this folder, for the table of all.
var Families = []credential.Family{Family}

// header is that of the JWS, RFC 7515 section 4.
type header struct {
	Algorithm string `json:"alg"`
	Zip       string `json:"zip"`
	KeyID     string `json:"kid"`
}

func without(s credential.Standing, why credential.Problem) credential.Credential {
	return credential.Credential{Family: credential.SHC, Standing: s, Problem: why}
}

func read(text string, keys credential.Keyring) (credential.Credential, error) {
	if !strings.HasPrefix(text, prefix) {
		return credential.Credential{}, credential.ErrNotRecognised
	}
	unreadable := without(credential.Unreadable, credential.Malformed)
	jws, codes, err := assemble(text)
	if errors.Is(err, errIncomplete) {
		return without(credential.Unreadable, Incomplete), nil
	}
	if err != nil {
		return unreadable, nil
	}
	head, body, signature, ok := parts(jws, codes)
	if !ok || busy(body, codes) {
		return unreadable, nil
	}
	c, ok := describe(head, body)
	if !ok {
		return unreadable, nil
	}
	digest := sha256.Sum256(jws[:bytes.LastIndexByte(jws, '.')])
	c.Standing, c.Problem = verify(&c, head, cose.ES256Signature{Digest: digest, Bytes: signature}, keys)
	if c.Standing == credential.Forged {
		return without(c.Standing, c.Problem), nil
	}
	return c, nil
}

// parts takes a JWS apart: header, decompressed payload and signature.
func parts(jws []byte, codes int) (head header, body, signature []byte, ok bool) {
	three := bytes.Split(jws, []byte("."))
	if len(three) != 3 {
		return head, nil, nil, false
	}
	var raw [3][]byte
	for i, part := range three {
		var err error
		if raw[i], err = base64.RawURLEncoding.AppendDecode(nil, part); err != nil {
			return head, nil, nil, false
		}
	}
	if err := json.Unmarshal(raw[0], &head); err != nil || head.Zip != "DEF" {
		return head, nil, nil, false
	}
	body, err := deflate.Append(nil, raw[1], maxPayload*codes)
	return head, body, raw[2], err == nil
}

// describe reads the payload. Who issued it and when proves something, so that it
// must be there.
func describe(head header, body []byte) (c credential.Credential, ok bool) {
	p, err := value.FromJSON(body)
	if err != nil {
		return c, false
	}
	vc := p.Get("vc")
	c.Family = credential.SHC
	c.ID = vc.Get("rid").String()
	c.Issuer = credential.Issuer{Name: p.Get("iss").String(), Key: head.KeyID}
	if c.Issuer.Name == "" || !p.Get("nbf").Given() {
		return c, false
	}
	if c.IssuedAt, ok = numericDate(p.Get("nbf")); !ok {
		return c, false
	}
	if c.NotAfter, ok = numericDate(p.Get("exp")); !ok {
		return c, false
	}
	c.NotBefore = c.IssuedAt
	if c.ID != "" {
		c.Revocation = []credential.RevocationID{{Kind: "rid", Key: head.KeyID, Hash: []byte(c.ID)}}
	}
	describeBundle(&c, vc.Get("credentialSubject").Get("fhirBundle"))
	return c, true
}

// numericDate reads seconds since 1970; a time that is absent is no error.
func numericDate(v *value.Value) (time.Time, bool) {
	if !v.Given() {
		return time.Time{}, true
	}
	s, ok := v.Float()
	if !ok || !(s >= 0 && s <= 253402300799) {
		return time.Time{}, false
	}
	whole, part := math.Modf(s)
	return time.Unix(int64(whole), int64(part*1e9)).UTC(), true
}

// verify tries all keys of the issuer with that kid.
func verify(c *credential.Credential, head header, s cose.ES256Signature, keys credential.Keyring) (credential.Standing, credential.Problem) {
	switch {
	case head.Algorithm != "ES256":
		return credential.UnknownIssuer, credential.Algorithm
	case keys == nil:
		return credential.UnknownIssuer, credential.UnknownKey
	}
	standing, problem, by := credential.Verify(s, keys.Keys(credential.SHC, c.Issuer.Name, []byte(head.KeyID)), c.IssuedAt, nil)
	if by != nil {
		c.Issuer.Country = by.Country
	}
	if problem == "" {
		problem = c.Problem // of the content
	}
	return standing, problem
}
