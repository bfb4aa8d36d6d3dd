package account

import (
	"testing"

	"chot/deploy/province/internal/db"
)

func TestAPasswordIsCheckedAgainstItsHashOnly(t *testing.T) {
	t.Parallel()
	hash, err := hashPassword(t.Context(), "mật khẩu để thử")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		hash, password string
		want           bool
	}{
		{hash, "mật khẩu để thử", true},
		{hash, "mật khẩu để thừ", false},
		{hash, "", false},
		{decoy(), "", false},
		{"", "", false},
		{"$argon2id$v=19$m=64,t=1,p=1$$", "", false},
		{"$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA", "x", false},
	} {
		if got, err := checkPassword(t.Context(), c.hash, c.password); got != c.want || err != nil {
			t.Errorf("%q with %q: %v, %v", c.hash, c.password, got, err)
		}
	}
	if again, err := hashPassword(t.Context(), "mật khẩu để thử"); err != nil || hash == again {
		t.Error("the same password has the same hash twice")
	}
}

func TestAnAreaContainsWhatLiesBelowIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		area, other db.Area
		want        bool
	}{
		{"30", "30", true}, {"30", "30/298", true}, {"30/298", "30/298/11194", true},
		{"30/298", "30", false}, {"30/29", "30/298", false}, {"3", "30", false}, {"", "30", false}, {"30", "", false},
	} {
		if got := (Account{Area: c.area}).Sees(c.other); got != c.want {
			t.Errorf("%q sees %q: %v", c.area, c.other, got)
		}
	}
}

func TestEveryRoleHasItsRights(t *testing.T) {
	t.Parallel()
	for _, role := range Roles {
		if len(rights[role]) == 0 {
			t.Errorf("%s has no right", role)
		}
	}
	if (Account{Role: Laboratory}).May(SeePeople) || (Account{Role: Commune}).May(ErasePeople) || (Account{Role: "nobody"}).May(SeeFleet) {
		t.Error("a role may too much")
	}
}
