package policy_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/policy"
)

// vaccinated is a dose against yellow fever.
func vaccinated(at time.Time, product string) credential.Event {
	return credential.Event{Kind: credential.Dose, Disease: yellowFever, At: at, Product: product}
}

// A certificate of yellow fever is valid from the tenth day and for life, for a
// vaccine that WHO lists: International Health Regulations (2005), annexes 6 and 7
// as amended in 2014 and 2024.
func TestYellowFever(t *testing.T) {
	t.Parallel()
	const listed = "YellowFeverProductd2c75a15ed309658b3968519ddb31690"
	with := func(e credential.Event, change func(*credential.Event)) credential.Event {
		change(&e)
		return e
	}
	for name, c := range map[string]struct {
		events []credential.Event
		want   []policy.Reason
	}{
		"on the tenth day": {[]credential.Event{vaccinated(ago(10, 0), listed)}, []policy.Reason{{Code: policy.DoseValid, Level: policy.Green, Disease: "yellow-fever"}}},
		"a minute before": {[]credential.Event{vaccinated(ago(10, 0).Add(time.Minute), listed)}, []policy.Reason{
			{Code: policy.DoseTooRecent, Level: policy.Red, Disease: "yellow-fever", At: now.Add(time.Minute)},
		}},
		"of sixty years ago":     {[]credential.Event{vaccinated(now.AddDate(-60, 0, 0), listed)}, []policy.Reason{{Code: policy.DoseValid, Level: policy.Green, Disease: "yellow-fever"}}},
		"by CVX":                 {[]credential.Event{vaccinated(ago(100, 0), "37")}, []policy.Reason{{Code: policy.DoseValid, Level: policy.Green, Disease: "yellow-fever"}}},
		"another vaccine":        {[]credential.Event{vaccinated(ago(100, 0), "EU/1/20/1528")}, []policy.Reason{{Code: policy.VaccineUnlisted, Level: policy.Amber, Disease: "yellow-fever", Detail: "EU/1/20/1528"}}},
		"a vaccine without name": {[]credential.Event{vaccinated(ago(100, 0), "")}, []policy.Reason{{Code: policy.VaccineUnlisted, Level: policy.Amber, Disease: "yellow-fever"}}},
		"a day that cannot be read": {[]credential.Event{vaccinated(time.Time{}, listed)}, []policy.Reason{
			{Code: policy.ContentUnreadable, Level: policy.Amber, Disease: "yellow-fever", Detail: "at"},
		}},
		"past the certificate's own last day": {[]credential.Event{with(vaccinated(ago(100, 0), listed), func(e *credential.Event) { e.Until = ago(1, 0) })}, []policy.Reason{
			{Code: policy.DoseTooOld, Level: policy.Red, Disease: "yellow-fever", At: ago(1, 0)},
		}},
		"before the certificate's own first day": {[]credential.Event{with(vaccinated(ago(100, 0), listed), func(e *credential.Event) { e.From = ago(-1, 0) })}, []policy.Reason{
			{Code: policy.DoseTooRecent, Level: policy.Red, Disease: "yellow-fever", At: ago(-1, 0)},
		}},
		"on the certificate's own days": {[]credential.Event{with(vaccinated(ago(100, 0), listed), func(e *credential.Event) { e.From, e.Until = now, now })}, []policy.Reason{
			{Code: policy.DoseValid, Level: policy.Green, Disease: "yellow-fever"},
		}},
		"a test, which nothing asks for": {[]credential.Event{with(vaccinated(ago(100, 0), ""), func(e *credential.Event) { e.Kind, e.Result = credential.Test, "negative" })}, []policy.Reason{
			{Code: policy.NotAccepted, Level: policy.Amber},
		}},
		"yellow fever too recent, COVID-19 complete": {[]credential.Event{vaccinated(ago(2, 0), listed), dose(ago(100, 0), 2, 2)}, []policy.Reason{{Code: policy.DoseValid, Level: policy.Green, Disease: "covid-19"}}},
		"neither holds": {[]credential.Event{vaccinated(ago(2, 0), listed), dose(ago(500, 0), 2, 2)}, []policy.Reason{
			{Code: policy.DoseTooOld, Level: policy.Red, Disease: "covid-19", At: ago(500, 0).AddDate(0, 12, 0)},
			{Code: policy.DoseTooRecent, Level: policy.Red, Disease: "yellow-fever", At: ago(-8, 0)},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := policy.Default().Judge(fresh(), signed(c.events...))
			if !reflect.DeepEqual(v.Reasons, c.want) {
				t.Errorf("%+v, want %+v", v.Reasons, c.want)
			}
		})
	}
}

// What is there and cannot be read is not zero: where the verdict needs it a
// person must look, where it does not nothing is said.
func TestUnknownIsNotZero(t *testing.T) {
	t.Parallel()
	unread := func(e credential.Event, f credential.Fields) credential.Event {
		e.Unread = f
		return e
	}
	until := func(e credential.Event, at time.Time) credential.Event {
		e.Until = at
		return e
	}
	for name, c := range map[string]struct {
		events []credential.Event
		want   string
	}{
		"a dose's day":                          {[]credential.Event{unread(dose(time.Time{}, 2, 2), credential.FieldAt)}, "amber: content-unreadable at"},
		"a dose without a day":                  {[]credential.Event{dose(time.Time{}, 2, 2)}, "amber: content-unreadable at"},
		"a dose's number":                       {[]credential.Event{unread(dose(ago(100, 0), 0, 2), credential.FieldNumber)}, "amber: content-unreadable number"},
		"a number that does not matter":         {[]credential.Event{unread(dose(ago(100, 0), 0, 1), credential.FieldNumber)}, "green: dose-valid"},
		"the length of a series":                {[]credential.Event{unread(dose(ago(100, 0), 1, 0), credential.FieldOf)}, "amber: content-unreadable of"},
		"an old dose's number":                  {[]credential.Event{unread(dose(ago(500, 0), 0, 2), credential.FieldNumber)}, "red: dose-too-old"},
		"a test's time":                         {[]credential.Event{unread(test(time.Time{}, "negative"), credential.FieldAt)}, "amber: content-unreadable at"},
		"a positive test's time":                {[]credential.Event{unread(test(time.Time{}, "positive"), credential.FieldAt)}, "amber: content-unreadable at"},
		"a test's result":                       {[]credential.Event{unread(test(ago(0, 5), ""), credential.FieldResult)}, "amber: content-unreadable result"},
		"a test without a result":               {[]credential.Event{test(ago(0, 5), "")}, "amber: test-inconclusive"},
		"an old test's result":                  {[]credential.Event{unread(test(ago(30, 0), ""), credential.FieldResult)}, "red: test-too-old"},
		"a recovery's day":                      {[]credential.Event{unread(recovery(time.Time{}), credential.FieldAt)}, "amber: content-unreadable at"},
		"a recovery's last day":                 {[]credential.Event{unread(recovery(ago(30, 0)), credential.FieldUntil)}, "amber: content-unreadable until"},
		"a recovery's first day":                {[]credential.Event{unread(recovery(ago(30, 0)), credential.FieldFrom)}, "amber: content-unreadable from"},
		"a recovery on its last day":            {[]credential.Event{until(recovery(ago(30, 0)), now)}, "green: recovery-valid"},
		"a recovery after its last day":         {[]credential.Event{until(recovery(ago(30, 0)), now.Add(-time.Second))}, "red: recovery-too-old"},
		"a disease":                             {[]credential.Event{unread(but3(dose(ago(100, 0), 2, 2), ""), credential.FieldDisease)}, "amber: content-unreadable disease"},
		"fields that are read after all":        {[]credential.Event{unread(dose(ago(100, 0), 2, 2), credential.FieldAt|credential.FieldNumber|credential.FieldOf|credential.FieldResult|credential.FieldDisease|credential.FieldMethod)}, "green: dose-valid"},
		"an unreadable dose beside an old one":  {[]credential.Event{dose(ago(500, 0), 2, 2), unread(dose(time.Time{}, 2, 2), credential.FieldAt)}, "amber: content-unreadable at"},
		"an old dose behind an unreadable one":  {[]credential.Event{unread(dose(time.Time{}, 2, 2), credential.FieldAt), dose(ago(500, 0), 2, 2)}, "amber: content-unreadable at"},
		"an unreadable dose beside a good test": {[]credential.Event{unread(dose(time.Time{}, 2, 2), credential.FieldAt), test(ago(0, 5), "negative")}, "green: test-negative"},
	} {
		v := policy.Default().Judge(fresh(), signed(c.events...))
		got := codes(v)
		if d := v.Reasons[0].Detail; d != "" {
			got += " " + d
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// A policy without limits asks for no day, but for none in the future either.
func TestAPolicyWithoutLimits(t *testing.T) {
	t.Parallel()
	rules := mustLoad(t, strings.Replace(twoTogether, `"test": {"most": "PT72H"}`, `"test": {}`, 1))
	in := fresh()
	for want, e := range map[string]credential.Event{
		"green: test-negative":     test(time.Time{}, "negative"),
		"red: test-too-recent":     test(now.Add(6*time.Minute), "negative"),
		"amber: test-inconclusive": test(ago(500, 0), "x"),
	} {
		if got := codes(rules.Judge(in, signed(e))); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// The steps to a verdict, whole: each question once, in the order of asking.
func TestExplain(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, map[string][]byte{
		"rules/a.json":     rule(nil),
		"rules/b.json":     rule(set("Identifier", "VR-VN-0002")),
		"rules/c.json":     rule(func(r map[string]any) { r["Identifier"], r["SchemaVersion"] = "VR-VN-0003", "2.0.0" }),
		"policy.json":      []byte(twoTogether),
		"valuesets/x.json": []byte(`{"x": ["y"]}`),
	})
	in := policy.Input{Now: now, Place: []string{"298"}, TrustAt: now, RulesAt: ago(4, 0), TrustVersion: "t1", Revoked: func(*credential.Credential) bool { return false }}
	cert := dcc(1)
	cert.Events = append(cert.Events, test(ago(0, 30), "negative"))
	v, steps := rules.Explain(in, cert, idCard())
	if got := codes(v); got != "red: rule-failed rule-failed rule-undecided needs-dose test-too-old" && v.Level != policy.Red {
		t.Errorf("judged %s", got)
	}
	want := []string{
		"1 standing eu-dcc: signed",
		"1 revoked : false",
		"1 event dose, 2/2, disease 840539006, at 2025-11-21T12:00:00Z: dose-valid",
		"1 event test, disease 840539006, result negative, at 2026-02-28T06:00:00Z: test-too-old",
		"1 rule VR-VN-0001 1.0.0: rule-failed",
		"1 rule VR-VN-0002 1.0.0: rule-failed",
		"1 rule VR-VN-0003 1.0.0: rule-undecided: the certificate follows another schema",
		"2 standing vn-id: self-declared",
		"0 require covid-19: dose and test: lacks 2",
		"0 require covid-19: test and recovery: lacks 2",
		"0 holder vn-id: holder-matches",
		"0 freshness trust t1: fresh",
		"0 freshness rules 2+: stale",
	}
	var got []string
	for _, s := range steps {
		got = append(got, fmt.Sprintf("%d %s %s: %s", s.Code, s.Asked, s.About, s.Answer))
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("asked was\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	out, err := json.Marshal(steps[0])
	if err != nil || string(out) != `{"code":1,"asked":"standing","about":"eu-dcc","answer":"signed"}` {
		t.Errorf("%s, %v", out, err)
	}
	if _, steps := rules.Explain(in); steps == nil {
		t.Error("no steps is null in JSON, not a list")
	}
}

// The times of reasons, for words that a visitor can act on.
func TestReasonsSayWhen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cred *credential.Credential
		code string
		want time.Time
	}{
		"a dose that holds in four days": {signed(dose(ago(10, 0), 2, 2)), policy.DoseTooRecent, ago(-4, 0)},
		"a dose that held until":         {signed(dose(now.AddDate(-2, 0, 0), 2, 2)), policy.DoseTooOld, now.AddDate(-1, 0, 0)},
		"a test that held until":         {signed(test(ago(0, 80), "negative")), policy.TestTooOld, ago(0, 8)},
		"a positive test":                {signed(test(ago(4, 0), "positive")), policy.TestPositive, ago(-10, 0)},
		"expired":                        {but(signed(dose(ago(100, 0), 2, 2)), expired), policy.Expired, ago(1, 0)},
		"not yet valid":                  {but(signed(), func(c *credential.Credential) { c.NotBefore = ago(-2, 0) }), policy.NotYetValid, ago(-2, 0)},
		"issued in the future":           {but(signed(), func(c *credential.Credential) { c.IssuedAt = ago(-3, 0) }), policy.NotYetValid, ago(-3, 0)},
		"an insurance card":              {but(idCard(), expired), policy.DocumentExpired, ago(1, 0)},
		"complete":                       {signed(dose(ago(100, 0), 2, 2)), policy.DoseValid, time.Time{}},
	} {
		v := policy.Default().Judge(fresh(), c.cred)
		found := false
		for _, r := range v.Reasons {
			if r.Code == c.code {
				found = true
				if !r.At.Equal(c.want) {
					t.Errorf("%s: at %v, want %v", name, r.At, c.want)
				}
			}
		}
		if !found {
			t.Errorf("%s: %s", name, codes(v))
		}
		if out, err := json.Marshal(v.Reasons); err != nil || strings.Contains(string(out), "At") {
			t.Errorf("%s: %s, %v", name, out, err)
		}
	}
}

// A policy of schema 1 judges as the same of schema 2.
func TestSchema1(t *testing.T) {
	t.Parallel()
	old, err := policy.ParsePolicy([]byte(twoTogether))
	if err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(old)
	if err != nil {
		t.Fatal(err)
	}
	again, err := policy.ParsePolicy(out)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(old, again) {
		t.Errorf("%+v came back as %+v", old, again)
	}
	period := func(hours int) policy.Period { return policy.Period{Clock: time.Duration(hours) * time.Hour} }
	first := old.Regimes[0]
	if first.ID != "hospital" || !reflect.DeepEqual(first.Places, []string{"298", "HD-01"}) || first.Skew != (policy.Period{Clock: 5 * time.Minute}) ||
		!first.From.Equal(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)) || !first.To.Equal(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)) ||
		first.Levels["test-too-old"] != policy.Amber || len(first.Diseases) != 1 {
		t.Errorf("%+v", first)
	}
	d := first.Diseases[0]
	if d.ID != "covid-19" || !reflect.DeepEqual(d.Codes, []string{covid}) || d.Dose.Least != (policy.Period{Days: 14}) || d.Dose.Most != (policy.Period{Months: 12}) ||
		d.Test.Most != period(24) || d.PositiveFor != (policy.Period{Days: 14}) || d.Series.Doses != 2 ||
		!reflect.DeepEqual(d.Require, [][]policy.Kind{{policy.Dose, policy.Test}, {policy.Recovery, policy.Test}}) {
		t.Errorf("%+v", d)
	}
}
