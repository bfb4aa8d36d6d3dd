package service

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/credential"
	"chot/kiosk/credential/owncode"
	"chot/kiosk/policy"
	"chot/kiosk/published"
	"chot/kiosk/trust"
)

func TestAssemble(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		texts    []string
		whole    []string
		have, of int
	}{
		{"one code", []string{"HC1:A"}, []string{"HC1:A"}, 0, 0},
		{"a card in one code", []string{"shc:/1234"}, []string{"shc:/1234"}, 0, 0},
		{"the first of two", []string{"shc:/1/2/12"}, []string{"shc:/1/2/12"}, 1, 2},
		{"the same twice", []string{"shc:/1/2/12", "shc:/1/2/12"}, []string{"shc:/1/2/12\nshc:/1/2/12"}, 1, 2},
		{"both, in any order", []string{"shc:/2/2/34", "shc:/1/2/12"}, []string{"shc:/2/2/34\nshc:/1/2/12"}, 2, 2},
		{"beside another paper", []string{"HC1:A", "shc:/1/2/12", "shc:/2/2/34"}, []string{"HC1:A", "shc:/1/2/12\nshc:/2/2/34"}, 2, 2},
		{"of two cards", []string{"shc:/1/2/12", "shc:/2/3/34"}, []string{"shc:/1/2/12\nshc:/2/3/34"}, 1, 2},
	} {
		if whole, have, of := assemble(c.texts); !slices.Equal(whole, c.whole) || have != c.have || of != c.of {
			t.Errorf("%s: %q, %d of %d", c.name, whole, have, of)
		}
	}
}

// testChecker is a checker that trusts only kiosk "hall-2", and its slips.
func testChecker(t *testing.T, now time.Time) (*Checker, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := trust.Load(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	c := NewChecker(func() time.Time { return now }, "11074", "S1", published.Defaults(), now)
	c.known.Store(&knowledge{trust: trusting{keys, &key.PublicKey}, rules: policy.Default(), current: now})
	return c, key
}

// trusting adds a key to what a bundle brings.
type trusting struct {
	trustData
	key *ecdsa.PublicKey
}

func (t trusting) Keys(family credential.FamilyID, issuer string, id []byte) []credential.Key {
	own, err := owncode.KeyID(t.key)
	if err != nil || !slices.Equal(own, id) {
		return nil
	}
	return []credential.Key{{Family: family, ID: own, Issuer: issuer, Public: t.key}}
}

func TestCheckerTellsWhatWasShown(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	c, key := testChecker(t, now)
	signed := func(body owncode.Body, until time.Duration) string {
		text, err := owncode.Sign(rand.Reader, key, owncode.Terms{
			Issuer: "hall-2", Number: "7", IssuedAt: now.Add(-2 * time.Hour), NotBefore: now.Add(-2 * time.Hour), NotAfter: now.Add(until),
		}, body)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	slip := signed(owncode.Slip{Name: "N. T. Thử", Birth: 1985, Verdict: "green", Basis: "declaration"}, time.Hour)
	if e, ok := c.Check(checkpoint.Check{ID: 1, Texts: []string{slip}}).(checkpoint.Checked); !ok || e.ID != 1 ||
		e.Verdict.Level != policy.Green || e.Credentials[0].Standing != credential.Signed {
		t.Errorf("a neighbour's slip: %+v", e)
	}
	if len(c.unknownIssuer) != 0 {
		t.Error("a known kiosk's slip asks for a newer bundle")
	}
	other, _ := testChecker(t, now)
	for range 2 { // a second time, while the first is waited for
		if e, ok := other.Check(checkpoint.Check{Texts: []string{slip}}).(checkpoint.Checked); !ok ||
			e.Credentials[0].Standing != credential.UnknownIssuer || len(other.unknownIssuer) != 1 {
			t.Errorf("the slip of a kiosk that is not known: %+v, %d", e, len(other.unknownIssuer))
		}
	}
	family := signed(owncode.Slip{Verdict: "green", Basis: "declaration", Party: 4}, time.Hour)
	if e, ok := c.Check(checkpoint.Check{Texts: []string{family}}).(checkpoint.Checked); !ok || e.Party != 4 {
		t.Errorf("a family's slip: %+v", e)
	}
	badge := signed(owncode.Badge{Name: "Trần Văn Mẫu", Role: "technician"}, time.Hour)
	if e := c.Check(checkpoint.Check{ID: 2, Texts: []string{badge}}); e != (checkpoint.BadgeRead{
		ID: 2, Badge: checkpoint.Badge{Number: "7", Name: "Trần Văn Mẫu", Role: checkpoint.Technician},
	}) {
		t.Errorf("a badge: %+v", e)
	}
	for unit, elsewhere := range map[string]bool{"11074": false, "S1": false, "11086": true, "S2": true} {
		e, ok := c.Check(checkpoint.Check{Texts: []string{signed(owncode.Badge{Name: "Trần Văn Mẫu", Role: "staff", Unit: unit}, time.Hour)}}).(checkpoint.BadgeRead)
		if !ok || e.Badge.Elsewhere != elsewhere {
			t.Errorf("a badge for %s: %+v", unit, e)
		}
	}
	late := signed(owncode.Badge{Name: "Trần Văn Mẫu", Role: "technician"}, -time.Hour)
	if e, ok := c.Check(checkpoint.Check{Texts: []string{late}}).(checkpoint.Checked); !ok || e.Verdict.Level == policy.Green {
		t.Errorf("a badge whose time is over: %+v", e)
	}
	sheet := owncode.Sheet{Kiosk: "hall-9", Site: "298", Server: "https://province.example", Pins: [][]byte{make([]byte, 32)}, Token: "once"}
	if e, ok := c.Check(checkpoint.Check{Texts: []string{signed(sheet, -time.Hour)}}).(checkpoint.SheetRead); !ok || e.Problem != "expired" || !e.Signed || e.Number != "7" || e.Kiosk != "hall-9" {
		t.Errorf("a sheet whose time is over: %+v", e)
	}
	if e, ok := c.Check(checkpoint.Check{ID: 3, Texts: []string{"shc:/1/3/12"}}).(checkpoint.Gathered); !ok || e != (checkpoint.Gathered{ID: 3, Read: 1, Of: 3}) {
		t.Errorf("a part of a card: %+v", e)
	}
}
