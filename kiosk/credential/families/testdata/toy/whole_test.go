package toy_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"os"
	"testing"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/families"
	"chot/kiosk/policy"
	"chot/kiosk/trust"
	"chot/ui/catalog"
)

// TestWhole takes the toy's code the way of every other: a key file is imported,
// the text read, its signature checked, a verdict made, the family named, and one
// code is denied.
func TestWhole(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	dir := t.TempDir()
	if _, err := trust.Import(dir, "toy", "key", public, now); err != nil {
		t.Fatal(err)
	}
	if _, err := trust.ImportRevocations(dir, "list", [][]byte{[]byte(`{"denylist":[{"family":"toy","id":"Denied"}]}`)}, now); err != nil {
		t.Fatal(err)
	}
	keys, err := trust.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	rules, err := policy.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	sign := func(name string) string {
		return "TOY:" + name + ":" + base64.RawURLEncoding.EncodeToString(ed25519.Sign(private, []byte(name)))
	}
	good := sign("Thu")
	for text, want := range map[string]struct {
		standing credential.Standing
		level    policy.Level
	}{
		good:                    {credential.Signed, policy.Green},
		"TOY:Bich" + good[7:]:   {credential.Forged, policy.Red},
		"TOY:Bich:not base 64!": {credential.Unreadable, policy.Amber},
		sign("Denied"):          {credential.Signed, policy.Red},
	} {
		c := families.Read(text, keys)
		v := rules.Judge(policy.Input{Now: now, TrustAt: now, RulesAt: now, Revoked: keys.Revoked}, &c)
		if c.Family != "toy" || c.Standing != want.standing || v.Level != want.level {
			t.Errorf("%s: %s, %v %q, %v %v", text, c.Family, c.Standing, c.Problem, v.Level, v.Reasons)
		}
	}
	for _, l := range catalog.Languages() {
		if name := l.Text("family.toy"); name != "Toy "+l.Code {
			t.Errorf("in %s it is called %q", l.Code, name)
		}
	}
}
