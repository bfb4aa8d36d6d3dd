package owncode

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/base45"
	"chot/kiosk/credential/cose"
)

// WrongAudience is the problem of a code that was signed as another kind.
const WrongAudience credential.Problem = "audience"

const kidLength = 8

// maxText is what a QR code of version 40 holds in alphanumeric mode.
const maxText = 4296

// Terms are what all four codes say of themselves.
type Terms struct {
	Issuer    string // the kiosk's or province's name
	Number    string // unique for the issuer
	IssuedAt  time.Time
	NotBefore time.Time
	NotAfter  time.Time
}

// Body is the content of a code: a [Slip], [Result], [Badge] or [Sheet].
type Body interface {
	form() form
	check() error
	describe(*credential.Credential)
}

// form is what sets one kind of code apart from the others.
type form struct {
	family   credential.FamilyID
	prefix   string
	audience string
	purpose  credential.Purpose
}

// KeyID is the kid of a key: the first 8 bytes of the SHA-256 of its point in
// uncompressed form. It outlives the renewal of a certificate for the same key.
func KeyID(key *ecdsa.PublicKey) ([]byte, error) {
	point, err := key.Bytes()
	if err != nil {
		return nil, fmt.Errorf("naming a key: %w", err)
	}
	sum := sha256.Sum256(point)
	return sum[:kidLength], nil
}

// Sign writes a code. The key must be of P-256. What a scanner must read from
// paper should be short: a slip takes about 270 characters.
func Sign(rand io.Reader, key crypto.Signer, terms Terms, body Body) (string, error) {
	f := body.form()
	fail := func(err error) (string, error) {
		return "", fmt.Errorf("signing a %s for %q: %w", f.family, terms.Issuer, err)
	}
	public, ok := key.Public().(*ecdsa.PublicKey)
	if !ok || public.Curve != elliptic.P256() {
		return fail(errors.New("the key is not of P-256"))
	}
	if err := errors.Join(terms.check(), body.check()); err != nil {
		return fail(err)
	}
	kid, err := KeyID(public)
	if err != nil {
		return fail(err)
	}
	payload, err := encodeClaims(terms, body)
	if err != nil {
		return fail(err)
	}
	raw, err := cose.Sign(rand, key, kid, payload)
	if err != nil {
		return fail(err)
	}
	return string(base45.AppendEncode([]byte(f.prefix), raw)), nil
}

func (t Terms) check() error {
	switch {
	case t.Issuer == "" || t.Number == "":
		return errors.New("issuer and number must be given")
	case t.IssuedAt.IsZero() || !t.NotBefore.Before(t.NotAfter):
		return errors.New("the times are out of order")
	}
	return nil
}

// family makes the family of one kind of code.
func family[B Body]() credential.Family {
	var zero B
	f := zero.form()
	return credential.Family{
		ID:        f.family,
		Recognise: func(text string) bool { return strings.HasPrefix(text, f.prefix) },
		Read: func(text string, keys credential.Keyring) (credential.Credential, error) {
			encoded, ok := strings.CutPrefix(text, f.prefix)
			if !ok {
				return credential.Credential{}, credential.ErrNotRecognised
			}
			return read[B](f, encoded, keys), nil
		},
		Keys:      []credential.KeyFile{{Folder: "pass", Parse: keys}},
		Revocable: "jti",
		Purpose:   f.purpose,
	}
}

func read[B Body](f form, encoded string, keys credential.Keyring) credential.Credential {
	without := func(standing credential.Standing, why credential.Problem) credential.Credential {
		return credential.Credential{Family: f.family, Standing: standing, Problem: why}
	}
	unreadable := func(why credential.Problem) credential.Credential { return without(credential.Unreadable, why) }
	if len(encoded) > maxText {
		return unreadable(credential.Malformed)
	}
	raw, err := base45.AppendDecode(nil, encoded)
	if err != nil {
		return unreadable(credential.Malformed)
	}
	m, err := cose.Parse(raw)
	if err != nil || m.Alg != cose.ES256 || len(m.Kid) != kidLength || len(m.Signature) != 64 {
		return unreadable(credential.Malformed)
	}
	claims, err := decodeClaims(m.Payload)
	if err != nil {
		return unreadable(credential.Malformed)
	}
	if claims.Audience != f.audience {
		return unreadable(WrongAudience)
	}
	var body B
	if err := decoding.Unmarshal(claims.Body, &body); err != nil || body.check() != nil {
		return unreadable(credential.Malformed)
	}
	terms := claims.terms()
	if terms.check() != nil {
		return unreadable(credential.Malformed)
	}
	c := credential.Credential{
		Family:    f.family,
		ID:        terms.Number,
		Issuer:    credential.Issuer{Country: "VN", Name: terms.Issuer, Key: hex.EncodeToString(m.Kid)},
		IssuedAt:  terms.IssuedAt,
		NotBefore: terms.NotBefore,
		NotAfter:  terms.NotAfter,
		Payload:   body,
		Revocation: []credential.RevocationID{
			{Kind: "jti", Key: terms.Issuer, Hash: []byte(terms.Number)},
		},
	}
	if c.Standing, c.Problem = verify(&m, f.family, terms, keys); c.Standing == credential.Forged {
		return without(c.Standing, c.Problem)
	}
	body.describe(&c)
	return c
}

// verify tries all keys that may have signed the message.
func verify(m *cose.Message, family credential.FamilyID, terms Terms, keys credential.Keyring) (credential.Standing, credential.Problem) {
	if keys == nil {
		return credential.UnknownIssuer, credential.UnknownKey
	}
	standing, problem, _ := credential.Verify(m.Signed(), keys.Keys(family, terms.Issuer, m.Kid), terms.IssuedAt, nil)
	return standing, problem
}
