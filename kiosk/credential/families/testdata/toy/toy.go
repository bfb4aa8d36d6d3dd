// Package toy reads "TOY:" and a name, signed with Ed25519: the example of a new
// family, in one file.
package toy

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"strings"

	"chot/kiosk/credential"
)

// ID names the family.
const ID credential.FamilyID = "toy"

// Families are those of this folder, for the table of all.
var Families = []credential.Family{{
	ID:        ID,
	Recognise: func(text string) bool { return strings.HasPrefix(text, "TOY:") },
	Read:      read,
	Keys:      []credential.KeyFile{{Folder: "toy", Parse: keys}},
	Revocable: "jti",
	Accept:    true,
}}

// read takes TOY:<name>:<signature in base64url>.
func read(text string, ring credential.Keyring) (credential.Credential, error) {
	rest, ok := strings.CutPrefix(text, "TOY:")
	if !ok {
		return credential.Credential{}, credential.ErrNotRecognised
	}
	name, encoded, _ := strings.Cut(rest, ":")
	signed, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return credential.Credential{Family: ID, Standing: credential.Unreadable, Problem: credential.Malformed}, nil
	}
	c := credential.Credential{
		Family: ID, ID: name, Holder: credential.Holder{Name: name},
		Revocation: []credential.RevocationID{{Kind: "jti", Hash: []byte(name)}},
	}
	c.Standing, c.Problem, _ = credential.Verify(signature{name, signed}, ring.Keys(ID, "", nil), c.IssuedAt, nil)
	return c, nil
}

type signature struct {
	name string
	data []byte
}

func (s signature) Suits(key crypto.PublicKey) bool {
	_, ok := key.(ed25519.PublicKey)
	return ok
}

func (s signature) Holds(key crypto.PublicKey) bool {
	return ed25519.Verify(key.(ed25519.PublicKey), []byte(s.name), s.data)
}

// keys reads a file that is one public key.
func keys(data []byte) (credential.KeySet, error) {
	return credential.KeySet{Keys: []credential.Key{{Family: ID, Public: ed25519.PublicKey(data)}}}, nil
}
