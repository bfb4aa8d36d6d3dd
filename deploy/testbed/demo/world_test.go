package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"testing"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/families"
	"chot/kiosk/credential/owncode"
)

// ring is the demo world's trust, and the neighbour's.
type ring []credential.Key

func (r ring) Keys(family credential.FamilyID, _ string, id []byte) (found []credential.Key) {
	for _, k := range r {
		if k.Family == family && string(k.ID) == string(id) {
			found = append(found, k)
		}
	}
	return found
}

// Every code of the deck is what its name promises.
func TestDeckIsWhatItSays(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	w, err := newWorld(now)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	kid, err := owncode.KeyID(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	keys := ring{
		{Family: credential.EUDCC, ID: w.vietnam.KeyID, Public: w.vietnam.Key.Public(), Country: "VN"},
		{Family: credential.EUDCC, ID: w.france.KeyID, Public: w.france.Key.Public(), Country: "FR"},
		{Family: credential.Slip, ID: kid, Issuer: "KIOSK-2", Public: key.Public()},
	}
	deck, err := w.showings(now, neighbour{"KIOSK-2", key})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]struct {
		family   credential.FamilyID
		standing credential.Standing
	}{
		"valid-ps256": {credential.EUDCC, credential.Signed}, "valid-es256": {credential.EUDCC, credential.Signed},
		"expired-ps256": {credential.EUDCC, credential.Signed}, "expired-es256": {credential.EUDCC, credential.Signed},
		"forged-ps256": {credential.EUDCC, credential.Forged}, "forged-es256": {credential.EUDCC, credential.Forged},
		"unknown-issuer-ps256": {credential.EUDCC, credential.UnknownIssuer}, "unknown-issuer-es256": {credential.EUDCC, credential.UnknownIssuer},
		"id-card": {credential.VNID, credential.SelfDeclared}, "personal-qr": {credential.VNQR, credential.SelfDeclared},
		"health-insurance": {credential.VNBHYT, credential.SelfDeclared}, "slip": {credential.Slip, credential.Signed},
		"garbage": {credential.NoFamily, 0},
	}
	if len(deck) != len(want) {
		t.Errorf("the deck has %d codes, not %d", len(deck), len(want))
	}
	for _, s := range deck {
		got := families.Read(s.text, keys)
		if w := want[s.name]; got.Family != w.family || got.Standing != w.standing {
			t.Errorf("%s: %s %s (%s), want %s %s", s.name, got.Family, got.Standing, got.Problem, w.family, w.standing)
		}
	}
}
