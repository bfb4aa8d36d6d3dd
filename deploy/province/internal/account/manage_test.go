package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/dbtest"
)

// What each role may: the table stands here once more, so that a change is seen.
func TestRights(t *testing.T) {
	t.Parallel()
	want := map[Right]string{
		"see-fleet": "province district commune", "settle-fleet": "province district", "see-people": "province district commune",
		"erase-people": "province", "see-tests": "province district commune laboratory", "enter-tests": "province laboratory",
		"see-reports": "province district commune", "export": "province district commune", "see-audit": "province district",
		"enter-doses": "province district commune", "run-campaigns": "province district", "manage-accounts": "province district",
	}
	for right, roles := range want {
		for _, role := range append([]Role{"", "nobody"}, Roles...) {
			if got, want := (Account{Role: role}).May(right), slices.Contains(strings.Fields(roles), string(role)); got != want {
				t.Errorf("%q may %s: %v", role, right, got)
			}
		}
	}
	for role, list := range rights {
		for _, right := range list {
			if want[right] == "" {
				t.Errorf("%s may %q, which this test does not know", role, right)
			}
		}
	}
}

func TestWhoManagesWhom(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b Account
		want bool
	}{
		{Account{Role: Province, Area: "30"}, Account{Role: Province, Area: "30"}, true},
		{Account{Role: Province, Area: "30"}, Account{Role: Laboratory, Area: "30/298/11194"}, true},
		{Account{Role: Province, Area: "30"}, Account{Role: District, Area: "31/1"}, false},
		{Account{Role: District, Area: "30/298"}, Account{Role: District, Area: "30/298"}, false},
		{Account{Role: District, Area: "30/298"}, Account{Role: Province, Area: "30/298"}, false},
		{Account{Role: District, Area: "30/298"}, Account{Role: Commune, Area: "30/298/11194"}, true},
		{Account{Role: District, Area: "30/298"}, Account{Role: Laboratory, Area: "30/298"}, true},
		{Account{Role: District, Area: "30/298"}, Account{Role: Commune, Area: "30/299/1"}, false},
		{Account{Role: Commune, Area: "30/298/11194"}, Account{Role: Laboratory, Area: "30/298/11194"}, false},
		{Account{Role: Laboratory, Area: "30"}, Account{Role: Laboratory, Area: "30"}, false},
		{Account{}, Account{}, false},
	} {
		if got := c.a.Manages(c.b); got != c.want {
			t.Errorf("%+v manages %+v: %v", c.a, c.b, got)
		}
	}
}

func TestWhatAnAccountMustBe(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ă", 32) // 64 bytes
	for name, c := range map[string]struct {
		a        Account
		password string
		ok       bool
	}{
		"as it should be":     {Account{Name: "a", Role: Commune, Area: "30/298/1"}, "0123456789", true},
		"a name of 64 bytes":  {Account{Name: long, Role: Commune, Area: "30"}, "0123456789", true},
		"a name of 65 bytes":  {Account{Name: long + "a", Role: Commune, Area: "30"}, "0123456789", false},
		"no name":             {Account{Role: Commune, Area: "30"}, "0123456789", false},
		"space around a name": {Account{Name: " a", Role: Commune, Area: "30"}, "0123456789", false},
		"no role":             {Account{Name: "a", Area: "30"}, "0123456789", false},
		"an unknown role":     {Account{Name: "a", Role: "boss", Area: "30"}, "0123456789", false},
		"no area":             {Account{Name: "a", Role: Commune}, "0123456789", false},
		"an area of words":    {Account{Name: "a", Role: Commune, Area: "Tứ Kỳ"}, "0123456789", false},
		"nine characters":     {Account{Name: "a", Role: Commune, Area: "30"}, "ăăăăăăăăă", false},
		"ten characters":      {Account{Name: "a", Role: Commune, Area: "30"}, "ăăăăăăăăăă", true},
	} {
		now := time.Unix(1_800_000_000, 0)
		g := registry(t, &now)
		err := g.Put(t.Context(), c.a, c.password)
		var wrong InputError
		if c.ok != (err == nil) || !c.ok && !errors.As(err, &wrong) {
			t.Errorf("%s: %v", name, err)
		}
		var rows []db.Account
		if err := g.DB.NewSelect().Model(&rows).Where("name NOT IN ('tinh', 'cu')").Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !c.ok {
			if len(rows) != 0 {
				t.Errorf("%s: %+v is kept", name, rows)
			}
			continue
		}
		want := db.Account{Name: c.a.Name, Title: c.a.Name, Role: string(c.a.Role), Area: c.a.Area, Language: "vi", Made: db.At(now)}
		if len(rows) != 1 {
			t.Fatalf("%s: %d are kept", name, len(rows))
		}
		if right, err := checkPassword(t.Context(), rows[0].Password, c.password); !right || err != nil {
			t.Errorf("%s: the password does not log in: %v", name, err)
		}
		rows[0].Password = ""
		if rows[0] != want {
			t.Errorf("%s: kept is %+v, want %+v", name, rows[0], want)
		}
	}
}

// Put on an existing account replaces what is said and lets a disabled one in.
func TestPutAgain(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	g := registry(t, &now)
	if err := g.Put(t.Context(), Account{Name: "cu", Title: "Mới", Role: Commune, Area: "30/298/1", Language: "en"}, "mật khẩu khác"); err != nil {
		t.Fatal(err)
	}
	who, _, err := g.Login(t.Context(), Attempt{Name: "cu", Password: "mật khẩu khác"})
	if want := (Account{Name: "cu", Title: "Mới", Role: Commune, Area: "30/298/1", Language: "en"}); err != nil || who != want {
		t.Errorf("%+v, %v", who, err)
	}
}

func TestSetAndDisable(t *testing.T) {
	t.Parallel()
	province, district := Account{Name: "admin", Role: Province, Area: "30"}, Account{Name: "huyen", Role: District, Area: "30/298"}
	for name, c := range map[string]struct {
		do    func(g *Registry) error
		want  error
		audit string // of what was done
	}{
		"a new one": {func(g *Registry) error {
			p, err := g.Set(context.Background(), district, Account{Name: "xa", Role: Commune, Area: "30/298/1"}, "", "192.0.2.1")
			if err == nil && len(p) < 20 {
				err = fmt.Errorf("the made-up password is %q", p)
			}
			return err
		}, nil, "set-account xa huyen 30/298 192.0.2.1"},
		"with a password": {func(g *Registry) error {
			p, err := g.Set(context.Background(), province, Account{Name: "tinh", Role: Province, Area: "30"}, "mật khẩu mới", "r")
			if err == nil && p != "mật khẩu mới" {
				err = fmt.Errorf("the password is %q", p)
			}
			return err
		}, nil, "set-account tinh admin 30 r"},
		"one that it may not make": {func(g *Registry) error {
			_, err := g.Set(context.Background(), district, Account{Name: "xa", Role: District, Area: "30/298"}, "", "")
			return err
		}, ErrNotYours, ""},
		"one that is another's": {func(g *Registry) error {
			_, err := g.Set(context.Background(), district, Account{Name: "tinh", Role: Commune, Area: "30/298/1"}, "", "")
			return err
		}, ErrNotYours, ""},
		"disabling": {func(g *Registry) error { return g.Disable(context.Background(), province, "tinh", "r") }, nil, "disable-account tinh admin 30 r"},
		"disabling one's own": {func(g *Registry) error {
			return g.Disable(context.Background(), Account{Name: "tinh", Role: Province, Area: "30"}, "tinh", "")
		}, ErrNotYours, ""},
		"disabling another's":          {func(g *Registry) error { return g.Disable(context.Background(), district, "tinh", "") }, ErrNotYours, ""},
		"disabling one that is absent": {func(g *Registry) error { return g.Disable(context.Background(), province, "khong-co", "") }, ErrNotYours, ""},
	} {
		now := time.Unix(1_800_000_000, 0)
		g := registry(t, &now)
		before, err := g.DB.NewSelect().Model((*db.Account)(nil)).Where("disabled = 0").Count(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := c.do(g); !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		rows, err := g.ReadLog(t.Context(), "30", "", 10)
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, r := range rows {
			said += fmt.Sprint(r.Action, " ", r.Target, " ", r.Account, " ", r.Area, " ", r.Remote)
			if !r.At.Equal(now) {
				t.Errorf("%s: written at %s", name, r.At)
			}
		}
		if said != c.audit {
			t.Errorf("%s: the audit log says %q, want %q", name, said, c.audit)
		}
		after, err := g.DB.NewSelect().Model((*db.Account)(nil)).Where("disabled = 0").Count(t.Context())
		if err != nil || c.want != nil && after != before {
			t.Errorf("%s: %d accounts are let in, before %d (%v)", name, after, before, err)
		}
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	g := registry(t, &now)
	for who, want := range map[Account]string{
		{Name: "a", Role: Province, Area: "30"}:        "cu tinh",
		{Name: "h", Role: District, Area: "30/298"}:    "",
		{Name: "x", Role: Commune, Area: "30/298/1"}:   "",
		{Name: "p", Role: Province, Area: "30/298"}:    "cu",
		{Name: "nowhere", Role: Province, Area: ""}:    "",
		{Name: "elsewhere", Role: Province, Area: "3"}: "",
	} {
		list, err := g.List(t.Context(), who)
		var names []string
		for _, l := range list {
			names = append(names, l.Name)
			if !l.Made.Equal(now) || l.Disabled.IsZero() != (l.Name == "tinh") {
				t.Errorf("%+v", l)
			}
		}
		if err != nil || strings.Join(names, " ") != want {
			t.Errorf("%+v lists %q, want %q (%v)", who, names, want, err)
		}
	}
}

// The audit log is read by area, the latest first, in pages that leave nothing out.
func TestReadLog(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	g := registry(t, &now)
	for i := range 7 {
		now = now.Add(time.Second)
		area := db.Area("30/298")
		if i%2 == 1 {
			area = "30/299"
		}
		if err := g.Log(t.Context(), g.DB, Account{Name: "a", Area: area}, fmt.Sprint(i), "", ""); err != nil {
			t.Fatal(err)
		}
	}
	for area, want := range map[db.Area]string{"30": "6 5 4 3 2 1 0", "30/298": "6 4 2 0", "30/299": "5 3 1", "30/29": "", "": ""} {
		var got []string
		for before := ""; ; {
			rows, err := g.ReadLog(t.Context(), area, before, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rows {
				got, before = append(got, r.Action), r.ID
			}
			if len(rows) < 2 {
				break
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q reads %q, want %q", area, got, want)
		}
	}
}

// Whichever query fails, the error reaches the caller.
func TestEveryFaultReachesTheCaller(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	g := registry(t, &now)
	ctx, admin := t.Context(), Account{Name: "admin", Role: Province, Area: "30"}
	_, opened, err := g.Login(ctx, Attempt{Name: "tinh", Password: secret})
	if err != nil {
		t.Fatal(err)
	}
	f := dbtest.Break(g.DB)
	source := 0
	dbtest.EachFault(t, f, "logging in", func() error {
		source++ // a failed one may have been counted
		_, _, err := g.Login(ctx, Attempt{Name: "tinh", Password: secret, Source: fmt.Sprint(source)})
		return err
	})
	dbtest.EachFault(t, f, "logging in from a known browser", func() error {
		_, _, err := g.Login(ctx, Attempt{Name: "tinh", Password: secret, Device: opened.Device})
		return err
	})
	dbtest.EachFault(t, f, "a session's use", func() error {
		now = now.Add(6 * time.Minute)
		_, err := g.Session(ctx, opened.Session)
		return err
	})
	dbtest.EachFault(t, f, "logging out", func() error { return g.Logout(ctx, opened.Session) })
	dbtest.EachFault(t, f, "making an account", func() error { return g.Put(ctx, Account{Name: "moi", Role: Commune, Area: "30"}, "0123456789") })
	dbtest.EachFault(t, f, "setting an account", func() error {
		_, err := g.Set(ctx, admin, Account{Name: "moi", Role: Commune, Area: "30"}, "", "")
		return err
	})
	dbtest.EachFault(t, f, "disabling", func() error { return g.Disable(ctx, admin, "moi", "") })
	dbtest.EachFault(t, f, "listing", func() error { _, err := g.List(ctx, admin); return err })
	dbtest.EachFault(t, f, "reading the log", func() error { _, err := g.ReadLog(ctx, "30", "", 10); return err })
	dbtest.EachFault(t, f, "writing the log", func() error { return g.Log(ctx, g.DB, admin, "a", "", "") })
	// A wrong password is one whatever fails; that it could not be written is said too.
	f.At(6)
	if _, _, err := g.Login(ctx, Attempt{Name: "khong-co", Password: "x", Source: "t"}); !errors.Is(err, ErrWrong) {
		t.Error(err)
	}
}

// A guess that was refused by the queue was none.
func TestABusyQueueCostsNoGuess(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	g := registry(t, &now)
	before := hashing
	t.Cleanup(func() { hashing = before })
	hashing = newQueue(0, 0)
	for range 20 {
		if _, _, err := g.Login(t.Context(), Attempt{Name: "tinh", Password: "sai", Source: "s"}); !errors.Is(err, ErrBusy) {
			t.Fatal(err)
		}
	}
	hashing = before
	if _, _, err := g.Login(t.Context(), Attempt{Name: "tinh", Password: secret, Source: "s"}); err != nil {
		t.Error(err)
	}
}

// A browser is known for a year, to its own account.
func TestHowLongABrowserIsKnown(t *testing.T) {
	t.Parallel()
	start := time.Unix(1_800_000_000, 0)
	now := start
	g := registry(t, &now)
	_, opened, err := g.Login(t.Context(), Attempt{Name: "tinh", Password: secret})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, device string
		after        time.Duration
		want         bool
	}{
		{"tinh", opened.Device, 0, true}, {"tinh", opened.Device, 365 * 24 * time.Hour, true},
		{"tinh", opened.Device, 365*24*time.Hour + time.Second, false},
		{"cu", opened.Device, 0, false}, {"tinh", opened.Session, 0, false}, {"tinh", "", 0, false}, {"tinh", "!", 0, false},
	} {
		now = start.Add(c.after)
		device, err := g.device(t.Context(), Attempt{Name: c.name, Device: c.device})
		if err != nil || (device != "") != c.want {
			t.Errorf("%+v: %q, %v", c, device, err)
		}
	}
}
