package policy_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"chot/deploy/testbed/publicdata"
	"chot/kiosk/certlogic"
	"chot/kiosk/credential"
	"chot/kiosk/policy"
)

// rule writes a rule that a change makes different.
func rule(change func(map[string]any)) []byte {
	r := map[string]any{
		"Identifier": "VR-VN-0001", "Type": "Acceptance", "Country": "VN", "Version": "1.0.0", "SchemaVersion": "1.0.0",
		"Engine": "CERTLOGIC", "EngineVersion": "0.7.5", "CertificateType": "Vaccination",
		"Description": []any{map[string]any{"lang": "en", "desc": "Two doses."}, map[string]any{"lang": "vi", "desc": "Hai mũi."}},
		"ValidFrom":   "2026-01-01T00:00:00Z", "ValidTo": "2026-12-31T00:00:00Z",
		"Logic": json.RawMessage(`{"if": [{"var": "payload.v.0"}, {">=": [{"var": "payload.v.0.dn"}, 2]}, true]}`),
	}
	if change != nil {
		change(r)
	}
	data, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	return data
}

func set(key string, value any) func(map[string]any) {
	return func(r map[string]any) { r[key] = value }
}

func rulesOf(t testing.TB, files map[string][]byte) *policy.RuleSet {
	t.Helper()
	dir := fstest.MapFS{}
	for name, data := range files {
		dir[name] = &fstest.MapFile{Data: data}
	}
	rules, err := policy.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// dcc is a DCC of this many doses.
func dcc(doses int) *credential.Credential {
	c := signed(dose(ago(100, 0), 2, 2))
	c.Issuer = credential.Issuer{Country: "SG", Key: "0102030405060708"}
	c.Payload = map[string]any{
		"ver": "1.3.0", "v": []any{map[string]any{"dn": int64(doses), "sd": int64(2), "mp": "EU/1/20/1528", "dt": "2025-11-21"}},
	}
	return c
}

func TestBusinessRules(t *testing.T) {
	t.Parallel()
	files := func(rules ...[]byte) map[string][]byte {
		m := map[string][]byte{
			"valuesets/mp.json":    []byte(`{"valueSetId": "mp", "valueSetDate": "2026-01-01", "valueSetValues": {"EU/1/20/1528": {"display": "x", "active": true}}}`),
			"valuesets/plain.json": []byte(`{"other": ["x"]}`),
			"rules/README.txt":     []byte("not a rule"),
		}
		for i, r := range rules {
			m[fmt.Sprintf("rules/VN/%d.json", i)] = r
		}
		return m
	}
	logic := func(s string) func(map[string]any) { return set("Logic", json.RawMessage(s)) }
	for name, c := range map[string]struct {
		rules [][]byte
		cred  *credential.Credential
		want  string
	}{
		"a rule that holds":          {[][]byte{rule(nil)}, dcc(2), "green: dose-valid"},
		"a rule that does not hold":  {[][]byte{rule(nil)}, dcc(1), "red: rule-failed"},
		"a rule of another country":  {[][]byte{rule(set("Country", "DE"))}, dcc(1), "green: dose-valid"},
		"a rule for tests":           {[][]byte{rule(func(r map[string]any) { r["Identifier"], r["CertificateType"] = "TR-VN-0001", "Test" })}, dcc(1), "green: dose-valid"},
		"a general rule":             {[][]byte{rule(func(r map[string]any) { r["Identifier"], r["CertificateType"] = "GR-VN-0001", "General" })}, dcc(1), "red: rule-failed"},
		"a rule of last year":        {[][]byte{rule(func(r map[string]any) { r["ValidFrom"], r["ValidTo"] = "2025-01-01T00:00:00Z", "2025-12-31T00:00:00Z" })}, dcc(1), "green: dose-valid"},
		"a rule of next year":        {[][]byte{rule(func(r map[string]any) { r["ValidFrom"], r["ValidTo"] = "2027-01-01T00:00:00Z", "2027-12-31T00:00:00Z" })}, dcc(1), "green: dose-valid"},
		"a newer version that holds": {[][]byte{rule(nil), rule(func(r map[string]any) { r["Version"], r["Logic"] = "1.10.0", true })}, dcc(1), "green: dose-valid"},
		"a newer version to come": {[][]byte{rule(nil), rule(func(r map[string]any) {
			r["Version"], r["Logic"], r["ValidFrom"] = "2.0.0", true, "2026-06-01T00:00:00Z"
		})}, dcc(1), "red: rule-failed"},
		"the issuer's invalidation":      {[][]byte{rule(func(r map[string]any) { r["Identifier"], r["Type"], r["Country"] = "IR-SG-0001", "Invalidation", "SG" })}, dcc(1), "red: rule-failed"},
		"another's invalidation":         {[][]byte{rule(func(r map[string]any) { r["Identifier"], r["Type"], r["Country"] = "IR-TH-0001", "Invalidation", "TH" })}, dcc(1), "green: dose-valid"},
		"a rule that cannot be decided":  {[][]byte{rule(logic(`{">": [{"var": "payload.v.0.mp"}, 1]}`))}, dcc(2), "amber: rule-undecided"},
		"a rule that is not a boolean":   {[][]byte{rule(logic(`{"var": "payload.v"}`))}, dcc(2), "amber: rule-undecided"},
		"a rule of a later schema":       {[][]byte{rule(set("SchemaVersion", "1.4.0"))}, dcc(2), "amber: rule-undecided"},
		"a rule of another schema":       {[][]byte{rule(set("SchemaVersion", "2.0.0"))}, dcc(2), "amber: rule-undecided"},
		"a value set":                    {[][]byte{rule(logic(`{"in": [{"var": "payload.v.0.mp"}, {"var": "external.valueSets.mp"}]}`))}, dcc(2), "green: dose-valid"},
		"another value set":              {[][]byte{rule(logic(`{"in": [{"var": "payload.v.0.mp"}, {"var": "external.valueSets.other"}]}`))}, dcc(2), "red: rule-failed"},
		"a value set that is not there":  {[][]byte{rule(logic(`{"in": [{"var": "payload.v.0.mp"}, {"var": "external.valueSets.none"}]}`))}, dcc(2), "amber: rule-undecided"},
		"the clock":                      {[][]byte{rule(logic(`{"not-after": [{"plusTime": ["2026-03-01T12:00:00Z", 0, "day"]}, {"plusTime": [{"var": "external.validationClock"}, 0, "day"]}, {"plusTime": ["2026-03-01T12:00:00Z", 0, "day"]}]}`))}, dcc(2), "green: dose-valid"},
		"the other parameters":           {[][]byte{rule(logic(`{"and": [{"===": [{"var": "external.countryCode"}, "VN"]}, {"===": [{"var": "external.issuerCountryCode"}, "SG"]}, {"===": [{"var": "external.kid"}, "0102030405060708"]}, {"before": [{"plusTime": [{"var": "external.iat"}, 0, "day"]}, {"plusTime": [{"var": "external.exp"}, 0, "day"]}]}]}`))}, dcc(2), "green: dose-valid"},
		"a certificate without payload":  {[][]byte{rule(nil)}, signed(dose(ago(100, 0), 2, 2)), "green: dose-valid"},
		"a rule for a region elsewhere":  {[][]byte{rule(set("Region", "30"))}, dcc(1), "green: dose-valid"},
		"two rules that do not hold":     {[][]byte{rule(nil), rule(set("Identifier", "VR-VN-0002"))}, dcc(1), "red: rule-failed rule-failed"},
		"an array of rules in one file":  {[][]byte{[]byte("[" + string(rule(nil)) + "," + string(rule(set("Identifier", "VR-VN-0002"))) + "]")}, dcc(1), "red: rule-failed rule-failed"},
		"a certificate without a schema": {[][]byte{rule(nil)}, but(dcc(2), func(c *credential.Credential) { delete(c.Payload.(map[string]any), "ver") }), "green: dose-valid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := rulesOf(t, files(c.rules...)).Judge(fresh(), c.cred)
			if got := codes(v); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestAFailedRuleIsNamed(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, map[string][]byte{"rules/a.json": rule(nil)})
	r := rules.Judge(fresh(), dcc(1)).Reasons[0]
	if r.Rule != "VR-VN-0001" || r.Version != "1.0.0" {
		t.Errorf("%+v", r)
	}
	for lang, want := range map[string]string{"vi": "Hai mũi.", "en": "Two doses.", "fr": "Two doses."} {
		if got := rules.Describe(r, lang); got != want {
			t.Errorf("in %s: %q", lang, got)
		}
	}
	if got := rules.Describe(policy.Reason{Code: policy.Forged}, "en"); got != "" {
		t.Errorf("no rule is described as %q", got)
	}
}

// TestASecondCertificateCanMeetTheRules holds that rules are asked of each
// certificate for itself.
func TestASecondCertificateCanMeetTheRules(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, map[string][]byte{"rules/a.json": rule(nil)})
	for want, second := range map[string]*credential.Credential{
		"green: test-negative":           signed(test(ago(0, 5), "negative")),
		"red: test-positive rule-failed": signed(test(ago(0, 5), "positive")),
	} {
		if got := codes(rules.Judge(fresh(), dcc(1), second)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// Each key of a rule that is wrong once: the error names rule, key and what is
// allowed.
func TestRulesThatAreRefused(t *testing.T) {
	t.Parallel()
	with := func(pairs ...string) func(map[string]any) {
		return func(r map[string]any) {
			for i := 0; i < len(pairs); i += 2 {
				r[pairs[i]] = pairs[i+1]
			}
		}
	}
	for name, c := range map[string]struct {
		data []byte
		says string // "" where it is read
	}{
		"nothing wrong":                 {rule(nil), ""},
		"blanks before an array":        {[]byte(" \n[" + string(rule(nil)) + "]"), ""},
		"no rules":                      {[]byte("[]"), ""},
		"no JSON":                       {[]byte("{"), "reading rules"},
		"an unknown operator":           {rule(set("Logic", json.RawMessage(`{"or": [true, true]}`))), `rule "VR-VN-0001": key Logic: `},
		"no logic":                      {rule(func(r map[string]any) { delete(r, "Logic") }), "Logic: "},
		"another engine":                {rule(with("Engine", "JSONLOGIC")), "JSONLOGIC 0.7.5 is not CERTLOGIC up to"},
		"this engine":                   {rule(with("EngineVersion", certlogic.Version)), ""},
		"a later engine":                {rule(with("EngineVersion", "1.4.0")), "CERTLOGIC 1.4.0 is not CERTLOGIC up to " + certlogic.Version},
		"a version of two numbers":      {rule(with("Version", "1.0")), `"1.0" is not a version of three numbers`},
		"a version of four numbers":     {rule(with("Version", "1.0.0.0")), `"1.0.0.0" is not a version of three numbers`},
		"a version of words":            {rule(with("Version", "1.0.x")), `"1.0.x"`},
		"a version below zero":          {rule(with("SchemaVersion", "1.-1.0")), `"1.-1.0"`},
		"a version of 65535":            {rule(with("Version", "1.0.65535")), ""},
		"a version of 65536":            {rule(with("Version", "1.0.65536")), `"1.0.65536"`},
		"a free identifier":             {rule(with("Identifier", "my rule")), "Identifier: it is not of the form VR-DE-0003"},
		"an identifier with more":       {rule(with("Identifier", "VR-VN-00011")), "Identifier: it is not"},
		"an identifier with more ahead": {rule(with("Identifier", "XVR-VN-0001")), "Identifier: it is not"},
		"the identifier of a test rule": {rule(with("Identifier", "TR-VN-0001")), "Identifier: that of Acceptance rules for Vaccination begins with VR"},
		"of an invalidation":            {rule(with("Identifier", "IR-VN-0001")), "begins with VR"},
		"an invalidation as a rule":     {rule(with("Type", "Invalidation")), "begins with IR"},
		"an invalidation":               {rule(with("Type", "Invalidation", "Identifier", "IR-VN-0001")), ""},
		"a test rule":                   {rule(with("CertificateType", "Test", "Identifier", "TR-VN-0001")), ""},
		"a recovery rule":               {rule(with("CertificateType", "Recovery", "Identifier", "RR-VN-0001")), ""},
		"a general rule":                {rule(with("CertificateType", "General", "Identifier", "GR-VN-0001")), ""},
		"an unknown type":               {rule(with("Type", "Suggestion")), `Type: "Suggestion" is not Acceptance or Invalidation`},
		"an unknown certificate":        {rule(with("CertificateType", "Passport")), `CertificateType: "Passport" is not one of [General Recovery Test Vaccination]`},
		"an invalidation of unknown":    {rule(with("Type", "Invalidation", "Identifier", "IR-VN-0001", "CertificateType", "Passport")), `CertificateType: "Passport"`},
		"a country by its name":         {rule(with("Country", "Việt Nam")), `Country: "Việt Nam" is not a code of two letters`},
		"an end before the beginning":   {rule(with("ValidTo", "2025-01-01T00:00:00Z")), "ValidTo: it ends before it begins"},
		"an end at the beginning":       {rule(with("ValidTo", "2026-01-01T00:00:00Z")), "ValidTo: it ends before it begins"},
		"no beginning":                  {rule(func(r map[string]any) { delete(r, "ValidFrom") }), "ValidTo: it ends before it begins"},
		"one of two":                    {[]byte("[" + string(rule(nil)) + "," + string(rule(with("Engine", "", "Identifier", "VR-VN-0002"))) + "]"), `rule "VR-VN-0002": key Engine`},
	} {
		rules, err := policy.ParseRules(c.data)
		if (err == nil) != (c.says == "") || err != nil && (!strings.Contains(err.Error(), c.says) || rules != nil) {
			t.Errorf("%s: %v, want an error that says %q", name, err, c.says)
		}
	}
}

func TestRuleSetsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]fstest.MapFS{
		"a rule twice":        {"rules/a.json": {Data: rule(nil)}, "rules/b.json": {Data: rule(nil)}},
		"a broken rule":       {"rules/a.json": {Data: []byte("{}")}},
		"a broken policy":     {"policy.json": {Data: []byte("{}")}},
		"a value set twice":   {"valuesets/a.json": {Data: []byte(`{"a": ["x"]}`)}, "valuesets/b.json": {Data: []byte(`{"a": ["x"]}`)}},
		"an empty value set":  {"valuesets/a.json": {Data: []byte(`{"a": []}`)}},
		"a broken value set":  {"valuesets/a.json": {Data: []byte(`{"a": 1}`)}},
		"a value set of text": {"valuesets/a.json": {Data: []byte(`"a"`)}},
	} {
		if _, err := policy.Load(files); err == nil {
			t.Errorf("%s was loaded", name)
		}
	}
}

// TestNationalRules imports each national rule alone and judges
// the certificates of its tests that lie within its validity: the rule must be
// among the reasons exactly where it does not hold.
func TestNationalRules(t *testing.T) {
	t.Parallel()
	files := publicdata.Glob(t, "certlogic/rules/*/*/rule.json")
	agree, disagree, outside := 0, 0, 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		rules, err := policy.ParseRules(data)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		tests, err := filepath.Glob(filepath.Join(filepath.Dir(file), "tests", "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range tests {
			var test struct {
				Payload  map[string]any
				External struct {
					ValidationClock string
					ValueSets       json.RawMessage
				}
				Expected bool
			}
			data, err := os.ReadFile(name)
			if err == nil {
				err = json.Unmarshal(data, &test)
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			at := credential.ParseTime(test.External.ValidationClock)
			if at.IsZero() {
				at = rules[0].ValidFrom
			}
			if at.Before(rules[0].ValidFrom) || at.After(rules[0].ValidTo) {
				outside++
				continue
			}
			set := nationalRules(t, rules[0].Country, file, test.External.ValueSets)
			kind := map[policy.CertificateType]credential.EventKind{policy.Vaccination: "dose", policy.Testing: "test", policy.Recovered: "recovery"}[rules[0].CertificateType]
			v := set.Judge(policy.Input{Now: at, TrustAt: at, RulesAt: at}, &credential.Credential{
				Family: credential.EUDCC, Standing: credential.Signed, Payload: test.Payload, Events: []credential.Event{{Kind: kind}},
			})
			holds := true
			for _, r := range v.Reasons {
				holds = holds && r.Rule == ""
			}
			if holds != test.Expected {
				disagree++
				t.Errorf("%s: %s, want %v", name, codes(v), test.Expected)
				continue
			}
			agree++
		}
	}
	t.Logf("%d agree, %d disagree, %d lie outside their rule's validity", agree, disagree, outside)
}

func nationalRules(t testing.TB, country, ruleFile string, sets json.RawMessage) *policy.RuleSet {
	t.Helper()
	data, err := os.ReadFile(ruleFile)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{
		"policy.json":  []byte(strings.Replace(twoTogether, `"country": "VN"`, `"country": "`+country+`"`, 1)),
		"rules/r.json": data,
	}
	if len(sets) > 2 {
		files["valuesets/v.json"] = sets
	}
	return rulesOf(t, files)
}

// FuzzParseRules holds that what is read as rules can be judged by.
func FuzzParseRules(f *testing.F) {
	f.Add(rule(nil))
	f.Add([]byte("[]"))
	f.Add([]byte(`[{"Logic": {"var": 1}}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := policy.ParseRules(data); err != nil {
			return
		}
		rules, err := policy.Load(fstest.MapFS{"rules/r.json": {Data: data}})
		if err == nil {
			rules.Judge(fresh(), dcc(2))
		}
	})
}

// FuzzParsePolicy holds that what is read as a policy can be judged by, and
// never makes an unsigned code green.
func FuzzParsePolicy(f *testing.F) {
	f.Add([]byte(twoTogether))
	f.Add([]byte(`{"schema": 1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := policy.ParsePolicy(data); err != nil {
			return
		}
		rules, err := policy.Load(fstest.MapFS{"policy.json": {Data: data}})
		if err != nil {
			t.Fatal(err)
		}
		if v := rules.Judge(fresh(), idCard()); v.Level == policy.Green {
			t.Fatalf("%s", codes(v))
		}
		rules.Judge(fresh(), dcc(2), signed(test(ago(0, 1), "negative")))
	})
}

// BenchmarkJudgeWithRules judges a DCC by the rules of one country of the
// public test data, beside a bare verification of a signature for comparison.
func BenchmarkJudgeWithRules(b *testing.B) {
	root := publicdata.Folder(b, "certlogic")
	files := map[string][]byte{"policy.json": []byte(strings.Replace(twoTogether, `"country": "VN"`, `"country": "DE"`, 1))}
	rules, _ := filepath.Glob(filepath.Join(root, "rules", "DE", "*", "rule.json"))
	sets, _ := filepath.Glob(filepath.Join(root, "valuesets", "*.json"))
	for i, name := range append(rules, sets...) {
		data, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		folder := "rules"
		if i >= len(rules) {
			folder = "valuesets"
		}
		files[fmt.Sprintf("%s/%d.json", folder, i)] = data
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256([]byte("a certificate"))
	sig, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		b.Fatal(err)
	}
	set, in, c := rulesOf(b, files), fresh(), dcc(2)
	var judging, verifying time.Duration
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		ecdsa.VerifyASN1(&key.PublicKey, digest[:], sig)
		verified := time.Now()
		set.Judge(in, c)
		judging, verifying = judging+time.Since(verified), verifying+verified.Sub(start)
	}
	b.ReportMetric(float64(len(rules)), "rules")
	b.ReportMetric(float64(judging)/float64(b.N), "ns/verdict")
	b.ReportMetric(100*float64(judging)/float64(verifying), "%-of-a-verification")
}
