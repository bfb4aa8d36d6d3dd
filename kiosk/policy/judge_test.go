package policy_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/shc"
	"chot/kiosk/policy"

	"pgregory.net/rapid"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const covid = "840539006"

// fresh is an input whose data is as new as can be.
func fresh() policy.Input { return policy.Input{Now: now, TrustAt: now, RulesAt: now} }

func ago(days, hours int) time.Time {
	return now.AddDate(0, 0, -days).Add(-time.Duration(hours) * time.Hour)
}

var thu = credential.Holder{Name: "Nguyễn Thị Thử", Latin: "NGUYEN THI THU", Birth: credential.Date{Year: 1985, Month: 9, Day: 5}}

// signed is a valid certificate with these events.
func signed(events ...credential.Event) *credential.Credential {
	return &credential.Credential{
		Family: credential.EUDCC, Standing: credential.Signed, Holder: thu, Events: events,
		IssuedAt: ago(200, 0), NotAfter: now.AddDate(1, 0, 0),
	}
}

func but(c *credential.Credential, change func(*credential.Credential)) *credential.Credential {
	change(c)
	return c
}

func dose(at time.Time, number, of int) credential.Event {
	return credential.Event{Kind: credential.Dose, Disease: covid, At: at, Number: number, Of: of}
}

func test(at time.Time, result string) credential.Event {
	return credential.Event{Kind: credential.Test, Disease: covid, At: at, Result: result}
}

func recovery(at time.Time) credential.Event {
	return credential.Event{Kind: credential.Recovery, Disease: covid, At: at}
}

func visit(result string) credential.Event {
	return credential.Event{Kind: credential.Visited, At: ago(0, 1), Result: result}
}

func idCard() *credential.Credential {
	return &credential.Credential{Family: credential.VNID, Standing: credential.SelfDeclared, Holder: thu}
}

// codes writes a verdict as "level: code code", the gravest first.
func codes(v policy.Verdict) string {
	var c []string
	for _, r := range v.Reasons {
		c = append(c, r.Code)
	}
	return v.Level.String() + ": " + strings.Join(c, " ")
}

func TestShippedPolicy(t *testing.T) {
	t.Parallel()
	type creds = []*credential.Credential
	stale, old, unknown, revoked := fresh(), fresh(), fresh(), fresh()
	stale.TrustAt = ago(4, 0)
	old.RulesAt = ago(91, 0)
	unknown.TrustAt = time.Time{}
	revoked.Revoked = func(*credential.Credential) bool { return true }
	for name, c := range map[string]struct {
		in    policy.Input
		shown creds
		want  string
	}{
		"a complete vaccination":                  {fresh(), creds{signed(dose(ago(100, 0), 2, 2))}, "green: dose-valid"},
		"14 days after the last dose":             {fresh(), creds{signed(dose(ago(14, 0), 2, 2))}, "green: dose-valid"},
		"a minute short of 14 days":               {fresh(), creds{signed(dose(ago(14, 0).Add(time.Minute), 2, 2))}, "red: dose-too-recent"},
		"12 months after the last dose":           {fresh(), creds{signed(dose(now.AddDate(-1, 0, 0), 2, 2))}, "green: dose-valid"},
		"a minute more than 12 months":            {fresh(), creds{signed(dose(now.AddDate(-1, 0, 0).Add(-time.Minute), 2, 2))}, "red: dose-too-old"},
		"the first of two doses":                  {fresh(), creds{signed(dose(ago(100, 0), 1, 2))}, "red: dose-incomplete"},
		"two doses without numbers":               {fresh(), creds{signed(dose(ago(100, 0), 0, 0), dose(ago(60, 0), 0, 0))}, "green: dose-valid"},
		"one dose without a number":               {fresh(), creds{signed(dose(ago(100, 0), 0, 0))}, "red: dose-incomplete"},
		"a vaccine of a single dose":              {fresh(), creds{signed(but2(dose(ago(100, 0), 0, 0), "212"))}, "green: dose-valid"},
		"an old first and a good second dose":     {fresh(), creds{signed(dose(ago(500, 0), 1, 2), dose(ago(100, 0), 2, 2))}, "green: dose-valid"},
		"a negative test":                         {fresh(), creds{signed(test(ago(0, 71), "negative"))}, "green: test-negative"},
		"a negative test of 72 hours":             {fresh(), creds{signed(test(ago(3, 0), "negative"))}, "green: test-negative"},
		"a negative test of 73 hours":             {fresh(), creds{signed(test(ago(0, 73), "negative"))}, "red: test-too-old"},
		"a test of tomorrow":                      {fresh(), creds{signed(test(ago(-1, 0), "negative"))}, "red: test-too-recent"},
		"a test by a clock that is ahead":         {fresh(), creds{signed(test(now.Add(time.Minute), "negative"))}, "green: test-negative"},
		"a positive test":                         {fresh(), creds{signed(test(ago(0, 20), "positive"))}, "red: test-positive"},
		"a positive test of last week":            {fresh(), creds{signed(test(ago(7, 0), "positive"))}, "red: test-positive"},
		"a positive test of last year":            {fresh(), creds{signed(test(ago(300, 0), "positive"))}, "red: test-too-old"},
		"a test without a result":                 {fresh(), creds{signed(test(ago(0, 20), "undetermined"))}, "amber: test-inconclusive"},
		"a recovery":                              {fresh(), creds{signed(recovery(ago(100, 0)))}, "green: recovery-valid"},
		"a recovery of seven months ago":          {fresh(), creds{signed(recovery(now.AddDate(0, -7, 0)))}, "red: recovery-too-old"},
		"another kiosk's slip":                    {fresh(), creds{signed(visit("green"))}, "green: slip-accepted"},
		"a slip that says amber":                  {fresh(), creds{signed(visit("amber"))}, "amber: slip-amber"},
		"a slip that says red":                    {fresh(), creds{signed(visit("red"))}, "red: slip-red"},
		"a vaccination against another disease":   {fresh(), creds{signed(but3(dose(ago(100, 0), 1, 1), "36989005"))}, "amber: other-disease"},
		"a menu beside a good certificate":        {fresh(), creds{signed(dose(ago(100, 0), 2, 2)), {Family: credential.NoFamily}}, "green: dose-valid"},
		"a menu beside a forged certificate":      {fresh(), creds{{Standing: credential.Forged}, {Family: credential.NoFamily}}, "red: forged"},
		"a menu with data of unknown age":         {policy.Input{Now: now}, creds{{Family: credential.NoFamily}}, "neutral: not-a-credential"},
		"a certificate of nothing":                {fresh(), creds{signed()}, "amber: no-event"},
		"a pass without events":                   {fresh(), creds{but(signed(), family(credential.NZCP))}, "green: pass-accepted"},
		"forged":                                  {fresh(), creds{{Family: credential.EUDCC, Standing: credential.Forged, Problem: "signature"}}, "red: forged"},
		"an unknown issuer":                       {fresh(), creds{but(signed(dose(ago(100, 0), 2, 2)), standing(credential.UnknownIssuer))}, "amber: unknown-issuer"},
		"an expired one of an unknown issuer":     {fresh(), creds{but(but(signed(), expired), standing(credential.UnknownIssuer))}, "red: expired unknown-issuer"},
		"content that is not to its schema":       {fresh(), creds{but(signed(dose(ago(100, 0), 2, 2)), func(c *credential.Credential) { c.Problem = credential.Schema })}, "amber: content-doubtful dose-valid"},
		"expired":                                 {fresh(), creds{but(signed(dose(ago(100, 0), 2, 2)), expired)}, "red: expired"},
		"not yet valid":                           {fresh(), creds{but(signed(dose(ago(100, 0), 2, 2)), func(c *credential.Credential) { c.NotBefore = ago(-1, 0) })}, "red: not-yet-valid"},
		"issued tomorrow":                         {fresh(), creds{but(signed(dose(ago(100, 0), 2, 2)), func(c *credential.Credential) { c.IssuedAt = ago(-1, 0) })}, "red: not-yet-valid"},
		"revoked":                                 {revoked, creds{signed(dose(ago(100, 0), 2, 2))}, "red: revoked"},
		"an ID card":                              {fresh(), creds{idCard()}, "amber: identified"},
		"an ID card that contradicts itself":      {fresh(), creds{but(idCard(), func(c *credential.Credential) { c.Problem = "number-mismatch" })}, "amber: identified document-doubtful"},
		"an insurance card of last year":          {fresh(), creds{but(idCard(), expired)}, "amber: identified document-expired"},
		"an ID card with data of unknown age":     {policy.Input{Now: now}, creds{idCard()}, "amber: identified"},
		"a place's code":                          {fresh(), creds{{Family: credential.Place, Standing: credential.SelfDeclared}}, "amber: place-code"},
		"an app's code of a person":               {fresh(), creds{but(idCard(), family(credential.Place))}, "amber: identified"},
		"a staff badge":                           {fresh(), creds{but(signed(), family(credential.Badge))}, "amber: staff-badge"},
		"a provisioning code":                     {fresh(), creds{but(signed(), family(credential.Sheet))}, "amber: provisioning-code"},
		"no credential":                           {fresh(), creds{{Family: credential.NoFamily}}, "neutral: not-a-credential"},
		"nothing":                                 {fresh(), nil, "neutral: not-a-credential"},
		"stale trust data":                        {stale, creds{signed(dose(ago(100, 0), 2, 2))}, "amber: trust-stale dose-valid"},
		"rules that are too old":                  {old, creds{signed(dose(ago(100, 0), 2, 2))}, "amber: rules-too-old dose-valid"},
		"trust data of unknown age":               {unknown, creds{signed(dose(ago(100, 0), 2, 2))}, "amber: trust-too-old dose-valid"},
		"stale trust data and a forgery":          {stale, creds{{Standing: credential.Forged}}, "red: forged trust-stale"},
		"an old dose and a good test":             {fresh(), creds{signed(dose(ago(500, 0), 2, 2)), signed(test(ago(0, 5), "negative"))}, "green: test-negative"},
		"a good dose and a positive test":         {fresh(), creds{signed(dose(ago(100, 0), 2, 2)), signed(test(ago(0, 5), "positive"))}, "red: test-positive dose-valid"},
		"another person's test":                   {fresh(), creds{signed(dose(ago(100, 0), 2, 2)), but(signed(test(ago(0, 5), "negative")), ofAnother)}, "amber: holder-mismatch dose-valid"},
		"a certificate and its holder's ID card":  {fresh(), creds{signed(dose(ago(100, 0), 2, 2)), idCard()}, "green: dose-valid holder-matches"},
		"an ID card, then the certificate":        {fresh(), creds{idCard(), signed(dose(ago(100, 0), 2, 2))}, "green: dose-valid holder-matches"},
		"a certificate and another's ID card":     {fresh(), creds{signed(dose(ago(100, 0), 2, 2)), but(idCard(), ofAnother)}, "amber: holder-mismatch dose-valid"},
		"a good certificate and a forged one":     {fresh(), creds{signed(dose(ago(100, 0), 2, 2)), {Standing: credential.Forged}}, "red: forged dose-valid"},
		"a good certificate and an ID card twice": {fresh(), creds{signed(dose(ago(100, 0), 2, 2)), idCard(), idCard()}, "green: dose-valid holder-matches"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := policy.Default().Judge(c.in, c.shown...)
			if got := codes(v); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			if !v.At.Equal(now) {
				t.Errorf("made at %v", v.At)
			}
		})
	}
}

func expired(c *credential.Credential) { c.NotAfter = ago(1, 0) }

func family(f credential.FamilyID) func(*credential.Credential) {
	return func(c *credential.Credential) { c.Family = f }
}

func standing(s credential.Standing) func(*credential.Credential) {
	return func(c *credential.Credential) { c.Standing = s }
}

func ofAnother(c *credential.Credential) {
	c.Holder = credential.Holder{Latin: "TRAN VAN MAU", Birth: thu.Birth}
}

func but2(e credential.Event, product string) credential.Event {
	e.Product = product
	return e
}

func but3(e credential.Event, disease string) credential.Event {
	e.Disease = disease
	return e
}

const twoTogether = `{
	"schema": 1, "version": "2+", "country": "VN",
	"freshness": {"trust": {"stale": "P3D", "tooOld": "P30D"}, "rules": {"stale": "P3D", "tooOld": "P30D"}},
	"regimes": [
		{"id": "hospital", "places": ["298", "HD-01"], "from": "2026-02-01T00:00:00Z", "to": "2026-04-01T00:00:00Z",
		 "diseases": ["840539006"], "skew": "PT5M", "dose": {"least": "P14D", "most": "P12M"}, "test": {"most": "PT24H"},
		 "recovery": {}, "positiveFor": "P14D", "series": {"doses": 2},
		 "require": [["dose", "test"], ["recovery", "test"]], "levels": {"test-too-old": "amber"}},
		{"id": "else", "diseases": ["840539006"], "skew": "PT5M", "dose": {}, "test": {"most": "PT72H"}, "recovery": {},
		 "positiveFor": "P14D", "series": {"doses": 1}, "require": [["partial-dose"], ["test"]]}
	]}`

func TestPolicyOfTheDayAndThePlace(t *testing.T) {
	t.Parallel()
	rules := mustLoad(t, twoTogether)
	in := func(now time.Time, place ...string) policy.Input {
		return policy.Input{Now: now, Place: place, TrustAt: now, RulesAt: now}
	}
	good, firstDose := signed(dose(ago(100, 0), 2, 2)), signed(dose(ago(100, 0), 1, 2))
	for name, c := range map[string]struct {
		in    policy.Input
		shown []*credential.Credential
		want  string
	}{
		"a dose asks for a test":            {in(now, "11074", "298"), list(good), "amber: needs-test dose-valid"},
		"a test asks for a dose":            {in(now, "298"), list(signed(test(ago(0, 5), "negative"))), "amber: needs-dose test-negative"},
		"both together":                     {in(now, "298"), list(good, signed(test(ago(0, 5), "negative"))), "green: dose-valid test-negative"},
		"recovered and tested":              {in(now, "HD-01"), list(signed(recovery(ago(5, 0))), signed(test(ago(0, 5), "negative"))), "green: test-negative recovery-valid"},
		"a test that is too old here":       {in(now, "298"), list(good, signed(test(ago(0, 25), "negative"))), "amber: test-too-old dose-valid"},
		"one dose is enough elsewhere":      {in(now, "299"), list(firstDose), "green: dose-valid"},
		"a slip is not what is asked for":   {in(now, "299"), list(signed(visit("green"))), "amber: not-accepted"},
		"before the day":                    {in(now.AddDate(0, -2, 0), "298"), list(signed(dose(now.AddDate(-1, 0, 0), 1, 2))), "green: dose-valid"},
		"the last second before the end":    {in(time.Date(2026, 3, 31, 23, 59, 59, 0, time.UTC), "298"), list(good), "amber: needs-test dose-valid"},
		"the end":                           {in(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), "298"), list(good), "green: dose-valid"},
		"the other clock runs ahead a bit":  {in(now, "298"), list(but(signed(dose(ago(100, 0), 2, 2)), func(c *credential.Credential) { c.IssuedAt = now.Add(4 * time.Minute) })), "amber: needs-test dose-valid"},
		"the other clock runs ahead by far": {in(now, "298"), list(but(signed(dose(ago(100, 0), 2, 2)), func(c *credential.Credential) { c.IssuedAt = now.Add(6 * time.Minute) })), "red: not-yet-valid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := codes(rules.Judge(c.in, c.shown...)); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func list(c ...*credential.Credential) []*credential.Credential { return c }

func TestAVerdictSaysNothingAboutThePerson(t *testing.T) {
	t.Parallel()
	c := signed(dose(ago(100, 0), 2, 2))
	c.ID, c.Holder.Document = "URN:UVCI:SECRET", "SECRET"
	out, err := json.Marshal(policy.Default().Judge(fresh(), c, idCard()))
	if err != nil {
		t.Fatal(err)
	}
	for _, private := range []string{"SECRET", "NGUYEN", "Thử", "1985"} {
		if strings.Contains(string(out), private) {
			t.Errorf("%q stands in %s", private, out)
		}
	}
}

// flaw is one thing that keeps a certificate that would pass from passing, and
// what the verdict is then.
type flaw struct {
	name string
	in   func(*policy.Input)
	cred func(*credential.Credential)
	want string
}

var flaws = []flaw{
	{"none", nil, nil, ""},
	{"forged", nil, standing(credential.Forged), "red: forged"},
	{"unknown issuer", nil, standing(credential.UnknownIssuer), "amber: unknown-issuer"},
	{"not a document", nil, standing(0), "neutral: not-a-credential"},
	{"unreadable", nil, standing(credential.Unreadable), "amber: content-unreadable"},
	{"one part of several", nil, func(c *credential.Credential) { c.Standing, c.Problem = credential.Unreadable, shc.Incomplete }, "amber: part-missing"},
	{"a key of another use", nil, func(c *credential.Credential) { c.Standing, c.Problem = credential.UnknownIssuer, credential.KeyUsage }, "red: key-usage"},
	{"a link", nil, func(c *credential.Credential) {
		c.Events, c.Link = nil, &credential.Link{URL: "https://health.example/x", Label: "Thẻ"}
	}, "amber: verifiable-link"},
	{"a link that has ended", nil, func(c *credential.Credential) {
		c.Events, c.Link = nil, &credential.Link{URL: "https://health.example/x", Until: ago(0, 1)}
	}, "red: expired verifiable-link"},
	{"expired", nil, func(c *credential.Credential) { c.NotAfter = now.Add(-time.Second) }, "red: expired"},
	{"not yet valid", nil, func(c *credential.Credential) { c.NotBefore = now.Add(6 * time.Minute) }, "red: not-yet-valid"},
	{"issued later", nil, func(c *credential.Credential) { c.IssuedAt = now.Add(6 * time.Minute) }, "red: not-yet-valid"},
	{"revoked", func(in *policy.Input) { in.Revoked = func(*credential.Credential) bool { return true } }, nil, "red: revoked"},
	{"a badge", nil, family(credential.Badge), "amber: staff-badge"},
	{"doubtful", nil, func(c *credential.Credential) { c.Problem = credential.Schema }, "amber: content-doubtful"},
	{"no events", nil, func(c *credential.Credential) { c.Events = nil }, "amber: no-event"},
	{"another disease", nil, func(c *credential.Credential) {
		for i := range c.Events {
			c.Events[i].Disease = "36989005"
		}
	}, "amber: other-disease"},
	{"events of the future", nil, func(c *credential.Credential) {
		for i := range c.Events {
			c.Events[i].At = now.Add(6 * time.Minute)
		}
	}, "red: "},
	{"stale trust", func(in *policy.Input) { in.TrustAt = ago(3, 1) }, nil, "amber: trust-stale"},
	{"old trust", func(in *policy.Input) { in.TrustAt = ago(30, 1) }, nil, "amber: trust-too-old"},
	{"trust of unknown age", func(in *policy.Input) { in.TrustAt = time.Time{} }, nil, "amber: trust-too-old"},
	{"stale rules", func(in *policy.Input) { in.RulesAt = ago(7, 1) }, nil, "amber: rules-stale"},
	{"old rules", func(in *policy.Input) { in.RulesAt = ago(90, 1) }, nil, "amber: rules-too-old"},
}

// passing draws a certificate that passes by the shipped policy.
var passing = rapid.Custom(func(t *rapid.T) *credential.Credential {
	within := func(least, most time.Duration) time.Time {
		return now.Add(-least - time.Duration(rapid.Int64Range(0, int64(most-least)).Draw(t, "age")))
	}
	const day = 24 * time.Hour
	c := signed()
	c.Family = rapid.SampledFrom([]credential.FamilyID{credential.EUDCC, credential.SHC, credential.WHODVC, credential.VDSNC}).Draw(t, "family")
	c.NotAfter = now.Add(time.Duration(rapid.Int64Range(0, int64(1000*day)).Draw(t, "left")))
	var e credential.Event
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		of := rapid.IntRange(1, 4).Draw(t, "of")
		e = dose(within(14*day, 365*day), rapid.IntRange(of, 5).Draw(t, "number"), of)
	case 1:
		e = test(within(-5*time.Minute, 72*time.Hour), "negative")
	case 2:
		e = recovery(within(0, 180*day))
	case 3:
		e = but3(dose(within(10*day, 30000*day), rapid.IntRange(0, 2).Draw(t, "number"), 0), yellowFever)
		e.Product = "YellowFeverProduct1"
	}
	if e.Disease == covid && rapid.Bool().Draw(t, "unnamed") {
		e.Disease = ""
	}
	c.Events = append(c.Events, e)
	return c
})

const yellowFever = "16541001"

// TestOnlyProofIsGreen draws certificates that pass, and with one flaw: they are
// green exactly if they have none, and each flaw gives its own reason first.
// The good case is every nineteenth by the draw; how often it came is checked.
func TestOnlyProofIsGreen(t *testing.T) {
	t.Parallel()
	rules := policy.Default()
	drawn := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		c, in := passing.Draw(t, "certificate"), fresh()
		if v := rules.Judge(in, c); v.Level != policy.Green {
			t.Fatalf("%s, without a flaw", codes(v))
		}
		drawn["green"]++
		f := rapid.SampledFrom(flaws).Draw(t, "flaw")
		if f.in != nil {
			f.in(&in)
		}
		if f.cred != nil {
			f.cred(c)
		}
		drawn[f.name]++
		if v := rules.Judge(in, c); f.want != "" && !strings.HasPrefix(codes(v), f.want) {
			t.Fatalf("%s: %s, want %s", f.name, codes(v), f.want)
		}
		// What is shown beside it never makes it green.
		for _, other := range []*credential.Credential{idCard(), {}, {Family: credential.Place, Standing: credential.SelfDeclared}} {
			if v := rules.Judge(in, c, other); f.want != "" && v.Level == policy.Green {
				t.Fatalf("%s: %s beside %v", f.name, codes(v), other.Family)
			}
		}
	})
	t.Logf("drawn: %v", drawn)
	if drawn["green"] < 100 {
		t.Errorf("only %d green verdicts", drawn["green"])
	}
	for _, f := range flaws {
		c, in := signed(dose(ago(100, 0), 2, 2)), fresh()
		if f.in != nil {
			f.in(&in)
		}
		if f.cred != nil {
			f.cred(c)
		}
		if v := rules.Judge(in, c); f.want != "" && !strings.HasPrefix(codes(v), f.want) || f.want == "" && v.Level != policy.Green {
			t.Errorf("%s: %s, want %s", f.name, codes(v), f.want)
		}
	}
}

// TestAVerdictFollowsFromItsReasons draws anything at all: the level is that of the
// gravest reason, which stands first, and each reason is listed, at its level.
func TestAVerdictFollowsFromItsReasons(t *testing.T) {
	t.Parallel()
	known := map[string]policy.ReasonCode{}
	for _, r := range policy.Reasons() {
		known[r.Code] = r
	}
	rules := policy.Default()
	levels := map[policy.Level]int{}
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.Custom(func(t *rapid.T) time.Time {
			if rapid.IntRange(0, 9).Draw(t, "none") == 0 {
				return time.Time{}
			}
			return ago(rapid.IntRange(-20, 500).Draw(t, "days"), 0)
		})
		anything := rapid.Custom(func(t *rapid.T) *credential.Credential {
			c := &credential.Credential{
				Family:   rapid.SampledFrom([]credential.FamilyID{credential.EUDCC, credential.SHC, credential.NZCP, credential.VNID, credential.Slip, credential.Badge, credential.Place}).Draw(t, "family"),
				Standing: credential.Standing(rapid.IntRange(0, 4).Draw(t, "standing")),
				Holder:   rapid.SampledFrom([]credential.Holder{thu, {}, {Latin: "TRAN VAN MAU", Birth: thu.Birth}}).Draw(t, "holder"),
				IssuedAt: at.Draw(t, "issued"), NotAfter: at.Draw(t, "until"),
			}
			for range rapid.IntRange(0, 3).Draw(t, "events") {
				c.Events = append(c.Events, credential.Event{
					Kind: rapid.SampledFrom([]credential.EventKind{credential.Dose, credential.Test, credential.Recovery, credential.Visited, "x"}).Draw(t, "kind"),
					At:   at.Draw(t, "at"), Number: rapid.IntRange(0, 3).Draw(t, "number"), Of: rapid.IntRange(0, 3).Draw(t, "of"),
					Result:  rapid.SampledFrom([]string{"", "negative", "positive", "green", "red"}).Draw(t, "result"),
					Disease: rapid.SampledFrom([]string{"", covid, yellowFever, "36989005"}).Draw(t, "disease"),
					Unread:  credential.Fields(rapid.IntRange(0, 63).Draw(t, "unread")),
				})
			}
			return c
		})
		shown := rapid.SliceOfN(rapid.OneOf(anything, passing), 0, 3).Draw(t, "shown")
		in := policy.Input{Now: now, TrustAt: at.Draw(t, "trust"), RulesAt: at.Draw(t, "rules")}
		if rapid.Bool().Draw(t, "fresh") {
			in = fresh()
		}
		v, steps := rules.Explain(in, shown...)
		levels[v.Level]++
		if len(v.Reasons) == 0 || v.Level != v.Reasons[0].Level || len(steps) < len(shown) {
			t.Fatalf("%s does not follow from its reasons, %d steps", codes(v), len(steps))
		}
		for i, r := range v.Reasons {
			if k, ok := known[r.Code]; !ok || k.Level != r.Level {
				t.Fatalf("%q is not listed at %v", r.Code, r.Level)
			}
			if i > 0 && r.Level > v.Reasons[i-1].Level {
				t.Fatalf("%s: out of order", codes(v))
			}
			if slices.ContainsFunc(v.Reasons[:i], func(o policy.Reason) bool { o.At = r.At; return o == r }) {
				t.Fatalf("%s: %s stands twice", codes(v), r.Code)
			}
		}
		proof := slices.ContainsFunc(shown, func(c *credential.Credential) bool {
			return c.Standing == credential.Signed && (c.NotAfter.IsZero() || !now.After(c.NotAfter))
		})
		forged := slices.ContainsFunc(shown, func(c *credential.Credential) bool { return c.Standing == credential.Forged })
		if v.Level == policy.Green && (!proof || forged || v.Trust.Grade != policy.Fresh || v.Rules.Grade != policy.Fresh) {
			t.Fatalf("%s without proof", codes(v))
		}
		if again := rules.Judge(in, shown...); fmt.Sprint(again) != fmt.Sprint(v) {
			t.Fatalf("judged %v, explained %v", again, v)
		}
	})
	t.Logf("levels drawn: %v", levels)
	for _, l := range []policy.Level{policy.Neutral, policy.Green, policy.Amber, policy.Red} {
		if levels[l] == 0 {
			t.Errorf("no verdict was %v", l)
		}
	}
}

func ExampleRuleSet_Judge() {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	certificate := &credential.Credential{
		Family: credential.EUDCC, Standing: credential.Signed,
		Events: []credential.Event{{Kind: credential.Test, At: now.Add(-80 * time.Hour), Result: "negative"}},
	}
	v := policy.Default().Judge(policy.Input{Now: now, TrustAt: now, RulesAt: now}, certificate)
	fmt.Println(v.Level, v.Reasons[0].Code)
	// Output: red test-too-old
}

func BenchmarkJudge(b *testing.B) {
	rules, in, c := policy.Default(), fresh(), signed(dose(ago(100, 0), 2, 2))
	b.ReportAllocs()
	for b.Loop() {
		if rules.Judge(in, c).Level != policy.Green {
			b.Fatal("not green")
		}
	}
}
