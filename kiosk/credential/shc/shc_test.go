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
	"io"
	"math/big"
	"os"
	"strconv"
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

// expected is what a text is, found by the specification alone with other means
// than ours: the suite says what is wrong with a file only in words.
func expected(t *testing.T, text string, jwks map[string]*ecdsa.PublicKey) credential.Standing {
	t.Helper()
	digits, ok := strings.CutPrefix(text, "shc:/")
	if !ok {
		return 0
	}
	if strings.Count(digits, "/") == 2 {
		parts := strings.SplitN(digits, "/", 3)
		if parts[1] != "1" {
			return credential.Unreadable // a part alone
		}
		digits = parts[2]
	}
	var jws []byte
	for ; len(digits) >= 2; digits = digits[2:] {
		n, err := strconv.Atoi(digits[:2])
		if err != nil || n > 'z'-'-' {
			return credential.Unreadable
		}
		jws = append(jws, byte(n)+'-')
	}
	parts := strings.Split(string(jws), ".")
	if len(digits) != 0 || len(parts) != 3 {
		return credential.Unreadable
	}
	var raw [3][]byte
	for i := range parts {
		var err error
		if raw[i], err = base64.RawURLEncoding.DecodeString(parts[i]); err != nil {
			return credential.Unreadable
		}
	}
	var head, body map[string]any
	if json.Unmarshal(raw[0], &head) != nil || head["zip"] != "DEF" {
		return credential.Unreadable
	}
	plain, err := io.ReadAll(flate.NewReader(bytes.NewReader(raw[1])))
	if err != nil || json.Unmarshal(plain, &body) != nil {
		return credential.Unreadable
	}
	_, issued := body["nbf"].(float64)
	key := jwks[fmt.Sprint(body["iss"], "#", head["kid"])]
	switch {
	case !issued || body["iss"] == nil:
		return credential.Unreadable
	case head["alg"] != "ES256" || key == nil:
		return credential.UnknownIssuer
	case len(raw[2]) != 64:
		return credential.Forged
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(key, digest[:], new(big.Int).SetBytes(raw[2][:32]), new(big.Int).SetBytes(raw[2][32:])) {
		return credential.Forged
	}
	return credential.Signed
}

// keysOf are the keys of the specification's example issuer, by issuer and kid.
func keysOf(t *testing.T) map[string]*ecdsa.PublicKey {
	t.Helper()
	var set struct {
		Keys []struct{ KID, X, Y string }
	}
	if err := json.Unmarshal(suite.Read(t, publicdata.Folder(t, "shc"), "spec-issuer-jwks.json"), &set); err != nil {
		t.Fatal(err)
	}
	keys := map[string]*ecdsa.PublicKey{}
	for _, k := range set.Keys {
		x, errX := base64.RawURLEncoding.DecodeString(k.X)
		y, errY := base64.RawURLEncoding.DecodeString(k.Y)
		public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
		if err = errors.Join(errX, errY, err); err != nil {
			t.Fatal(err)
		}
		keys["https://spec.smarthealth.cards/examples/issuer#"+k.KID] = public
	}
	return keys
}

// TestTheSuitesExamples holds every text, JWS and file of cards of the suite
// against what the specification makes of it.
func TestTheSuitesExamples(t *testing.T) {
	t.Parallel()
	keys, jwks := issuers(t), keysOf(t)
	var table suite.Table
	seen := map[credential.Standing]int{}
	score := func(kind, name, text string) {
		text = strings.TrimSpace(text)
		want := expected(t, text, jwks)
		c, err := shc.Family.Read(text, keys)
		if errors.Is(err, credential.ErrNotRecognised) {
			c.Standing = 0
		}
		seen[want]++
		ok := c.Standing == want && (want != credential.Signed || c.Holder.Name != "" || c.Problem == credential.Schema)
		table.Score(kind, name, ok, fmt.Sprintf("%v %q, want %v", c.Standing, c.Problem, want), "")
	}
	folder := publicdata.Folder(t, "shc")
	for _, name := range suite.Files(t, folder, "*.txt") {
		text := strings.TrimSpace(string(suite.Read(t, folder, name)))
		if strings.HasPrefix(text, "eyJ") {
			score("JWS", name, "shc:/"+numeric(text))
		} else {
			score("digits", name, text)
		}
	}
	for _, name := range suite.Files(t, folder, "*.smart-health-card") {
		var file struct {
			Cards []string `json:"verifiableCredential"`
		}
		if err := json.Unmarshal(bytes.TrimSpace(suite.Read(t, folder, name)), &file); err != nil {
			t.Logf("%s is not a file of cards: %v", name, err)
			continue
		}
		for _, jws := range file.Cards {
			score("file of cards", name, "shc:/"+numeric(jws))
		}
	}
	t.Log(seen)
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
