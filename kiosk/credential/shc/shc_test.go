package shc_test

import (
	"bytes"
	"compress/flate"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"chot/deploy/testbed/publicdata"
	"chot/kiosk/credential"
	"chot/kiosk/credential/shc"
	"chot/kiosk/internal/suite"
	"chot/kiosk/trust"
)

// numeric writes a JWS as digits.
func numeric(jws string) string {
	var b strings.Builder
	for _, c := range []byte(jws) {
		fmt.Fprintf(&b, "%02d", c-'-')
	}
	return b.String()
}

// issuers is a store with the keys of the specification's example issuer.
func issuers(t *testing.T) *trust.Store {
	t.Helper()
	var jwks map[string]any
	if err := json.Unmarshal(suite.Read(t, publicdata.Folder(t, "shc"), "spec-issuer-jwks.json"), &jwks); err != nil {
		t.Fatal(err)
	}
	jwks["iss"] = "https://spec.smarthealth.cards/examples/issuer"
	data, _ := json.Marshal(jwks)
	dir := t.TempDir()
	if _, err := trust.Import(dir, "shc", "spec.json", data, time.Now()); err != nil {
		t.Fatal(err)
	}
	s, err := trust.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// examples are what is to be found in the suite's files, by what their names
// say of them; those with other names are sound.
var examples = []struct {
	name     string
	standing credential.Standing
	problem  credential.Problem
}{
	{"der-signature", credential.Forged, credential.BadSignature},
	{"kid-mismatch", credential.UnknownIssuer, credential.UnknownKey},
	{"kid_mismatch", credential.UnknownIssuer, credential.UnknownKey},
	{"issuer_url", credential.UnknownIssuer, credential.UnknownKey},
	{"bad_jwks", credential.UnknownIssuer, credential.UnknownKey},
	{"jws_too_long", credential.Unreadable, credential.Malformed}, // issued by iat, without nbf
	{"no_jws_header_alg", credential.UnknownIssuer, credential.Algorithm},
	{"no_jws_header_zip", credential.Unreadable, credential.Malformed},
	{"deflate", credential.Unreadable, credential.Malformed},
	{"utf8_bom_prefix", credential.Unreadable, credential.Malformed},
	{"index-out-of-range", credential.Unreadable, credential.Malformed},
	{"number-too-big", credential.Unreadable, credential.Malformed},
	{"odd-count", credential.Unreadable, credential.Malformed},
	{"wrong_qr_header", 0, ""},
	{"wrong-multi-chunk", credential.Signed, ""}, // 1 of 1: whole all the same
	{"chunk", credential.Unreadable, shc.Incomplete},
}

func TestTheSuitesExamples(t *testing.T) {
	t.Parallel()
	keys := issuers(t)
	score := func(table *suite.Table, name, text string) {
		standing, problem := credential.Signed, credential.Problem("")
		for _, e := range examples {
			if strings.Contains(name, e.name) {
				standing, problem = e.standing, e.problem
				break
			}
		}
		c, err := shc.Family.Read(strings.TrimSpace(text), keys)
		if errors.Is(err, credential.ErrNotRecognised) {
			c.Standing = 0
		}
		ok := c.Standing == standing && c.Problem == problem
		table.Score("card", name, ok, fmt.Sprintf("%v %q, want %v %q", c.Standing, c.Problem, standing, problem), "")
	}
	var table suite.Table
	folder := publicdata.Folder(t, "shc/testdata")
	for _, name := range suite.Files(t, folder, "*.txt") {
		text := strings.TrimSpace(string(suite.Read(t, folder, name)))
		if strings.HasPrefix(text, "eyJ") {
			text = "shc:/" + numeric(text)
		}
		score(&table, name, text)
	}
	for _, name := range suite.Files(t, folder, "*.smart-health-card") {
		var file struct {
			Cards []string `json:"verifiableCredential"`
		}
		if err := json.Unmarshal(bytes.TrimSpace(suite.Read(t, folder, name)), &file); err != nil {
			t.Logf("%s is no file of cards: %v", name, err)
			continue
		}
		for i, jws := range file.Cards {
			if strings.Contains(name, "multi-jws-issues") && i == 0 {
				score(&table, name+" (no_jws_header_alg)", "shc:/"+numeric(jws))
				continue
			}
			score(&table, name, "shc:/"+numeric(jws))
		}
	}
	table.Report(t)
}

func TestGDHCN(t *testing.T) {
	t.Parallel()
	keys := issuers(t)
	folder := publicdata.Folder(t, "gdhcn")
	for _, name := range suite.Files(t, folder, "SHC*.txt") {
		c, err := shc.Family.Read(strings.TrimSpace(string(suite.Read(t, folder, name))), keys)
		want := credential.UnknownIssuer
		if strings.HasPrefix(c.Issuer.Name, "https://spec.smarthealth.cards/") {
			want = credential.Signed
		}
		if err != nil || c.Standing != want {
			t.Errorf("%s: %v %q, %v", name, c.Standing, c.Problem, err)
		}
		if c.Holder.Name == "" || c.Holder.Birth.Day == 0 || len(c.Events) < 2 || c.Events[0].Disease != "840539006" || c.Events[0].At.IsZero() {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

const issuer = "https://cards.example"

type m = map[string]any

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func trusting(key *ecdsa.PrivateKey) suite.Ring {
	return suite.Ring{{Family: credential.SHC, Issuer: issuer, ID: []byte("kid 1"), Public: &key.PublicKey, Country: "VN"}}
}

// card signs a JWS.
func card(t testing.TB, key *ecdsa.PrivateKey, payload any) string {
	t.Helper()
	body, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	var compressed bytes.Buffer
	w, _ := flate.NewWriter(&compressed, flate.BestCompression)
	_, _ = w.Write(body)
	_ = w.Close()
	b64 := base64.RawURLEncoding.EncodeToString
	signed := b64([]byte(`{"alg":"ES256","zip":"DEF","kid":"kid 1"}`)) + "." + b64(compressed.Bytes())
	digest := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + b64(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

func coding(system, code string) m { return m{"coding": []m{{"system": system, "code": code}}} }

// content is a card of an invented person: a patient with a dose
// against COVID-19 and one against influenza, one not done, and a test.
func content(change func(p m)) m {
	const cvx = "http://hl7.org/fhir/sid/cvx"
	p := m{"iss": issuer, "nbf": 1641000000.5, "vc": m{
		"rid": "MKyCxh7p6uQ",
		"credentialSubject": m{"fhirBundle": m{"entry": []m{
			{"resource": m{"resourceType": "Patient", "birthDate": "1990-02", "gender": "female", "name": []m{{"family": "Nguyen", "given": []string{"Thi", "Thu"}}}}},
			{"resource": m{"resourceType": "Immunization", "status": "completed", "vaccineCode": coding(cvx, "208"), "occurrenceDateTime": "2021-09-01"}},
			{"resource": m{"resourceType": "Immunization", "status": "completed", "vaccineCode": coding(cvx, "140"), "occurrenceDateTime": "2021-10-01"}},
			{"resource": m{"resourceType": "Immunization", "status": "not-done", "vaccineCode": coding(cvx, "208")}},
			{"resource": m{"resourceType": "Observation", "status": "final", "code": coding("http://loinc.org", "94558-4"),
				"effectiveDateTime": "2021-12-31T08:00:00+07:00", "valueCodeableConcept": coding("http://snomed.info/sct", "260415000")}},
		}}},
	}}
	change(p)
	return p
}

func TestWhatACardSays(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	text := "shc:/" + numeric(card(t, key, content(func(m) {})))
	c, err := shc.Family.Read(text, trusting(key))
	if err != nil || c.Standing != credential.Signed {
		t.Fatalf("%v %q, %v", c.Standing, c.Problem, err)
	}
	holder := credential.Holder{Name: "Thi Thu Nguyen", Latin: "THI THU NGUYEN", Birth: credential.Date{Year: 1990, Month: 2}, Sex: "female"}
	if c.Holder != holder || c.ID != "MKyCxh7p6uQ" || c.Issuer != (credential.Issuer{Country: "VN", Name: issuer, Key: "kid 1"}) {
		t.Errorf("%+v", c)
	}
	if !c.NotBefore.Equal(time.Unix(1641000000, 5e8)) || !c.NotAfter.IsZero() || len(c.Revocation) != 1 {
		t.Errorf("%+v", c)
	}
	events := []credential.Event{
		{Kind: credential.Dose, Disease: "840539006", Product: "208", At: time.Date(2021, 9, 1, 0, 0, 0, 0, time.UTC)},
		{Kind: credential.Dose, Disease: "cvx:140", Product: "140", At: time.Date(2021, 10, 1, 0, 0, 0, 0, time.UTC)},
		{Kind: credential.Test, Disease: "840539006", Product: "94558-4", Method: "LP217198-3", Result: "negative", At: time.Date(2021, 12, 31, 1, 0, 0, 0, time.UTC)},
	}
	if fmt.Sprint(c.Events) != fmt.Sprint(events) {
		t.Errorf("%+v", c.Events)
	}
}

func TestStandings(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	good := numeric(card(t, key, content(func(m) {})))
	half := len(good) / 4 * 2
	one, two := "shc:/1/2/"+good[:half], "shc:/2/2/"+good[half:]
	old := trusting(key)
	old[0].NotAfter = time.Unix(1600000000, 0)
	signed := func(change func(p m)) string { return "shc:/" + numeric(card(t, key, content(change))) }
	for name, c := range map[string]struct {
		text     string
		keys     credential.Keyring
		standing credential.Standing
		problem  credential.Problem
	}{
		"whole":                   {"shc:/" + good, trusting(key), credential.Signed, ""},
		"in two codes":            {one + "\n" + two, trusting(key), credential.Signed, ""},
		"the second code first":   {two + "\r\n" + one, trusting(key), credential.Signed, ""},
		"one code of two":         {two, trusting(key), credential.Unreadable, shc.Incomplete},
		"the same code twice":     {two + "\n" + two, trusting(key), credential.Unreadable, shc.Incomplete},
		"codes of different sets": {one + "\nshc:/2/3/" + good[half:], trusting(key), credential.Unreadable, credential.Malformed},
		"code 3 of 2":             {"shc:/3/2/" + good, trusting(key), credential.Unreadable, credential.Malformed},
		"no keys":                 {"shc:/" + good, nil, credential.UnknownIssuer, credential.UnknownKey},
		"another key":             {"shc:/" + good, trusting(newKey(t)), credential.Forged, credential.BadSignature},
		"an expired key":          {"shc:/" + good, old, credential.UnknownIssuer, credential.ExpiredKey},
		"another issuer":          {signed(func(p m) { p["iss"] = issuer + "/" }), trusting(key), credential.UnknownIssuer, credential.UnknownKey},
		"no issuer":               {signed(func(p m) { delete(p, "iss") }), trusting(key), credential.Unreadable, credential.Malformed},
		"no time":                 {signed(func(p m) { delete(p, "nbf") }), trusting(key), credential.Unreadable, credential.Malformed},
		"a time beyond calendars": {signed(func(p m) { p["exp"] = 1e15 }), trusting(key), credential.Unreadable, credential.Malformed},
		"letters":                 {"shc:/abcd", trusting(key), credential.Unreadable, credential.Malformed},
		"the prefix alone":        {"shc:/", trusting(key), credential.Unreadable, credential.Malformed},
	} {
		got, err := shc.Family.Read(c.text, c.keys)
		if err != nil || got.Standing != c.standing || got.Problem != c.problem {
			t.Errorf("%s: %v %q, %v", name, got.Standing, got.Problem, err)
		}
		if got.Standing == credential.Forged && got.Holder.Name != "" {
			t.Errorf("%s: the content is handed on", name)
		}
	}
	if n, of := shc.Chunk(two); n != 2 || of != 2 {
		t.Errorf("%d of %d", n, of)
	}
	if n, of := shc.Chunk("shc:/" + good); n != 1 || of != 1 {
		t.Errorf("%d of %d", n, of)
	}
	if n, _ := shc.Chunk("HC1:"); n != 0 {
		t.Errorf("%d", n)
	}
}

// FuzzRead holds that no text is taken for signed with a key that did not sign it.
func FuzzRead(f *testing.F) {
	key := newKey(f)
	good := numeric(card(f, key, content(func(m) {})))
	f.Add("shc:/" + good)
	f.Add("shc:/1/2/" + good[:200] + "\nshc:/2/2/" + good[200:])
	keys := trusting(newKey(f))
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := shc.Family.Read(text, keys); err == nil && c.Standing == credential.Signed {
			t.Fatalf("%q is taken for signed", text)
		}
	})
}
