package account

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chot/deploy/province/internal/db"
)

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	d, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "p.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	g := &Registry{DB: d, Now: func() time.Time { return now }}
	officer := Account{Name: "tinh", Role: Province, Area: "30"}
	good := KeySpec{Title: "LIS", Source: "cdc", Scopes: []Scope{"results", "figures"}, Area: "30/298", Days: 30}
	if err := g.Put(t.Context(), Account{Name: "khac", Role: Laboratory, Area: "31"}, "mật khẩu dài"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		who    Account
		change func(*KeySpec)
	}{
		"no title":           {officer, func(s *KeySpec) { s.Title = "" }},
		"no scope":           {officer, func(s *KeySpec) { s.Scopes = nil }},
		"a scope that is no": {officer, func(s *KeySpec) { s.Scopes = []Scope{"all"} }},
		"0 days":             {officer, func(s *KeySpec) { s.Days = 0 }},
		"731 days":           {officer, func(s *KeySpec) { s.Days = 731 }},
		"another area":       {officer, func(s *KeySpec) { s.Area = "31" }},
		"no area":            {officer, func(s *KeySpec) { s.Area = "" }},
		"speaks for another": {officer, func(s *KeySpec) { s.Source = "khac" }},
		"a scope beyond":     {Account{Name: "h", Role: District, Area: "30/298"}, func(*KeySpec) {}}, // a district enters no results
		"a laboratory":       {Account{Name: "l", Role: Laboratory, Area: "30"}, func(*KeySpec) {}},
		"a machine":          {Account{Name: "m", Role: Machine, Area: "30", Scopes: "results"}, func(*KeySpec) {}},
	} {
		spec := good
		c.change(&spec)
		if secret, err := g.MakeKey(t.Context(), c.who, spec, ""); err == nil {
			t.Errorf("%s: made %s", name, secret)
		}
	}
	secret, err := g.MakeKey(t.Context(), officer, good, "")
	if err != nil || !IsKey(secret) {
		t.Fatal(secret, err)
	}
	want := Account{Name: "cdc", Title: "LIS", Role: Machine, Area: "30/298", Language: "vi", Scopes: "results figures"}
	who, err := g.Key(t.Context(), secret)
	if err != nil || who != want {
		t.Errorf("%+v, %v", who, err)
	}
	for right, may := range map[Right]bool{EnterTests: true, SeeReports: true, EnterDoses: false, SeePeople: false, Export: false, ManageAccounts: false, SeeTests: false} {
		if who.May(right) != may {
			t.Errorf("%s: %v", right, !may)
		}
	}
	for name, wrong := range map[string]string{
		"another secret": secret[:len(secret)-1] + "x", "no secret": keyPrefix + "abc", "unknown": keyPrefix + "abc_def", "cut": secret[:len(secret)-1], "empty": "",
	} {
		if _, err := g.Key(t.Context(), wrong); !errors.Is(err, ErrWrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := g.Key(t.Context(), secret); err != nil {
		t.Errorf("wrong keys lock the right one: %v", err)
	}
	keys, err := g.Keys(t.Context(), officer)
	if err != nil || len(keys) != 1 || !keys[0].Used.Equal(now) || keys[0].Expired || strings.Contains(string(keys[0].Hash), secret) {
		t.Fatalf("%+v, %v", keys, err)
	}
	if _, err := g.Keys(t.Context(), want); err == nil {
		t.Error("a machine lists keys")
	}
	now = now.AddDate(0, 0, 30)
	if _, err := g.Key(t.Context(), secret); !errors.Is(err, ErrWrong) {
		t.Errorf("after its last day: %v", err)
	}
	now = now.Add(-time.Second)
	if _, err := g.Key(t.Context(), secret); err != nil {
		t.Errorf("on its last day: %v", err)
	}
	stranger := Account{Name: "khac", Role: Province, Area: "31"}
	if err := g.RevokeKey(t.Context(), stranger, keys[0].ID, ""); !errors.Is(err, ErrNotYours) {
		t.Errorf("another province revokes it: %v", err)
	}
	if err := g.RevokeKey(t.Context(), officer, keys[0].ID, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Key(t.Context(), secret); !errors.Is(err, ErrWrong) {
		t.Errorf("revoked: %v", err)
	}
	if err := g.RevokeKey(t.Context(), officer, keys[0].ID, ""); !errors.Is(err, ErrNotYours) {
		t.Errorf("revoked twice: %v", err)
	}
}
