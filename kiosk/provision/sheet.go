package provision

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/owncode"
)

// Keys are the keys that sheets may be signed with; none where any sheet is read
// and the technician compares.
type Keys []*ecdsa.PublicKey

// LoadKeys reads the public keys of a PEM file.
func LoadKeys(path string) (Keys, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the keys of provisioning sheets: %w", err)
	}
	var keys Keys
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("reading the keys of provisioning sheets in %s: %w", path, err)
		}
		key, ok := parsed.(*ecdsa.PublicKey)
		if !ok || key.Curve != elliptic.P256() {
			return nil, fmt.Errorf("reading the keys of provisioning sheets in %s: one is not of P-256", path)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("reading the keys of provisioning sheets in %s: no key found", path)
	}
	return keys, nil
}

// Keys implements [credential.Keyring]: a sheet's signer is known by its key, not
// by its name.
func (k Keys) Keys(family credential.FamilyID, issuer string, id []byte) (found []credential.Key) {
	for _, key := range k {
		if own, err := owncode.KeyID(key); family == credential.Sheet && err == nil && bytes.Equal(own, id) {
			found = append(found, credential.Key{Family: family, ID: own, Issuer: issuer, Public: key})
		}
	}
	return found
}

// Sheet is what was read from a provisioning sheet.
type Sheet struct {
	owncode.Sheet
	Number   string
	Key      string // id of the key that signed it, hexadecimal
	Known    bool   // one of ours
	IssuedAt time.Time
	Problem  Problem // "" where the sheet may be used
}

// ErrNoSheet means that a text is no provisioning sheet.
var ErrNoSheet = errors.New("the code is no provisioning sheet")

// Read reads a sheet at a time. A clock that was never set is behind: a sheet is
// never of the future.
func Read(text string, keys Keys, now time.Time) (Sheet, error) {
	c, err := owncode.Sheets.Read(text, keys)
	if err != nil {
		return Sheet{}, ErrNoSheet
	}
	s := Sheet{Number: c.ID, Key: c.Issuer.Key, Known: c.Standing == credential.Signed, IssuedAt: c.IssuedAt}
	s.Sheet, _ = c.Payload.(owncode.Sheet) // of a forged or unreadable sheet nothing is handed on
	switch {
	case c.Payload == nil, !s.Known && len(keys) > 0:
		s.Problem = Forged
	case now.After(c.NotAfter):
		s.Problem = Expired
	}
	return s, nil
}
