package shc

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math"
	"strings"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/cose"
	"chot/kiosk/credential/deflate"
)

// Incomplete is the problem of one code of several.
const Incomplete credential.Problem = "incomplete"

// Bounds of what a card holds; real ones stay under 6 kB.
const (
	maxPayload = 16 << 10
	maxParts   = 800 // objects, lists and members; real ones have under 300
)

// busy says whether JSON has more parts than a card has, which would take longer
// to read than a signature takes to check.
func busy(body []byte) bool {
	parts := 0
	for _, mark := range []string{"{", "[", ","} {
		parts += bytes.Count(body, []byte(mark))
	}
	return parts > maxParts
}

// Family reads SMART Health Cards.
var Family = credential.Family{
	ID:        credential.SHC,
	Recognise: func(text string) bool { return strings.HasPrefix(text, prefix) },
	Read:      read,
}

// header is that of the JWS, RFC 7515 section 4.
type header struct {
	Algorithm string `json:"alg"`
	Zip       string `json:"zip"`
	KeyID     string `json:"kid"`
}

// payload is that of the JWS.
type payload struct {
	Issuer    string       `json:"iss"`
	NotBefore *json.Number `json:"nbf"`
	NotAfter  *json.Number `json:"exp"`
	VC        struct {
		Type    []string `json:"type"`
		RID     string   `json:"rid"`
		Subject struct {
			Bundle bundle `json:"fhirBundle"`
		} `json:"credentialSubject"`
	} `json:"vc"`
}

func standing(s credential.Standing, why credential.Problem) credential.Credential {
	return credential.Credential{Family: credential.SHC, Standing: s, Problem: why}
}

func read(text string, keys credential.Keyring) (credential.Credential, error) {
	if !strings.HasPrefix(text, prefix) {
		return credential.Credential{}, credential.ErrNotRecognised
	}
	jws, whole := assemble(text)
	if !whole {
		return standing(credential.UnknownIssuer, Incomplete), nil
	}
	head, body, signature, ok := parts(jws)
	if !ok {
		return standing(credential.Forged, credential.Malformed), nil
	}
	c, ok := describe(head, body)
	if !ok {
		return standing(credential.Forged, credential.Malformed), nil
	}
	signed := jws[:bytes.LastIndexByte(jws, '.')]
	c.Standing, c.Problem = verify(&c, head.KeyID, sha256.Sum256(signed), signature, keys)
	if c.Standing == credential.Forged {
		return standing(c.Standing, c.Problem), nil
	}
	return c, nil
}

// parts takes a JWS apart: header, inflated payload and signature.
func parts(jws []byte) (head header, body, signature []byte, ok bool) {
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
	if err := json.Unmarshal(raw[0], &head); err != nil || head.Algorithm != "ES256" || head.Zip != "DEF" {
		return head, nil, nil, false
	}
	body, err := deflate.Append(nil, raw[1], maxPayload)
	return head, body, raw[2], err == nil
}

// describe reads the payload.
func describe(head header, body []byte) (c credential.Credential, ok bool) {
	var p payload
	if busy(body) {
		return c, false
	}
	if err := json.Unmarshal(body, &p); err != nil || p.Issuer == "" || p.NotBefore == nil {
		return c, false
	}
	c.Family = credential.SHC
	c.ID = p.VC.RID
	c.Issuer = credential.Issuer{Name: p.Issuer, Key: head.KeyID}
	if c.IssuedAt, ok = numericDate(p.NotBefore); !ok {
		return c, false
	}
	if c.NotAfter, ok = numericDate(p.NotAfter); !ok {
		return c, false
	}
	c.NotBefore = c.IssuedAt
	if c.ID != "" {
		c.Revocation = []credential.RevocationID{{Kind: "rid", Key: head.KeyID, Hash: []byte(c.ID)}}
	}
	p.VC.Subject.Bundle.describe(&c)
	return c, true
}

// numericDate reads seconds since 1970; a time that is absent is no error.
func numericDate(n *json.Number) (time.Time, bool) {
	if n == nil {
		return time.Time{}, true
	}
	s, err := n.Float64()
	if err != nil || s < 0 || s > 253402300799 {
		return time.Time{}, false
	}
	whole, part := math.Modf(s)
	return time.Unix(int64(whole), int64(part*1e9)).UTC(), true
}

// verify tries all keys of the issuer with that kid.
func verify(c *credential.Credential, kid string, digest [sha256.Size]byte, signature []byte, keys credential.Keyring) (credential.Standing, credential.Problem) {
	var candidates []credential.Key
	if keys != nil {
		candidates = keys.Keys(credential.SHC, c.Issuer.Name, []byte(kid))
	}
	if len(candidates) == 0 {
		return credential.UnknownIssuer, credential.UnknownKey
	}
	for _, k := range candidates {
		if !cose.VerifyES256(k.Public, digest, signature) {
			continue
		}
		if !k.HeldAt(c.IssuedAt) {
			return credential.UnknownIssuer, credential.ExpiredKey
		}
		c.Issuer.Country = k.Country
		return credential.Signed, ""
	}
	return credential.Forged, credential.BadSignature
}
