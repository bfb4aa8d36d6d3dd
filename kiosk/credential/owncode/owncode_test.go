package owncode_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/base45"
	"chot/kiosk/credential/owncode"

	"github.com/fxamacker/cbor/v2"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// ring is a keyring for tests.
type ring []credential.Key

func (r ring) Keys(family credential.FamilyID, issuer string, id []byte) (found []credential.Key) {
	for _, k := range r {
		if k.Family == family && (issuer == "" || k.Issuer == issuer) && bytes.Equal(k.ID, id) {
			found = append(found, k)
		}
	}
	return found
}

func newKey(t testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// trusting makes a keyring that trusts key for all four families.
func trusting(t testing.TB, issuer string, key *ecdsa.PrivateKey) ring {
	t.Helper()
	id, err := owncode.KeyID(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	var r ring
	for _, f := range all {
		r = append(r, credential.Key{
			Family: f.ID, Issuer: issuer, ID: id, Public: &key.PublicKey,
			NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(time.Hour),
		})
	}
	return r
}

var (
	all   = []credential.Family{owncode.Slips, owncode.Results, owncode.Badges, owncode.Sheets}
	terms = owncode.Terms{Issuer: "tu-ky-03", Number: "03-000017", IssuedAt: noon, NotBefore: noon, NotAfter: noon.Add(24 * time.Hour)}

	slip   = owncode.Slip{Name: "N. T. Thử", Birth: 1985, Verdict: "green", Basis: "declaration", Place: "298"}
	result = owncode.Result{
		Name: "N. T. Thử", Birth: 1985, Specimen: "HD0000017", Technique: owncode.Antigen,
		Outcome: owncode.Negative, SampledAt: noon.Add(-time.Hour).Unix(),
	}
	badge = owncode.Badge{Name: "Trần Văn Mẫu", Role: "sampler", Unit: "298"}
	sheet = owncode.Sheet{
		Kiosk: "tu-ky-03", Site: "298", Server: "https://province.example", Pins: [][]byte{bytes.Repeat([]byte{1}, 32)},
		Token: "once", WiFi: &owncode.WiFi{SSID: "hall", Passphrase: "invented"},
	}
	bodies = []owncode.Body{slip, result, badge, sheet} // in the order of all
)

func sign(t testing.TB, key *ecdsa.PrivateKey, terms owncode.Terms, body owncode.Body) string {
	t.Helper()
	text, err := owncode.Sign(rand.Reader, key, terms, body)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestWhatIsSignedIsRead(t *testing.T) {
	t.Parallel()
	key := newKey(t, elliptic.P256())
	keys := trusting(t, terms.Issuer, key)
	for i, f := range all {
		text := sign(t, key, terms, bodies[i])
		if !f.Recognise(text) {
			t.Errorf("%s does not recognise %q", f.ID, text)
		}
		c, err := f.Read(text, keys)
		if err != nil || c.Standing != credential.Signed || c.Problem != "" {
			t.Errorf("%s: %v %q, %v", f.ID, c.Standing, c.Problem, err)
		}
		if !reflect.DeepEqual(c.Payload, bodies[i]) {
			t.Errorf("%s: content %+v, want %+v", f.ID, c.Payload, bodies[i])
		}
		got := owncode.Terms{Issuer: c.Issuer.Name, Number: c.ID, IssuedAt: c.IssuedAt, NotBefore: c.NotBefore, NotAfter: c.NotAfter}
		if got != terms {
			t.Errorf("%s: terms %+v, want %+v", f.ID, got, terms)
		}
		t.Logf("%-9s %d characters", f.ID, len(text))
	}
}

func TestEventsOfSlipAndResult(t *testing.T) {
	t.Parallel()
	key := newKey(t, elliptic.P256())
	keys := trusting(t, terms.Issuer, key)
	visit, _ := owncode.Slips.Read(sign(t, key, terms, slip), keys)
	wantVisit := credential.Event{
		Kind: credential.Visited, ID: terms.Number, At: noon, Until: terms.NotAfter, Result: "green", Country: "VN",
	}
	if len(visit.Events) != 1 || visit.Events[0] != wantVisit || visit.Holder.Name != "N. T. Thử" {
		t.Errorf("slip: %+v", visit)
	}
	test, _ := owncode.Results.Read(sign(t, key, terms, result), keys)
	wantTest := credential.Event{
		Kind: credential.Test, ID: "HD0000017", Disease: "840539006", At: noon.Add(-time.Hour),
		Method: "LP217198-3", Result: "negative", Country: "VN",
	}
	if len(test.Events) != 1 || test.Events[0] != wantTest {
		t.Errorf("result: %+v", test)
	}
}

func TestNoCodePassesForAnother(t *testing.T) {
	t.Parallel()
	key := newKey(t, elliptic.P256())
	keys := trusting(t, terms.Issuer, key)
	for i := range all {
		text := sign(t, key, terms, bodies[i])
		for j, f := range all {
			if i == j {
				continue
			}
			if _, err := f.Read(text, keys); !errors.Is(err, credential.ErrNotRecognised) {
				t.Errorf("%s read a %s", f.ID, all[i].ID)
			}
			own := sign(t, key, terms, bodies[j])
			moved := own[:len("CHOT1S:")] + text[len("CHOT1S:"):]
			c, err := f.Read(moved, keys)
			if err != nil || c.Standing != credential.Unreadable || c.Problem != owncode.WrongAudience || c.Payload != nil {
				t.Errorf("a %s under the prefix of a %s: %v %q %+v, %v", all[i].ID, f.ID, c.Standing, c.Problem, c.Payload, err)
			}
		}
	}
}

func TestStandings(t *testing.T) {
	t.Parallel()
	key, other := newKey(t, elliptic.P256()), newKey(t, elliptic.P256())
	keys := trusting(t, terms.Issuer, key)
	text := sign(t, key, terms, slip)
	sameKid := trusting(t, terms.Issuer, other)
	for i := range sameKid {
		sameKid[i].ID = keys[i].ID
	}
	late := terms
	late.IssuedAt = noon.Add(2 * time.Hour)
	elsewhere := terms
	elsewhere.Issuer = "tu-ky-04"
	p384 := ring{{Family: credential.Slip, Issuer: terms.Issuer, ID: keys[0].ID, Public: &newKey(t, elliptic.P384()).PublicKey}}
	for name, c := range map[string]struct {
		text     string
		keys     credential.Keyring
		standing credential.Standing
		problem  credential.Problem
	}{
		"no keyring at all":                {text, nil, credential.UnknownIssuer, credential.UnknownKey},
		"no key known":                     {text, ring{}, credential.UnknownIssuer, credential.UnknownKey},
		"another key is known":             {text, trusting(t, terms.Issuer, other), credential.UnknownIssuer, credential.UnknownKey},
		"another key of the same kid":      {text, sameKid, credential.Forged, credential.BadSignature},
		"two keys of one kid":              {text, append(sameKid[:1:1], keys...), credential.Signed, ""},
		"a key of another curve":           {text, p384, credential.UnknownIssuer, credential.UnknownKey},
		"in the name of another kiosk":     {sign(t, key, elsewhere, slip), keys, credential.UnknownIssuer, credential.UnknownKey},
		"issued after the key had expired": {sign(t, key, late, slip), keys, credential.UnknownIssuer, credential.ExpiredKey},
		"cut short":                        {text[:len(text)-3], keys, credential.Unreadable, credential.Malformed},
		"with bytes behind":                {text + "000", keys, credential.Unreadable, credential.Malformed},
		"the prefix alone":                 {"CHOT1S:", keys, credential.Unreadable, credential.Malformed},
		"not base45":                       {"CHOT1S:ước", keys, credential.Unreadable, credential.Malformed},
		"endless":                          {"CHOT1S:" + strings.Repeat("0", 30000), keys, credential.Unreadable, credential.Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := owncode.Slips.Read(c.text, c.keys)
			if err != nil || got.Standing != c.standing || got.Problem != c.problem {
				t.Errorf("%v %q, %v; want %v %q", got.Standing, got.Problem, err, c.standing, c.problem)
			}
		})
	}
}

// TestEveryBitCounts changes each bit of a signed slip: none of the changed
// slips may say anything else and be taken for signed, nor hand on what it says
// as forged. (How the envelope is tagged says nothing and is not signed.)
func TestEveryBitCounts(t *testing.T) {
	t.Parallel()
	key := newKey(t, elliptic.P256())
	keys := trusting(t, terms.Issuer, key)
	text := sign(t, key, terms, slip)
	original, err := owncode.Slips.Read(text, keys)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base45.AppendDecode(nil, strings.TrimPrefix(text, "CHOT1S:"))
	if err != nil {
		t.Fatal(err)
	}
	same := 0
	for bit := range len(raw) * 8 {
		changed := bytes.Clone(raw)
		changed[bit/8] ^= 1 << (bit % 8)
		c, err := owncode.Slips.Read(string(base45.AppendEncode([]byte("CHOT1S:"), changed)), keys)
		switch {
		case err != nil, c.Standing == credential.Forged && c.Payload != nil:
			t.Errorf("bit %d: %v %q, %v", bit, c.Standing, c.Problem, err)
		case c.Standing == credential.Signed:
			if same++; !reflect.DeepEqual(c, original) {
				t.Errorf("bit %d: %+v", bit, c)
			}
		}
	}
	if same > 16 {
		t.Errorf("%d bits do not count", same)
	}
}

func TestWhatIsNotSigned(t *testing.T) {
	t.Parallel()
	key := newKey(t, elliptic.P256())
	noTime, noNumber := terms, terms
	noTime.NotAfter = noTime.NotBefore
	noNumber.Number = ""
	bad := result
	bad.Outcome = "fine"
	for name, c := range map[string]struct {
		key   *ecdsa.PrivateKey
		terms owncode.Terms
		body  owncode.Body
	}{
		"with a key of another curve":       {newKey(t, elliptic.P384()), terms, slip},
		"valid for no time":                 {key, noTime, slip},
		"without a number":                  {key, noNumber, slip},
		"a slip without a verdict":          {key, terms, owncode.Slip{Basis: "declaration"}},
		"a result that does not exist":      {key, terms, bad},
		"a badge of nobody":                 {key, terms, owncode.Badge{Role: "staff"}},
		"a slip for too many":               {key, terms, owncode.Slip{Verdict: "green", Basis: "declaration", Party: 61}},
		"a sheet without a pinned key":      {key, terms, owncode.Sheet{Kiosk: "a", Site: "b", Server: "https://c", Token: "d"}},
		"a sheet for a server in the clear": {key, terms, owncode.Sheet{Kiosk: "a", Site: "b", Server: "http://c", Pins: sheet.Pins, Token: "d"}},
	} {
		if text, err := owncode.Sign(rand.Reader, c.key, c.terms, c.body); err == nil {
			t.Errorf("%s: signed as %q", name, text)
		}
	}
}

// handmade signs any claims under any protected header, as no Sign would.
func handmade(t testing.TB, key *ecdsa.PrivateKey, header, claims any) string {
	t.Helper()
	enc := func(v any) []byte {
		b, err := cbor.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	protected, payload := enc(header), enc(claims)
	digest := sha256.Sum256(enc([]any{"Signature1", protected, []byte{}, payload}))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	sig := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	raw := enc(cbor.Tag{Number: 18, Content: []any{protected, map[int]int{}, payload, sig}})
	return string(base45.AppendEncode([]byte("CHOT1S:"), raw))
}

func TestTheFormatIsHeldTo(t *testing.T) {
	t.Parallel()
	type m = map[int]any
	key := newKey(t, elliptic.P256())
	keys := trusting(t, terms.Issuer, key)
	id := keys[0].ID
	good := func(change func(claims, body m)) m {
		body := m{3: "green", 4: "declaration"}
		claims := m{
			1: terms.Issuer, 3: "chot:slip", 4: terms.NotAfter.Unix(), 5: noon.Unix(), 6: noon.Unix(),
			7: []byte("03-1"), -65537: body,
		}
		change(claims, body)
		return claims
	}
	for name, c := range map[string]struct {
		header, claims any
		standing       credential.Standing
	}{
		"by hand":                     {m{1: -7, 4: id}, good(func(_, _ m) {}), credential.Signed},
		"a later version says more":   {m{1: -7, 4: id}, good(func(c, b m) { c[-65538], b[99] = 1, "more" }), credential.Signed},
		"ES384":                       {m{1: -35, 4: id}, good(func(_, _ m) {}), credential.Unreadable},
		"no algorithm":                {m{4: id}, good(func(_, _ m) {}), credential.Unreadable},
		"no kid":                      {m{1: -7}, good(func(_, _ m) {}), credential.Unreadable},
		"a long kid":                  {m{1: -7, 4: append(id[:8:8], 0)}, good(func(_, _ m) {}), credential.Unreadable},
		"no audience":                 {m{1: -7, 4: id}, good(func(c, _ m) { delete(c, 3) }), credential.Unreadable},
		"no end":                      {m{1: -7, 4: id}, good(func(c, _ m) { delete(c, 4) }), credential.Unreadable},
		"an end beyond all calendars": {m{1: -7, 4: id}, good(func(c, _ m) { c[4] = int64(1) << 62 }), credential.Unreadable},
		"no issuer":                   {m{1: -7, 4: id}, good(func(c, _ m) { delete(c, 1) }), credential.Unreadable},
		"no content":                  {m{1: -7, 4: id}, good(func(c, _ m) { delete(c, -65537) }), credential.Unreadable},
		"a verdict of no colour":      {m{1: -7, 4: id}, good(func(_, b m) { b[3] = "blue" }), credential.Unreadable},
		"claims that are no map":      {m{1: -7, 4: id}, []int{1}, credential.Unreadable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := owncode.Slips.Read(handmade(t, key, c.header, c.claims), keys)
			if err != nil || got.Standing != c.standing {
				t.Errorf("%v %q, %v", got.Standing, got.Problem, err)
			}
		})
	}
}

func TestMaskName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Nguyễn Thị Thử": "N. T. Thử", "Đặng  Ánh": "Đ. Ánh", "Thử": "Thử", "": "", " ": "",
	} {
		if got := owncode.MaskName(name); got != want {
			t.Errorf("%q masked is %q, want %q", name, got, want)
		}
	}
}

func TestThereAndBack(t *testing.T) {
	t.Parallel()
	key := newKey(t, elliptic.P256())
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.Int64Range(1, 4e9).Draw(t, "from")
		at := time.Unix(from, 0).UTC()
		terms := owncode.Terms{
			Issuer:   rapid.StringMatching(`[a-z]{1,10}-[0-9]{2}`).Draw(t, "issuer"),
			Number:   rapid.StringMatching(`[0-9A-Z-]{1,12}`).Draw(t, "number"),
			IssuedAt: at, NotBefore: at, NotAfter: at.Add(time.Duration(rapid.IntRange(1, 1e6).Draw(t, "seconds")) * time.Second),
		}
		body := owncode.Slip{
			Name:    rapid.String().Draw(t, "name"),
			Birth:   rapid.IntRange(0, 2100).Draw(t, "birth"),
			Verdict: rapid.SampledFrom([]string{"green", "amber", "red"}).Draw(t, "verdict"),
			Basis:   rapid.StringN(1, 12, -1).Draw(t, "basis"),
		}
		text, err := owncode.Sign(rand.Reader, key, terms, body)
		if err != nil {
			t.Fatal(err)
		}
		id, _ := owncode.KeyID(&key.PublicKey)
		c, err := owncode.Slips.Read(text, ring{{Family: credential.Slip, Issuer: terms.Issuer, ID: id, Public: &key.PublicKey}})
		if err != nil || c.Standing != credential.Signed || c.Payload != body || !c.NotAfter.Equal(terms.NotAfter) {
			t.Fatalf("%+v, %v", c, err)
		}
	})
}

// FuzzRead holds that no text is taken for signed with a key that did not sign it.
func FuzzRead(f *testing.F) {
	key := newKey(f, elliptic.P256())
	for i := range all {
		f.Add(sign(f, key, terms, bodies[i]))
	}
	f.Add(handmade(f, key, map[int]any{1: -7, 4: []byte("8 bytes.")}, map[int]any{3: "chot:slip"}))
	f.Add("CHOT1R:")
	other := trusting(f, terms.Issuer, newKey(f, elliptic.P256()))
	id, _ := owncode.KeyID(&key.PublicKey)
	for i := range other {
		other[i].ID = id
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, fam := range all {
			c, err := fam.Read(text, other)
			if err != nil {
				if !errors.Is(err, credential.ErrNotRecognised) || fam.Recognise(text) {
					t.Fatal(err)
				}
				continue
			}
			if c.Standing == credential.Signed {
				t.Fatalf("%q is taken for signed", text)
			}
		}
	})
}

// FuzzMessage mutates what lies below the base45.
func FuzzMessage(f *testing.F) {
	key := newKey(f, elliptic.P256())
	keys := trusting(f, terms.Issuer, key)
	prefixes := [...]string{"CHOT1S:", "CHOT1R:", "CHOT1B:", "CHOT1P:"}
	for i, fam := range all {
		prefix := prefixes[i]
		raw, err := base45.AppendDecode(nil, strings.TrimPrefix(sign(f, key, terms, bodies[i]), prefix))
		if err != nil || !fam.Recognise(prefix) {
			f.Fatal(fam.ID, err)
		}
		f.Add(raw)
	}
	other := trusting(f, terms.Issuer, newKey(f, elliptic.P256()))
	for i := range other {
		other[i].ID = keys[i].ID
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for i, fam := range all {
			text := string(base45.AppendEncode([]byte(prefixes[i]), raw))
			c, err := fam.Read(text, other)
			if err != nil || c.Standing == credential.Signed || c.Standing == credential.Forged && c.Payload != nil {
				t.Fatalf("%x: %v %q, %v", raw, c.Standing, c.Problem, err)
			}
		}
	})
}

func ExampleSign() {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	text, err := owncode.Sign(rand.Reader, key, owncode.Terms{
		Issuer: "tu-ky-03", Number: "03-000017", IssuedAt: at, NotBefore: at, NotAfter: at.Add(24 * time.Hour),
	}, owncode.Slip{Name: owncode.MaskName("Nguyễn Thị Thử"), Verdict: "green", Basis: "declaration"})
	if err != nil {
		fmt.Println(err)
		return
	}
	slip, _ := owncode.Slips.Read(text, nil) // without keys nothing is trusted
	fmt.Println(slip.Standing, slip.Problem, slip.Holder.Name)
	// Output: unknown-issuer unknown-key N. T. Thử
}

func BenchmarkRead(b *testing.B) {
	key := newKey(b, elliptic.P256())
	keys := trusting(b, terms.Issuer, key)
	text := sign(b, key, terms, slip)
	b.ReportAllocs()
	for b.Loop() {
		if c, _ := owncode.Slips.Read(text, keys); c.Standing != credential.Signed {
			b.Fatal(c.Problem)
		}
	}
}

// BenchmarkReadHostile reads what costs most without a signature: it must stay
// below what a valid slip costs.
func BenchmarkReadHostile(b *testing.B) {
	key := newKey(b, elliptic.P256())
	keys := trusting(b, terms.Issuer, key)
	for name, raw := range map[string][]byte{
		"zeroes": make([]byte, 2860),
		"nested": append([]byte{0xd2, 0x84, 0x43, 0xa1, 0x01, 0x26, 0xa0, 0x59, 0x0b, 0x00}, bytes.Repeat([]byte{0x81}, 2850)...),
		"arrays": append([]byte{0xd2, 0x84, 0x43, 0xa1, 0x01, 0x26, 0xa0, 0x59, 0x0b, 0x00, 0x99, 0xff, 0xff}, make([]byte, 2840)...),
	} {
		text := string(base45.AppendEncode([]byte("CHOT1S:"), raw))
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if c, _ := owncode.Slips.Read(text, keys); c.Standing != credential.Forged {
					b.Fatal(c.Standing)
				}
			}
		})
	}
}
