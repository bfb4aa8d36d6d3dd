package credential_test

import (
	"crypto"
	"testing"
	"time"

	"chot/kiosk/credential"
)

// made is a signature by the key of that name; every key but "rsa" suits it.
type made string

func (made) Suits(key crypto.PublicKey) bool   { return key != "rsa" }
func (m made) Holds(key crypto.PublicKey) bool { return key == string(m) }

func TestVerify(t *testing.T) {
	t.Parallel()
	day := time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC)
	key := func(name string) credential.Key { return credential.Key{Public: name, Country: name} }
	between := func(k credential.Key, from, to time.Time) credential.Key {
		k.NotBefore, k.NotAfter = from, to
		return k
	}
	barred := func(name string) func(*credential.Key) bool {
		return func(k *credential.Key) bool { return k.Country != name }
	}
	old := between(key("a"), day.AddDate(-2, 0, 0), day.AddDate(-1, 0, 0))
	for name, c := range map[string]struct {
		keys     []credential.Key
		issued   time.Time
		may      func(*credential.Key) bool
		standing credential.Standing
		problem  credential.Problem
		by       int // number of the key, -1 for none
	}{
		"no key":                                  {nil, day, nil, credential.UnknownIssuer, credential.UnknownKey, -1},
		"a key of another kind":                   {[]credential.Key{key("rsa")}, day, nil, credential.UnknownIssuer, credential.UnknownKey, -1},
		"another key":                             {[]credential.Key{key("b")}, day, nil, credential.Forged, credential.BadSignature, -1},
		"the key":                                 {[]credential.Key{key("a")}, day, nil, credential.Signed, "", 0},
		"the key after others":                    {[]credential.Key{key("rsa"), key("b"), key("a")}, day, nil, credential.Signed, "", 2},
		"the key before others":                   {[]credential.Key{key("a"), key("b")}, day, nil, credential.Signed, "", 0},
		"its first moment":                        {[]credential.Key{between(key("a"), day, day)}, day, nil, credential.Signed, "", 0},
		"before its time":                         {[]credential.Key{between(key("a"), day.Add(1), time.Time{})}, day, nil, credential.UnknownIssuer, credential.ExpiredKey, 0},
		"after its time":                          {[]credential.Key{old}, day, nil, credential.UnknownIssuer, credential.ExpiredKey, 0},
		"at a time not known":                     {[]credential.Key{old}, time.Time{}, nil, credential.Signed, "", 0},
		"expired, then another that did not":      {[]credential.Key{old, key("b")}, day, nil, credential.UnknownIssuer, credential.ExpiredKey, 0},
		"another that did not, then expired":      {[]credential.Key{key("b"), old}, day, nil, credential.UnknownIssuer, credential.ExpiredKey, 1},
		"expired, then renewed":                   {[]credential.Key{old, key("a")}, day, nil, credential.Signed, "", 1},
		"that may not":                            {[]credential.Key{key("a")}, day, barred("a"), credential.UnknownIssuer, credential.KeyUsage, 0},
		"that may not, nor in its time":           {[]credential.Key{old}, day, barred("a"), credential.UnknownIssuer, credential.KeyUsage, 0},
		"that may not, then another that did not": {[]credential.Key{key("a"), key("b")}, day, barred("a"), credential.UnknownIssuer, credential.KeyUsage, 0},
		"that may":                                {[]credential.Key{key("a")}, day, barred("b"), credential.Signed, "", 0},
	} {
		standing, problem, by := credential.Verify(made("a"), c.keys, c.issued, c.may)
		if standing != c.standing || problem != c.problem || (by == nil) != (c.by < 0) || by != nil && by != &c.keys[c.by] {
			t.Errorf("%s: %v %q %v", name, standing, problem, by)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for s, want := range map[credential.Standing]struct {
		text  string
		state credential.SignatureState
	}{
		0:                        {"", credential.NoSignature},
		credential.Signed:        {"signed", credential.SignatureHolds},
		credential.UnknownIssuer: {"unknown-issuer", credential.SignatureUnchecked},
		credential.Unreadable:    {"unreadable", credential.SignatureUnchecked},
		credential.Forged:        {"forged", credential.SignatureBroken},
		credential.SelfDeclared:  {"self-declared", credential.NoSignature},
	} {
		if s.String() != want.text || s.Signature() != want.state {
			t.Errorf("%d: %q, %q", s, s.String(), s.Signature())
		}
	}
	for f, want := range map[credential.Fields]string{
		0: "", credential.FieldAt: "at", credential.FieldMethod: "method", credential.FieldResult: "result",
		credential.FieldNumber | credential.FieldOf | credential.FieldFrom: "number,of,from", credential.FieldUntil | credential.FieldDisease: "until,disease",
	} {
		if got, err := f.MarshalText(); err != nil || string(got) != want {
			t.Errorf("%d is %q, %v, want %q", f, got, err, want)
		}
	}
	for url, host := range map[string]string{"https://a.example/x?y": "a.example", "https://a.example:8443": "a.example:8443", "x": "", "%": ""} {
		if got := (credential.Link{URL: url}).Host(); got != host {
			t.Errorf("%s leads to %q", url, got)
		}
	}
}
