package families_test

import (
	"bytes"
	"compress/flate"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/families"
	"chot/kiosk/internal/suite"
)

// signer signs contents as they come, however odd.
type signer struct {
	t    testing.TB
	key  *ecdsa.PrivateKey
	keys suite.Ring
}

const cards = "https://cards.example"

func newSigner(t testing.TB) signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	fail(t, err)
	keys := suite.Ring{{Family: credential.SHC, Issuer: cards, ID: []byte("k"), Public: key.Public()}}
	for _, f := range []credential.FamilyID{credential.EUDCC, credential.WHODDCC, credential.WHODVC} {
		keys = append(keys, credential.Key{Family: f, ID: []byte("k"), Public: key.Public()})
	}
	return signer{t, key, keys}
}

// hcert signs what stands under a label of the certificate's claim.
func (s signer) hcert(label int, content any) credential.Credential {
	s.t.Helper()
	payload := encodeCBOR(s.t, cborMap{1: "VN", 4: at.AddDate(1, 0, 0).Unix(), 6: at.Unix(), -260: cborMap{label: content}})
	code := coseCode(s.t, "", s.keys, s.key, encodeCBOR(s.t, cborMap{1: -7, 4: []byte("k")}), payload, encodeCBOR(s.t, cborMap{}),
		func(message []byte) string { return hc1(s.t, message) })
	return s.read(code.whole())
}

// jws signs a SMART Health Card with these entries, with what follows its deflate
// stream.
func (s signer) jws(behind string, entries ...any) string {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{"iss": cards, "nbf": at.Unix(), "vc": map[string]any{
		"credentialSubject": map[string]any{"fhirBundle": map[string]any{"entry": append([]any{map[string]any{"resource": map[string]any{
			"resourceType": "Patient", "birthDate": "1990-02-05", "name": map[string]any{"family": "Nguyen", "given": []any{"Thi", nil, "Thu"}},
		}}}, entries...)}},
	}})
	fail(s.t, err)
	var compressed bytes.Buffer
	w, err := flate.NewWriter(&compressed, flate.NoCompression)
	fail(s.t, err)
	_, _ = w.Write(body)
	_ = w.Close()
	b64 := base64.RawURLEncoding.EncodeToString
	signed := b64([]byte(`{"alg":"ES256","zip":"DEF","kid":"k"}`)) + "." + b64(append(compressed.Bytes(), behind...))
	return signed + "." + b64(signES256(s.t, s.key, []byte(signed)))
}

func digitsOf(jws string) string {
	var b strings.Builder
	for _, c := range []byte(jws) {
		fmt.Fprintf(&b, "%02d", c-'-')
	}
	return b.String()
}

func (s signer) card(entries ...any) credential.Credential {
	s.t.Helper()
	return s.read("shc:/" + digitsOf(s.jws("", entries...)))
}

func (s signer) read(text string) credential.Credential {
	s.t.Helper()
	c := families.Read(text, s.keys)
	if c.Standing != credential.Signed {
		s.t.Errorf("%v %q", c.Standing, c.Problem)
	}
	return c
}

type m = map[string]any

func day(text string) time.Time {
	d, _ := time.Parse(time.DateOnly, text)
	return d
}

// dcc is a certificate of a dose, test or recovery with changes to it.
func dcc(group string, change func(c, entry m)) m {
	entries := map[string]m{
		"v": {"tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "M", "dn": 2, "sd": 2, "dt": "2021-09-01", "co": "VN", "is": "I", "ci": "C1"},
		"t": {"tg": "840539006", "tt": "LP6464-4", "sc": "2021-12-31T06:30:00Z", "tr": "260415000", "co": "VN", "is": "I", "ci": "C1"},
		"r": {"tg": "840539006", "fr": "2021-08-01", "df": "2021-08-12", "du": "2022-01-28", "co": "VN", "is": "I", "ci": "C1"},
	}
	entry := entries[group]
	c := m{"ver": "1.3.0", "dob": "1990-02-05", "nam": m{"fn": "Nguyễn", "fnt": "NGUYEN", "gn": "Thử", "gnt": "THU"}, group: []any{entry}}
	change(c, entry)
	return c
}

// TestWhatOnlyDescribes holds the same credential against itself with something odd
// in it that decides nothing.
func TestWhatOnlyDescribes(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	plain := s.hcert(1, dcc("v", func(_, _ m) {}))
	if len(plain.Events) != 1 || plain.Problem != "" || plain.Events[0].Unread != 0 {
		t.Fatalf("%+v", plain)
	}
	for name, change := range map[string]func(c, entry m){
		"a birth date with a time":           func(c, _ m) { c["dob"] = "1990-02-05T00:00:00" },
		"a birth date with a time and zone":  func(c, _ m) { c["dob"] = "1990-02-05T00:00:00+0700" },
		"a birth date with a time, a blank":  func(c, _ m) { c["dob"] = "1990-02-05 00:00" },
		"a dose as an object":                func(c, e m) { c["v"] = e },
		"null beside the dose":               func(c, e m) { c["v"] = []any{nil, e, nil} },
		"an empty dose beside it":            func(c, e m) { c["v"] = []any{e, m{}} },
		"a dose of nothing but null":         func(c, e m) { c["v"] = []any{e, m{"dt": nil, "tg": nil}} },
		"no tests, as null":                  func(c, _ m) { c["t"] = nil },
		"no tests, as an empty list":         func(c, _ m) { c["t"] = []any{} },
		"tests as a list of null":            func(c, _ m) { c["t"], c["r"] = []any{nil}, m{} },
		"a number with a fraction of nought": func(_, e m) { e["dn"] = 2.0 },
		"a number as a text":                 func(_, e m) { e["sd"] = "2" },
		"a version as a number":              func(c, _ m) { c["ver"] = 1 },
		"no version":                         func(c, _ m) { delete(c, "ver") },
		"a date with a time":                 func(_, e m) { e["dt"] = "2021-09-01T00:00:00Z" },
		"a vaccine that is a number":         func(_, e m) { e["vp"] = 1119349007 },
		"a field that no version has":        func(c, e m) { c["x"], e["y"] = m{"z": 1}, []any{1} },
	} {
		got := s.hcert(1, dcc("v", change))
		got.Payload, got.Revocation = plain.Payload, plain.Revocation // the content as it stands, and the signature
		if !reflect.DeepEqual(got, plain) {
			t.Errorf("%s:\n%+v\n%+v", name, got, plain)
		}
	}
	unborn := s.hcert(1, dcc("v", func(c, _ m) { c["dob"] = "" }))
	if unborn.Problem != "" || unborn.Holder.Birth != (credential.Date{}) || len(unborn.Events) != 1 {
		t.Errorf("without a birth date: %+v", unborn)
	}
}

// TestUnknownIsNotZero names the field that cannot be read, and leaves the others.
func TestUnknownIsNotZero(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	for name, c := range map[string]struct {
		group  string
		change func(c, entry m)
		unread credential.Fields
	}{
		"a dose of two halves":               {"v", func(_, e m) { e["dn"] = 1.5 }, credential.FieldNumber},
		"a dose in words":                    {"v", func(_, e m) { e["dn"] = "second" }, credential.FieldNumber},
		"a dose below nought":                {"v", func(_, e m) { e["dn"] = -1 }, credential.FieldNumber},
		"a series as a list":                 {"v", func(_, e m) { e["sd"] = []any{2} }, credential.FieldOf},
		"a day as a number":                  {"v", func(_, e m) { e["dt"] = 1630454400 }, credential.FieldAt},
		"no day":                             {"v", func(_, e m) { delete(e, "dt") }, credential.FieldAt},
		"a day that does not exist":          {"v", func(_, e m) { e["dt"] = "2021-02-30" }, credential.FieldAt},
		"a month":                            {"v", func(_, e m) { e["dt"] = "2021-09" }, credential.FieldAt},
		"a disease as a number":              {"v", func(_, e m) { e["tg"] = 840539006 }, credential.FieldDisease},
		"no disease":                         {"v", func(_, e m) { delete(e, "tg") }, credential.FieldDisease},
		"a time of sampling as a number":     {"t", func(_, e m) { e["sc"] = 1640932200 }, credential.FieldAt},
		"an answer as a number":              {"t", func(_, e m) { e["tr"] = 260415000 }, credential.FieldResult},
		"no answer":                          {"t", func(_, e m) { delete(e, "tr") }, credential.FieldResult},
		"a method that is an object":         {"t", func(_, e m) { e["tt"] = m{"code": 1} }, credential.FieldMethod},
		"a recovery's end that is no day":    {"r", func(_, e m) { e["du"] = "never" }, credential.FieldUntil},
		"a recovery's beginning as a number": {"r", func(_, e m) { e["df"] = 1 }, credential.FieldFrom},
		"two fields":                         {"r", func(_, e m) { e["df"], e["fr"] = 1, nil }, credential.FieldFrom | credential.FieldAt},
		"an answer that is neither":          {"t", func(_, e m) { e["tr"] = "419984006" }, 0},
		"a time without seconds":             {"t", func(_, e m) { e["sc"] = "2021-12-31T06:30+0000" }, 0},
		"no series":                          {"v", func(_, e m) { delete(e, "sd") }, 0},
	} {
		got := s.hcert(1, dcc(c.group, c.change))
		if len(got.Events) != 1 || got.Events[0].Unread != c.unread || got.Problem != "" {
			t.Errorf("%s: %q, %+v", name, got.Problem, got.Events)
		}
	}
	for name, change := range map[string]func(c, entry m){
		"a name that is a number": func(c, _ m) { c["nam"] = 7 },
		"no name":                 func(c, _ m) { delete(c, "nam") },
		"names that are null":     func(c, _ m) { c["nam"] = m{"fn": nil, "fnt": nil} },
		"doses that are a text":   func(c, _ m) { c["v"] = "two" },
		"no dose":                 func(c, _ m) { delete(c, "v") },
		"an empty dose alone":     func(c, _ m) { c["v"] = []any{m{}} },
		"issued before its birth": func(c, _ m) { c["dob"] = "2022-02-01" },
	} {
		if got := s.hcert(1, dcc("v", change)); got.Problem != credential.Schema {
			t.Errorf("%s: %q, %+v", name, got.Problem, got)
		}
	}
}

// TestVaccinationCertificates reads WHO's certificate for one dose and several, by
// disease and by product.
func TestVaccinationCertificates(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	old := m{"dn": "Primary", "tg": "1D47", "vp": "XM0N24", "mp": "1", "ma": "M", "dt": "2021-09-01", "vls": "2021-09-11", "vle": "2031-09-10", "is": "Clinic"}
	dose := credential.Event{
		Kind: credential.Dose, Disease: "16541001", Product: "XM0N24", Maker: "M", Country: "VN",
		At: day("2021-09-01"), From: day("2021-09-11"), Until: day("2031-09-11").Add(-1),
	}
	product := m{"vp": "YellowFeverProductd2c75a15ed309658b3968519ddb31690", "dt": "2021-09-01", "bo": "B1", "cn": "Dr"}
	bare := credential.Event{Kind: credential.Dose, Disease: "16541001", Product: "YellowFeverProductd2c75a15ed309658b3968519ddb31690", Country: "VN", At: day("2021-09-01")}
	covid := bare
	covid.Disease, covid.Product, covid.Number = "840539006", "XM68M6", 2
	unknown := credential.Event{Kind: credential.Dose, Country: "VN", At: day("2021-09-01"), Unread: credential.FieldDisease}
	other := unknown
	other.Disease, other.Unread = "1F03", 0
	noDay := bare
	noDay.At, noDay.Unread = time.Time{}, credential.FieldAt
	for name, c := range map[string]struct {
		v    any
		want []credential.Event
	}{
		"one dose as an object":        {old, []credential.Event{dose}},
		"one dose in a list":           {[]any{old}, []credential.Event{dose}},
		"two doses":                    {[]any{old, product}, []credential.Event{dose, bare}},
		"nulls and empty ones":         {[]any{nil, m{}, old, m{"dt": nil}}, []credential.Event{dose}},
		"by its product":               {product, []credential.Event{bare}},
		"against COVID-19":             {m{"tg": "RA01.0", "vp": "XM68M6", "dt": "2021-09-01", "dn": "2"}, []credential.Event{covid}},
		"against a disease not known":  {m{"tg": "1F03", "dt": "2021-09-01"}, []credential.Event{other}},
		"against nothing that it says": {m{"dt": "2021-09-01"}, []credential.Event{unknown}},
		"on no day":                    {m{"vp": product["vp"], "dt": 5}, []credential.Event{noDay}},
	} {
		got := s.hcert(-6, m{"n": "Nguyen Thi Thu", "dob": "1990-02-05", "s": "F", "nid": "030150000001", "v": c.v})
		if !reflect.DeepEqual(got.Events, c.want) {
			t.Errorf("%s:\n%+v\n%+v", name, got.Events, c.want)
		}
		holder := credential.Holder{Name: "Nguyen Thi Thu", Latin: "NGUYEN THI THU", Birth: credential.Date{Year: 1990, Month: 2, Day: 5}, Sex: "female", Document: "030150000001"}
		if got.Holder != holder || got.Family != credential.WHODVC || got.Problem != "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := s.hcert(-6, m{"n": "Nguyen Thi Thu", "v": []any{}}); got.Problem != credential.Schema || got.Events != nil {
		t.Errorf("no dose: %+v", got)
	}
}

// TestLinks shows where a verifiable link leads. Nothing is fetched: there is no
// network in this package.
func TestLinks(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	inner := base64.RawURLEncoding.EncodeToString([]byte(`{"url":"https://records.example.org/m/1","exp":1700000000,"flag":"P","label":"Vaccinations","key":"k"}`))
	full := credential.Link{URL: "https://records.example.org/m/1", Label: "Vaccinations", Until: time.Unix(1700000000, 0).UTC()}
	for name, c := range map[string]struct {
		content any
		want    credential.Link
		host    string
	}{
		"vhlink":                {[]any{m{"u": "vhlink:/" + inner}}, full, "records.example.org"},
		"shlink":                {[]any{m{"u": "shlink:/" + inner}}, full, "records.example.org"},
		"shlink of two slashes": {m{"u": "shlink://" + inner}, full, "records.example.org"},
		"a viewer before it":    {m{"u": "https://viewer.example#shlink:/" + inner}, full, "records.example.org"},
		"an address":            {[]any{m{"u": "https://a.example/x"}}, credential.Link{URL: "https://a.example/x"}, "a.example"},
		"what is no base64":     {m{"u": "shlink:/%%%"}, credential.Link{URL: "shlink:/%%%"}, ""},
		"what is no JSON":       {m{"u": "shlink:/AAAA"}, credential.Link{URL: "shlink:/AAAA"}, ""},
	} {
		got := s.hcert(5, c.content)
		if got.Link == nil || *got.Link != c.want || got.Link.Host() != c.host || got.Events != nil || got.Problem != "" {
			t.Errorf("%s: %+v, %+v", name, got.Link, got)
		}
	}
}

func immunization(change func(r m)) m {
	r := m{"resourceType": "Immunization", "status": "completed", "occurrenceDateTime": "2021-09-01",
		"vaccineCode": m{"coding": []any{m{"system": "http://hl7.org/fhir/sid/cvx", "code": "208"}}}}
	change(r)
	return m{"resource": r}
}

func observation(value any) m {
	return m{"resource": m{"resourceType": "Observation", "status": "final", "effectiveDateTime": "2021-12-31T08:00:00+07:00",
		"code":                 m{"coding": m{"system": "http://loinc.org", "code": "94558-4"}},
		"valueCodeableConcept": value}}
}

// TestCards reads FHIR as issuers write it.
func TestCards(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	dose := credential.Event{Kind: credential.Dose, Disease: "840539006", Product: "208", At: day("2021-09-01")}
	with := func(change func(e *credential.Event)) []credential.Event {
		e := dose
		change(&e)
		return []credential.Event{e}
	}
	for name, c := range map[string]struct {
		entries []any
		want    []credential.Event
	}{
		"a dose":                {[]any{immunization(func(m) {})}, []credential.Event{dose}},
		"null entries":          {[]any{nil, m{}, m{"resource": nil}, immunization(func(m) {})}, []credential.Event{dose}},
		"an empty dose":         {[]any{m{"resource": m{"resourceType": "Immunization", "status": "completed"}}}, nil},
		"a dose not done":       {[]any{immunization(func(r m) { r["status"] = "not-done" })}, nil},
		"a number":              {[]any{immunization(func(r m) { r["protocolApplied"] = []any{m{"doseNumberPositiveInt": 2, "seriesDosesPositiveInt": 3}} })}, with(func(e *credential.Event) { e.Number, e.Of = 2, 3 })},
		"a number as a text":    {[]any{immunization(func(r m) { r["protocolApplied"] = m{"doseNumberString": "2"} })}, with(func(e *credential.Event) { e.Number = 2 })},
		"a number in words":     {[]any{immunization(func(r m) { r["protocolApplied"] = []any{m{"doseNumberString": "booster"}} })}, with(func(e *credential.Event) { e.Unread = credential.FieldNumber })},
		"a day as a number":     {[]any{immunization(func(r m) { r["occurrenceDateTime"] = 20210901 })}, with(func(e *credential.Event) { e.At, e.Unread = time.Time{}, credential.FieldAt })},
		"a vaccine not in code": {[]any{immunization(func(r m) { r["vaccineCode"] = "208" })}, with(func(e *credential.Event) { e.Disease, e.Product, e.Unread = "", "", credential.FieldDisease })},
		"against yellow fever": {[]any{immunization(func(r m) {
			r["vaccineCode"] = m{"coding": []any{m{"system": "http://hl7.org/fhir/sid/cvx", "code": "37"}}}
		})}, with(func(e *credential.Event) { e.Disease, e.Product = "16541001", "37" })},
		"a code of ICD-11":       {[]any{immunization(func(r m) { r["vaccineCode"] = m{"coding": m{"code": "XM68M6"}} })}, with(func(e *credential.Event) { e.Product = "XM68M6" })},
		"another vaccine":        {[]any{immunization(func(r m) { r["vaccineCode"] = m{"coding": m{"system": "http://hl7.org/fhir/sid/cvx", "code": "140"}} })}, with(func(e *credential.Event) { e.Disease, e.Product = "cvx:140", "140" })},
		"the entry as an object": {[]any{immunization(func(m) {})}, []credential.Event{dose}},
	} {
		got := s.card(c.entries...)
		if !reflect.DeepEqual(got.Events, c.want) || got.Holder.Name != "Thi Thu Nguyen" || got.Problem != "" {
			t.Errorf("%s:\n%+v\n%+v", name, got.Events, c.want)
		}
	}
}

// TestACardOfTwoPatients does not say whose the doses are.
func TestACardOfTwoPatients(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	other := m{"resource": m{"resourceType": "Patient", "birthDate": "1970-01-01", "name": []any{m{"family": "Tran", "given": []any{"Van"}}}}}
	if got := s.card(other, immunization(func(m) {})); got.Problem != credential.Schema {
		t.Errorf("problem %q", got.Problem)
	}
}

// TestAnswers reads what a test found, in every code system.
func TestAnswers(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	coded := func(system, code string) any { return m{"coding": []any{m{"system": system, "code": code}}} }
	const loinc, snomed = "http://loinc.org", "http://snomed.info/sct"
	for name, c := range map[string]struct {
		value  any
		result string
		unread credential.Fields
	}{
		"LA6577-6":              {coded(loinc, "LA6577-6"), "negative", 0},
		"LA11883-8":             {coded(loinc, "LA11883-8"), "negative", 0},
		"LA6576-8":              {coded(loinc, "LA6576-8"), "positive", 0},
		"LA11882-0":             {coded(loinc, "LA11882-0"), "positive", 0},
		"SNOMED, not detected":  {coded(snomed, "260415000"), "negative", 0},
		"SNOMED, detected":      {coded(snomed, "260373001"), "positive", 0},
		"of no system":          {coded("", "LA6576-8"), "positive", 0},
		"the second coding":     {m{"coding": []any{m{"code": "x"}, m{"code": "LA6577-6"}}}, "negative", 0},
		"in words":              {m{"text": "Not detected"}, "negative", 0},
		"in words alone":        {"Positive", "positive", 0},
		"inconclusive":          {coded(snomed, "419984006"), "", 0},
		"LA9663-1 inconclusive": {coded(loinc, "LA9663-1"), "", 0},
		"null":                  {nil, "", credential.FieldResult},
		"a number":              {7, "", credential.FieldResult},
		"an empty coding":       {m{"coding": []any{m{}}}, "", credential.FieldResult},
		"two that agree":        {m{"coding": []any{m{"code": "260415000"}, m{"code": "LA6577-6"}}, "text": "Negative"}, "negative", 0},
		"two that differ":       {m{"coding": []any{m{"code": "260415000"}, m{"code": "10828004"}}}, "", credential.FieldResult},
		"the other way round":   {m{"coding": []any{m{"code": "10828004"}, m{"code": "260415000"}}}, "", credential.FieldResult},
		"a text that differs":   {m{"coding": []any{m{"code": "260415000"}}, "text": "Positive"}, "", credential.FieldResult},
	} {
		got := s.card(observation(c.value))
		want := []credential.Event{{
			Kind: credential.Test, Disease: "840539006", Product: "94558-4", Method: "LP217198-3", At: time.Date(2021, 12, 31, 1, 0, 0, 0, time.UTC),
			Result: c.result, Unread: c.unread,
		}}
		if !reflect.DeepEqual(got.Events, want) {
			t.Errorf("%s: %+v", name, got.Events)
		}
	}
	for code, want := range map[string]string{"LA6577-6": "negative", "LA11882-0": "positive", "260385009": "negative", "10828004": "positive"} {
		if got := s.hcert(1, dcc("t", func(_, e m) { e["tr"] = code })); got.Events[0].Result != want {
			t.Errorf("%s in a DCC: %+v", code, got.Events)
		}
	}
}

// TestCardsInCodes shows a card in any number of codes.
func TestCardsInCodes(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	large := m{"resource": m{"resourceType": "Basic", "text": strings.Repeat("x", 36<<10)}}
	for _, of := range []int{1, 2, 8, 16, 17, 40, 100} {
		jws := s.jws("", immunization(func(m) {}))
		if of > 16 {
			jws = s.jws("", immunization(func(m) {}), large)
		}
		size := (len(jws) + of - 1) / of
		var lines []string
		for i := range of {
			part := jws[i*size : min((i+1)*size, len(jws))]
			lines = append(lines, fmt.Sprintf("shc:/%d/%d/%s", i+1, of, digitsOf(part)))
		}
		for _, line := range lines[:min(of, 3)] {
			want := credential.Unreadable
			if of == 1 {
				want = credential.Signed
			}
			if c := families.Read(line, s.keys); c.Standing != want || of > 1 && c.Problem != "incomplete" {
				t.Errorf("one of %d codes: %v %q", of, c.Standing, c.Problem)
			}
		}
		slices.Reverse(lines)
		if c := s.read(strings.Join(lines, "\r\n")); len(c.Events) != 1 || c.Holder.Name != "Thi Thu Nguyen" {
			t.Errorf("%d codes: %+v", of, c)
		}
		if c := families.Read(strings.Join(append(lines[1:], lines[1:]...), "\n"), s.keys); of > 1 && c.Problem != "incomplete" {
			t.Errorf("%d codes of %d, some twice: %v %q", of-1, of, c.Standing, c.Problem)
		}
	}
	for _, text := range []string{"shc:/1000/1000/00", "shc:/0/2/00", "shc:/3/2/00", "shc:/1/2/", "shc:/x/2/00", "shc:/1/2/3/00"} {
		if c := families.Read(text, s.keys); c.Standing != credential.Unreadable {
			t.Errorf("%s: %v %q", text, c.Standing, c.Problem)
		}
	}
	for _, behind := range []string{"8 bytes.", "\x00", "\x1f\x8b\x08\x00\x00\x00\x00\x00"} {
		if c := s.read("shc:/" + digitsOf(s.jws(behind, immunization(func(m) {})))); len(c.Events) != 1 {
			t.Errorf("with %q behind the deflate stream: %+v", behind, c)
		}
	}
}
