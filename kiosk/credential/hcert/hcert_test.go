package hcert_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/hcert"
	"chot/kiosk/credential/value"
	"chot/kiosk/internal/suite"
)

var noon = time.Date(2021, 9, 18, 12, 0, 0, 0, time.UTC)

type m = map[string]any

// vaccinated is a certificate of an invented person.
func vaccinated() m {
	return m{
		"ver": "1.3.0", "dob": "1990-02-05",
		"nam": m{"fn": "Nguyễn", "fnt": "NGUYEN", "gn": "Thị Thử", "gnt": "THI<THU"},
		"v": []any{m{
			"tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215", "dn": 2, "sd": 2,
			"dt": "2021-09-01", "co": "VN", "is": "Cơ quan thử nghiệm", "ci": "URN:UVCI:01:VN:0123456789ABCDEF#B",
		}},
	}
}

func tested() m {
	c := vaccinated()
	delete(c, "v")
	c["t"] = []any{m{
		"tg": "840539006", "tt": "LP217198-3", "ma": "1234", "sc": "2021-09-18T06:30:00+07:00", "tr": "260415000",
		"tc": "Trạm thử", "co": "VN", "is": "Cơ quan thử nghiệm", "ci": "URN:UVCI:01:VN:TEST#1",
	}}
	return c
}

func recovered() m {
	c := vaccinated()
	delete(c, "v")
	c["r"] = []any{m{
		"tg": "840539006", "fr": "2021-08-01", "df": "2021-08-12", "du": "2022-01-28",
		"co": "VN", "is": "Cơ quan thử nghiệm", "ci": "URN:UVCI:01:VN:RECO#2",
	}}
	return c
}

// Keys are made once: RSA takes its time.
var (
	ecKey  = sync.OnceValue(func() *ecdsa.PrivateKey { return newEC(elliptic.P256()) })
	rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		return k
	})
)

func newEC(curve elliptic.Curve) *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		panic(err)
	}
	return k
}

var kid = []byte("8 bytes.")

func sign(t testing.TB, key crypto.Signer, content m) string {
	t.Helper()
	return signAs(t, key, hcert.DCC, content)
}

func signAs(t testing.TB, key crypto.Signer, label int, content m) string {
	t.Helper()
	issuer := hcert.Issuer{Country: "VN", Key: key, KeyID: kid}
	text, err := issuer.Sign(rand.Reader, label, content, noon, noon.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func trusting(key crypto.Signer) suite.Ring {
	return suite.Ring{{Family: credential.EUDCC, ID: kid, Public: key.Public(), Country: "VN"}}
}

func read(t testing.TB, text string, keys credential.Keyring) credential.Credential {
	t.Helper()
	c, err := hcert.Family.Read(text, keys)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWhatACertificateSays(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]crypto.Signer{"ES256": ecKey(), "PS256": rsaKey()} {
		c := read(t, sign(t, key, vaccinated()), trusting(key))
		if c.Standing != credential.Signed || c.Problem != "" || c.Family != credential.EUDCC {
			t.Errorf("%s: %v %q", name, c.Standing, c.Problem)
		}
		holder := credential.Holder{Name: "Nguyễn Thị Thử", Latin: "NGUYEN THI THU", Birth: credential.Date{Year: 1990, Month: 2, Day: 5}}
		if c.Holder != holder {
			t.Errorf("holder: %+v", c.Holder)
		}
		if want := (credential.Issuer{Country: "VN", Name: "Cơ quan thử nghiệm", Key: "382062797465732e"}); c.Issuer != want {
			t.Errorf("issuer: %+v", c.Issuer)
		}
		dose := credential.Event{
			Kind: credential.Dose, ID: "URN:UVCI:01:VN:0123456789ABCDEF#B", Disease: "840539006",
			At: time.Date(2021, 9, 1, 0, 0, 0, 0, time.UTC), Number: 2, Of: 2,
			Product: "EU/1/20/1528", Maker: "ORG-100030215", Country: "VN",
		}
		if len(c.Events) != 1 || c.Events[0] != dose || c.ID != dose.ID {
			t.Errorf("%q: %+v", c.ID, c.Events)
		}
		if !c.IssuedAt.Equal(noon) || !c.NotBefore.Equal(noon) || !c.NotAfter.Equal(noon.AddDate(1, 0, 0)) {
			t.Errorf("%v, %v to %v", c.IssuedAt, c.NotBefore, c.NotAfter)
		}
		if len(c.Revocation) != 3 || *c.Payload.(*value.Object).Member("ver").(*string) != "1.3.0" {
			t.Errorf("%v %v", c.Revocation, c.Payload)
		}
	}
}

func TestTestsAndRecoveries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		content m
		want    credential.Event
	}{
		{tested(), credential.Event{
			Kind: credential.Test, ID: "URN:UVCI:01:VN:TEST#1", At: time.Date(2021, 9, 17, 23, 30, 0, 0, time.UTC),
			Method: "LP217198-3", Product: "1234", Result: "negative",
		}},
		{recovered(), credential.Event{
			Kind: credential.Recovery, ID: "URN:UVCI:01:VN:RECO#2", At: time.Date(2021, 8, 1, 0, 0, 0, 0, time.UTC),
			From: time.Date(2021, 8, 12, 0, 0, 0, 0, time.UTC), Until: time.Date(2022, 1, 29, 0, 0, 0, -1, time.UTC),
		}},
	} {
		c.want.Disease, c.want.Country = "840539006", "VN"
		got := read(t, sign(t, ecKey(), c.content), trusting(ecKey()))
		if len(got.Events) != 1 || got.Events[0] != c.want {
			t.Errorf("%+v, want %+v", got.Events, c.want)
		}
	}
}

func TestStandings(t *testing.T) {
	t.Parallel()
	text := sign(t, ecKey(), vaccinated())
	other, p384 := newEC(elliptic.P256()), newEC(elliptic.P384())
	with := func(change func(k *credential.Key)) suite.Ring {
		keys := trusting(ecKey())
		change(&keys[0])
		return keys
	}
	usage := func(oids ...string) suite.Ring { return with(func(k *credential.Key) { k.Usage = oids }) }
	for name, c := range map[string]struct {
		text     string
		keys     credential.Keyring
		standing credential.Standing
		problem  credential.Problem
	}{
		"no keyring":                 {text, nil, credential.UnknownIssuer, credential.UnknownKey},
		"an unknown kid":             {text, suite.Ring{}, credential.UnknownIssuer, credential.UnknownKey},
		"another key of that kid":    {text, trusting(other), credential.Forged, credential.BadSignature},
		"two keys of that kid":       {text, append(trusting(other), trusting(ecKey())...), credential.Signed, ""},
		"an RSA key of that kid":     {text, trusting(rsaKey()), credential.UnknownIssuer, credential.UnknownKey},
		"a P-384 key of that kid":    {text, trusting(p384), credential.UnknownIssuer, credential.UnknownKey},
		"a key for vaccinations":     {text, usage("1.3.6.1.4.1.1847.2021.1.2"), credential.Signed, ""},
		"the same in its other form": {text, usage("1.3.6.1.4.1.0.1847.2021.1.2"), credential.Signed, ""},
		"a key for something else":   {text, usage("1.3.6.1.5.5.7.3.1"), credential.Signed, ""},
		"a key for tests":            {text, usage("1.3.6.1.4.1.1847.2021.1.1"), credential.UnknownIssuer, credential.KeyUsage},
		"a key for tests and doses":  {text, usage("1.3.6.1.4.1.1847.2021.1.1", "1.3.6.1.4.1.1847.2021.1.2"), credential.Signed, ""},
		"a key not yet valid": {text, with(func(k *credential.Key) { k.NotBefore = noon.Add(time.Second) }),
			credential.UnknownIssuer, credential.ExpiredKey},
		"a key no longer valid": {text, with(func(k *credential.Key) { k.NotAfter = noon.Add(-time.Second) }),
			credential.UnknownIssuer, credential.ExpiredKey},
		"cut short":         {text[:len(text)-12], trusting(ecKey()), credential.Unreadable, credential.Malformed},
		"the prefix alone":  {"HC1:", trusting(ecKey()), credential.Unreadable, credential.Malformed},
		"other characters":  {"HC1:ước mơ", trusting(ecKey()), credential.Unreadable, credential.Malformed},
		"endless":           {"HC1:" + strings.Repeat("0", 1<<20), trusting(ecKey()), credential.Unreadable, credential.Malformed},
		"no vaccine's name": {sign(t, ecKey(), m{"ver": "1", "nam": m{}}), trusting(ecKey()), credential.Signed, credential.Schema},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := read(t, c.text, c.keys)
			if got.Standing != c.standing || got.Problem != c.problem {
				t.Errorf("%v %q", got.Standing, got.Problem)
			}
			if got.Standing == credential.Forged && (got.Payload != nil || got.Events != nil || got.Holder.Name != "") {
				t.Error("the content of a forged certificate is handed on")
			}
		})
	}
}

func TestWhatIsNotHC1(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "HC1", "HC2:6BF", "hc1:6BF", "6BFOXN", " HC1:6BF"} {
		if hcert.Family.Recognise(text) {
			t.Errorf("%q is recognised", text)
		}
		if _, err := hcert.Family.Read(text, nil); err != credential.ErrNotRecognised {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func ExampleIssuer_Sign() {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	issuer := hcert.Issuer{Country: "VN", Key: key, KeyID: []byte("demo key")}
	text, _ := issuer.Sign(rand.Reader, hcert.DCC, map[string]any{
		"ver": "1.3.0", "dob": "1990", "nam": map[string]any{"fnt": "NGUYEN", "gnt": "THI<THU"},
		"r": []any{map[string]any{
			"tg": "840539006", "fr": "2021-08-01", "df": "2021-08-12", "du": "2022-01-28",
			"co": "VN", "is": "Demo", "ci": "URN:UVCI:01:VN:DEMO#1",
		}},
	}, noon, noon.AddDate(0, 6, 0))

	c, _ := hcert.Family.Read(text, nil) // without keys no issuer is trusted
	fmt.Println(c.Standing, c.Problem, c.Holder.Latin, c.Holder.Birth, c.Events[0].Kind)
	// Output: unknown-issuer unknown-key NGUYEN THI THU 1990 recovery
}
