package policy_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"chot/kiosk/policy"
)

// Trust data ages by contact and by content, each with its limits at the second;
// the worse counts.
func TestAgesOfTrustData(t *testing.T) {
	t.Parallel()
	const stale, tooOld = 90 * 24 * time.Hour, 365 * 24 * time.Hour
	for name, c := range map[string]struct {
		contact, content time.Duration // ago; negative: unknown
		want             string
		age              time.Duration
	}{
		"both new":                        {0, 0, "green: dose-valid", 0},
		"contact at its limit":            {3 * 24 * time.Hour, 0, "green: dose-valid", 3 * 24 * time.Hour},
		"contact past its limit":          {3*24*time.Hour + time.Second, 0, "amber: trust-stale dose-valid", 3*24*time.Hour + time.Second},
		"contact at its second limit":     {30 * 24 * time.Hour, 0, "amber: trust-stale dose-valid", 30 * 24 * time.Hour},
		"contact past its second limit":   {30*24*time.Hour + time.Second, 0, "amber: trust-too-old dose-valid", 30*24*time.Hour + time.Second},
		"content at its limit":            {0, stale, "green: dose-valid", 0},
		"content past its limit":          {0, stale + time.Second, "amber: trust-stale content dose-valid", stale + time.Second},
		"content at its second limit":     {0, tooOld, "amber: trust-stale content dose-valid", tooOld},
		"content past its second limit":   {0, tooOld + time.Second, "amber: trust-too-old content dose-valid", tooOld + time.Second},
		"both stale":                      {4 * 24 * time.Hour, stale + time.Second, "amber: trust-stale dose-valid", 4 * 24 * time.Hour},
		"contact stale, content too old":  {4 * 24 * time.Hour, tooOld + time.Second, "amber: trust-too-old content dose-valid", tooOld + time.Second},
		"contact too old, content stale":  {31 * 24 * time.Hour, stale + time.Second, "amber: trust-too-old dose-valid", 31 * 24 * time.Hour},
		"content of unknown age":          {0, -1, "green: dose-valid", 0},
		"contact of unknown age":          {-1, 0, "amber: trust-too-old dose-valid", 0},
		"contact of a clock that is late": {-time.Hour, 0, "green: dose-valid", 0},
	} {
		in := fresh()
		if in.TrustAt = now.Add(-c.contact); c.contact == -1 {
			in.TrustAt = time.Time{}
		}
		if in.TrustGathered = now.Add(-c.content); c.content == -1 {
			in.TrustGathered = time.Time{}
		}
		in.TrustVersion = "t"
		v := policy.Default().Judge(in, signed(dose(ago(100, 0), 2, 2)))
		got := codes(v)
		if d := v.Reasons[0].Detail; d != "" {
			got = strings.Replace(got, v.Reasons[0].Code, v.Reasons[0].Code+" "+d, 1)
		}
		if got != c.want || v.Trust.Age != c.age || v.Trust.Version != "t" || v.Rules.Grade != policy.Fresh || v.Rules.Version != policy.Default().Version() {
			t.Errorf("%s: %s at %v, want %s at %v; %+v", name, got, v.Trust.Age, c.want, c.age, v.Rules)
		}
	}
	// A policy that sets no limit for content has none.
	in := fresh()
	in.TrustGathered = now.AddDate(-9, 0, 0)
	if got := codes(mustLoad(t, byDisease).Judge(in, signed(visit("green")))); got != "green: slip-accepted" {
		t.Error(got)
	}
}

// A verdict as scripts and the province read it.
func TestAVerdictInJSON(t *testing.T) {
	t.Parallel()
	in := fresh()
	in.TrustAt, in.TrustVersion = now.Add(-90*time.Second-time.Millisecond), "t7"
	out, err := json.Marshal(policy.Default().Judge(in, signed(dose(ago(100, 0), 2, 2))))
	const want = `{"verdict":"green","reasons":[{"code":"dose-valid","level":"green","disease":"covid-19"}],` +
		`"rules":{"version":"default-2","age_s":0,"grade":"fresh"},"trust":{"version":"t7","age_s":90,"grade":"fresh"},"at":"2026-03-01T12:00:00Z"}`
	if err != nil || string(out) != want {
		t.Errorf("%s, %v; want %s", out, err, want)
	}
	var l policy.Level
	for text, level := range map[string]policy.Level{"neutral": policy.Neutral, "green": policy.Green, "amber": policy.Amber, "red": policy.Red} {
		if err := l.UnmarshalText([]byte(text)); err != nil || l != level || l.String() != text {
			t.Errorf("%s is %v, %v", text, l, err)
		}
	}
	if err := l.UnmarshalText([]byte("")); err == nil {
		t.Error("no text is a level")
	}
}

// Reasons are listed by code.
func TestReasonsAreInOrder(t *testing.T) {
	t.Parallel()
	all := policy.Reasons()
	for i := range all[1:] {
		if all[i].Code >= all[i+1].Code {
			t.Errorf("%s stands before %s", all[i].Code, all[i+1].Code)
		}
	}
}
