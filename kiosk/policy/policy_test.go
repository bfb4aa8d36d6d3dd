package policy_test

import (
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

func TestPoliciesThatAreRefused(t *testing.T) {
	t.Parallel()
	if _, err := policy.ParsePolicy([]byte(twoTogether)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, new, says string }{
		"a later schema":                {`"schema": 1`, `"schema": 2`, "schema 2"},
		"no version":                    {`"version": "2+"`, `"version": ""`, "no version"},
		"a misspelt limit":              {`"most": "PT24H"`, `"moost": "PT24H"`, "moost"},
		"a period of weeks":             {`"most": "PT24H"`, `"most": "P3W"`, "P3W"},
		"an unknown requirement":        {`["dose", "test"]`, `["dose", "tets"]`, "tets"},
		"an empty requirement":          {`["dose", "test"]`, `[]`, "empty"},
		"an unknown reason":             {`"test-too-old": "amber"`, `"test-to-old": "amber"`, "test-to-old"},
		"a forgery made amber":          {`"test-too-old": "amber"`, `"forged": "amber"`, "milder"},
		"an ID card made green":         {`"test-too-old": "amber"`, `"identified": "green"`, "milder"},
		"old trust data made green":     {`"test-too-old": "amber"`, `"trust-too-old": "green"`, "milder"},
		"an unknown level":              {`"test-too-old": "amber"`, `"test-too-old": "yellow"`, "yellow"},
		"no limit of freshness":         {`"trust": {"stale": "P3D", "tooOld": "P30D"}`, `"trust": {"stale": "P3D"}`, "freshness of trust"},
		"too old before it is stale":    {`"trust": {"stale": "P3D", "tooOld": "P30D"}`, `"trust": {"stale": "P3D", "tooOld": "PT24H"}`, "before it is stale"},
		"a regime that ends first":      {`"to": "2026-04-01`, `"to": "2026-01-01`, "ends before"},
		"a last regime for some places": {`"id": "else"`, `"id": "else", "places": ["1"]`, "the last one"},
		"a country by its name":         {`"country": "VN"`, `"country": "Việt Nam"`, "country"},
		"something behind the end":      {`"series": {"doses": 1}, "require": [["partial-dose"], ["test"]]}` + "\n\t]}", `"series": {"doses": 1}, "require": [["test"]]}]} {}`, "follows"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(twoTogether, c.old, c.new, 1)
			if text == twoTogether {
				t.Fatal("nothing was changed")
			}
			if _, err := policy.ParsePolicy([]byte(text)); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want one that says %q", err, c.says)
			}
		})
	}
}

func TestPeriods(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]policy.Period{
		"PT72H": {Clock: 72 * time.Hour}, "P14D": {Days: 14}, "P12M": {Months: 12}, "P1Y2M3DT4H5M": {Months: 14, Days: 3, Clock: 4*time.Hour + 5*time.Minute},
	} {
		var p policy.Period
		if err := p.UnmarshalText([]byte(text)); err != nil || p != want {
			t.Errorf("%s is %+v, %v", text, p, err)
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
