package policy_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"chot/kiosk/policy"

	"pgregory.net/rapid"
)

func mustLoad(t testing.TB, text string) *policy.RuleSet {
	t.Helper()
	rules, err := policy.Load(fstest.MapFS{"policy.json": {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// byDisease is a policy of the present schema with everything that it may have.
const byDisease = `{
	"schema": 2, "version": "v", "country": "VN",
	"freshness": {"trust": {"stale": "P3D", "tooOld": "P30D"}, "rules": {"stale": "P3D", "tooOld": "P30D"}},
	"regimes": [
		{"id": "gate", "places": ["298"], "from": "2026-02-01T00:00:00Z", "to": "2026-04-01T00:00:00Z", "skew": "PT5M",
		 "diseases": [
			{"id": "a", "codes": ["1", "2"], "dose": {"least": "P14D", "most": "P12M"}, "test": {"most": "PT24H"}, "positiveFor": "P14D",
			 "series": {"doses": 2, "products": {"x": 1}}, "vaccines": ["x", "y*"], "require": [["dose", "test"], ["recovery"]]},
			{"id": "b", "codes": ["3"], "series": {"doses": 1}, "require": [["partial-dose"]]}],
		 "accept": ["nzcp"], "levels": {"test-too-old": "amber"}},
		{"id": "else", "skew": "PT5M", "diseases": [{"id": "a", "codes": [], "series": {"doses": 1}, "require": [["visit"]]}]}
	]}`

// Each key that is wrong once: the error names it and says what is allowed.
func TestPoliciesThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{twoTogether, byDisease} {
		if _, err := policy.ParsePolicy([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct{ old, new, says string }{
		"no JSON":                       {`{`, `[`, "reading the policy"},
		"a later schema":                {`"schema": 2`, `"schema": 3`, "schema: 3 is not 1 or 2"},
		"no schema":                     {`"schema": 2, `, ``, "schema: 0 is not 1 or 2"},
		"no version":                    {`"version": "v"`, `"version": ""`, "version: it is empty"},
		"a country by its name":         {`"country": "VN"`, `"country": "Việt Nam"`, `country: "Việt Nam" is not a code of two letters`},
		"no regimes":                    {byDisease[strings.Index(byDisease, `"regimes"`):], `"regimes": []}`, "regimes: there must be one"},
		"a misspelt limit":              {`"most": "PT24H"`, `"moost": "PT24H"`, "moost"},
		"a period of weeks":             {`"most": "PT24H"`, `"most": "P3W"`, `regimes.0.diseases.0.test.most: "P3W" is not a period such as`},
		"an unknown level":              {`"test-too-old": "amber"`, `"test-too-old": "yellow"`, `regimes.0.levels.test-too-old: "yellow" is not a level: neutral, green, amber, red`},
		"an unknown reason":             {`"test-too-old": "amber"`, `"test-to-old": "amber"`, `regimes.0 ("gate"): levels: "test-to-old" is not a reason`},
		"a forgery made amber":          {`"test-too-old": "amber"`, `"forged": "amber"`, "levels.forged: amber is milder than red"},
		"an ID card made green":         {`"test-too-old": "amber"`, `"identified": "green"`, "levels.identified: green is milder than amber"},
		"old trust data made green":     {`"test-too-old": "amber"`, `"trust-too-old": "green"`, "milder than amber"},
		"an old test made neutral":      {`"test-too-old": "amber"`, `"test-too-old": "neutral"`, "neutral is milder than amber"},
		"no limit of trust":             {`"trust": {"stale": "P3D", "tooOld": "P30D"}`, `"trust": {"stale": "P3D"}`, "freshness.trust: stale and tooOld"},
		"no limit of rules":             {`"rules": {"stale": "P3D", "tooOld": "P30D"}`, `"rules": {"tooOld": "P3D"}`, "freshness.rules: stale and tooOld"},
		"too old before it is stale":    {`"rules": {"stale": "P3D", "tooOld": "P30D"}`, `"rules": {"stale": "P3D", "tooOld": "PT71H"}`, "freshness.rules: tooOld is before stale"},
		"half a limit of content":       {`"rules": {"stale": "P3D"`, `"trustContent": {"stale": "P3D"}, "rules": {"stale": "P3D"`, "freshness.trustContent: stale and tooOld"},
		"content too old before stale":  {`"rules": {"stale": "P3D"`, `"trustContent": {"stale": "P3D", "tooOld": "P2D"}, "rules": {"stale": "P3D"`, "freshness.trustContent: tooOld is before stale"},
		"a regime without id":           {`"id": "gate"`, `"id": ""`, `regimes.0 (""): id: it is empty`},
		"a regime that ends first":      {`"to": "2026-04-01`, `"to": "2026-01-01`, "to: it ends before it begins"},
		"a regime of no time":           {`"to": "2026-04-01`, `"to": "2026-02-01`, "to: it ends before it begins"},
		"a regime without diseases":     {`"diseases": [{"id": "a", "codes": [], "series": {"doses": 1}, "require": [["visit"]]}]`, `"diseases": []`, `regimes.1 ("else"): diseases: there must be one`},
		"a last regime for some places": {`"id": "else"`, `"id": "else", "places": ["1"]`, `regimes.1 ("else"): the last one`},
		"a last regime from some day":   {`"id": "else"`, `"id": "else", "from": "2026-01-01T00:00:00Z"`, "the last one"},
		"a last regime to some day":     {`"id": "else"`, `"id": "else", "to": "2026-01-01T00:00:00Z"`, "the last one"},
		"a misspelt family":             {`["nzcp"]`, `["nzcp", "eudcc"]`, `regimes.0 ("gate"): accept: "eudcc" is not a family of signed certificates: [eu-dcc`},
		"an ID card accepted":           {`["nzcp"]`, `["vn-id"]`, `accept: "vn-id"`},
		"a disease without id":          {`"id": "b"`, `"id": ""`, `diseases.1 (""): id: it is empty`},
		"a disease twice":               {`"id": "b"`, `"id": "a"`, `diseases.1: id: "a" stands twice`},
		"a code twice":                  {`["3"]`, `["1"]`, `diseases.1 ("b"): codes: "1" stands twice`},
		"an empty code":                 {`["3"]`, `[""]`, `codes: one is empty`},
		"a series of no dose":           {`"series": {"doses": 2`, `"series": {"doses": 0`, `diseases.0 ("a"): series.doses: 0 is not 1 or more`},
		"a product of no dose":          {`{"x": 1}`, `{"x": 0}`, "series.products.x: 0 is not 1 or more"},
		"an empty vaccine":              {`["x", "y*"]`, `["x", ""]`, `vaccines.1: "" is not a product`},
		"a broken vaccine":              {`["x", "y*"]`, `["[", "y*"]`, `vaccines.0: "[" is not a product`},
		"nothing required":              {`"require": [["partial-dose"]]`, `"require": []`, `diseases.1 ("b"): require: nothing is required`},
		"an unknown requirement":        {`["dose", "test"]`, `["dose", "tets"]`, `require.0: "tets" cannot be required: [dose partial-dose recovery test visit] can`},
		"an empty requirement":          {`["recovery"]`, `[]`, "require.1: it is empty"},
		"something behind the end":      {`"require": [["visit"]]}]}` + "\n\t]}", `"require": [["visit"]]}]}]} {}`, "after top-level value"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(byDisease, c.old, c.new, 1)
			if text == byDisease {
				t.Fatal("nothing was changed")
			}
			if p, err := policy.ParsePolicy([]byte(text)); err == nil || !strings.Contains(err.Error(), c.says) || !reflect.DeepEqual(p, policy.Policy{}) {
				t.Errorf("error %v, want one that says %q", err, c.says)
			}
		})
	}
	for name, c := range map[string]struct{ old, new, says string }{
		"of schema 1, a misspelt limit":  {`"most": "PT24H"`, `"moost": "PT24H"`, "moost"},
		"of schema 1, a period of weeks": {`"most": "PT24H"`, `"most": "P3W"`, `regimes.0.test.most: "P3W"`},
		"of schema 1, a requirement":     {`["dose", "test"]`, `["dose", "tets"]`, "tets"},
		"of schema 1, a key of schema 2": {`"series": {"doses": 2}`, `"series": {"doses": 2}, "vaccines": ["x"]`, "vaccines"},
	} {
		if _, err := policy.ParsePolicy([]byte(strings.Replace(twoTogether, c.old, c.new, 1))); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v, want one that says %q", name, err, c.says)
		}
	}
}

func TestPeriods(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]policy.Period{
		"PT72H": {Clock: 72 * time.Hour}, "P14D": {Days: 14}, "PT0M": {}, "PT90M": {Clock: 90 * time.Minute}, "P2Y": {Months: 24}, "P12M": {Months: 12}, "P1Y2M3DT4H5M": {Months: 14, Days: 3, Clock: 4*time.Hour + 5*time.Minute},
	} {
		var p policy.Period
		if err := p.UnmarshalText([]byte(text)); err != nil || p != want {
			t.Errorf("%s is %+v, %v", text, p, err)
		}
		var again policy.Period
		if out, err := p.MarshalText(); err != nil || again.UnmarshalText(out) != nil || again != p {
			t.Errorf("%s is written as %s, %v", text, out, err)
		}
	}
	for _, text := range []string{"", "P", "PT", "P1DT", "1D", "P-1D", "P1.5D", "P1W", "PT1S", "p1d", "P1D "} {
		var p policy.Period
		if err := p.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is read as %+v", text, p)
		}
	}
	end := time.Date(2026, 8, 31, 9, 0, 0, 0, time.UTC)
	if got, want := (policy.Period{Months: 6}).After(end), time.Date(2027, 2, 28, 9, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("six months after %v is %v, want %v", end, got, want)
	}
	rapid.Check(t, func(t *rapid.T) {
		p := policy.Period{Months: rapid.IntRange(0, 48).Draw(t, "months"), Days: rapid.IntRange(0, 60).Draw(t, "days")}
		at := now.AddDate(0, 0, rapid.IntRange(-2000, 2000).Draw(t, "at"))
		after := p.After(at)
		if after.Before(at) || p.IsZero() != after.Equal(at) || after.After(at.AddDate(0, 0, 31*p.Months+p.Days)) {
			t.Fatalf("%+v after %v is %v", p, at, after)
		}
	})
}

func TestReasonsAreListedOnce(t *testing.T) {
	t.Parallel()
	all := policy.Reasons()
	for i, r := range all {
		if r.Meaning == "" || r.Level < r.Least || i > 0 && all[i-1].Code == r.Code {
			t.Errorf("%+v", r)
		}
	}
	if !slices.ContainsFunc(all, func(r policy.ReasonCode) bool { return r.Code == policy.Forged }) {
		t.Error("forged is missing")
	}
}
