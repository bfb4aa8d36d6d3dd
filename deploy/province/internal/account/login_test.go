package account

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/dbtest"
	"chot/deploy/province/internal/ratelimit"
)

func init() { cost.passes, cost.memory, cost.lanes = 1, 64, 1 }

const secret = "mật khẩu để thử"

// registry has the account "tinh" with a password that is quick to check, and
// "cu", which is disabled. The clock is the caller's.
func registry(t *testing.T, now *time.Time) *Registry {
	t.Helper()
	d := dbtest.Open(t)
	clock := func() time.Time { return *now }
	salt, enc := make([]byte, 16), base64.RawStdEncoding
	hash := fmt.Sprintf("$argon2id$v=%d$m=64,t=1,p=1$%s$%s", argon2.Version,
		enc.EncodeToString(salt), enc.EncodeToString(argon2.IDKey([]byte(secret), salt, 1, 64, 1, 32)))
	for _, row := range []db.Account{
		{Name: "tinh", Title: "Tỉnh", Role: "province", Area: "30", Language: "vi", Password: hash, Made: db.At(*now)},
		{Name: "cu", Title: "Cũ", Role: "district", Area: "30/298", Language: "en", Password: hash, Made: db.At(*now), Disabled: db.At(*now)},
	} {
		if _, err := d.NewInsert().Model(&row).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return &Registry{DB: d, Limits: &ratelimit.Limiter{DB: d, Now: clock}, Now: clock}
}

func (g *Registry) failures(t *testing.T) int64 {
	t.Helper()
	n, err := g.DB.NewSelect().Model((*db.Audit)(nil)).Where("action = 'login-failed'").Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWhoMayLogIn(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 7, 0, 0, 0, time.UTC)
	g := registry(t, &now)
	for _, c := range []struct {
		name, password string
		want           error
		who            Account
	}{
		{"tinh", secret, nil, Account{Name: "tinh", Title: "Tỉnh", Role: Province, Area: "30", Language: "vi"}},
		{"tinh", "sai", ErrWrong, Account{}},
		{"tinh", "", ErrWrong, Account{}},
		{"", secret, ErrWrong, Account{}},
		{"khong-co", secret, ErrWrong, Account{}},
		{"TINH", secret, ErrWrong, Account{}},
		{"cu", secret, ErrWrong, Account{}},
	} {
		who, opened, err := g.Login(t.Context(), Attempt{Name: c.name, Password: c.password, Source: "192.0.2.1"})
		if !errors.Is(err, c.want) || who != c.who || (err == nil) != (opened.Session != "" && opened.Device != "" && opened.Session != opened.Device) {
			t.Errorf("%q with %q: %+v, %+v, %v", c.name, c.password, who, opened, err)
		}
	}
	if n := g.failures(t); n != 6 {
		t.Errorf("%d failures are in the audit log, want 6", n)
	}
	rows, err := g.ReadLog(t.Context(), "30", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if row.Account != "tinh" && row.Account != "cu" && row.Account != "–" || row.Remote != "192.0.2.1" || row.Area == "" {
			t.Errorf("the audit log says %+v", row)
		}
	}
}

// Of sixty guesses at once as many are checked as the limit has, whether the name
// exists or not, and both are answered the same.
func TestParallelGuessesAreCountedBeforeTheyAreChecked(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"tinh", "khong-co"} {
		now := time.Date(2026, 11, 20, 7, 0, 0, 0, time.UTC)
		g := registry(t, &now)
		var wrong, locked, other atomic.Int64
		var all sync.WaitGroup
		for i := range 60 {
			all.Go(func() {
				_, _, err := g.Login(context.Background(), Attempt{Name: name, Password: fmt.Sprint(i), Source: "192.0.2.1"})
				switch {
				case errors.Is(err, ErrWrong):
					wrong.Add(1)
				case errors.Is(err, ErrLocked):
					locked.Add(1)
				default:
					other.Add(1)
					t.Log(err)
				}
			})
		}
		all.Wait()
		if wrong.Load() != perPair.Most || locked.Load() != 60-perPair.Most || other.Load() != 0 {
			t.Errorf("%s: %d were checked, %d refused, %d neither", name, wrong.Load(), locked.Load(), other.Load())
		}
		if n := g.failures(t); n != perPair.Most {
			t.Errorf("%s: %d failures are in the audit log", name, n)
		}
	}
}

// Each limit refuses what is beyond it, and ends.
func TestWhomALimitRefuses(t *testing.T) {
	t.Parallel()
	type try struct {
		name, password, source string
		device                 bool
		want                   error
	}
	repeat := func(n int, one func(i int) try) (all []try) {
		for i := range n {
			all = append(all, one(i))
		}
		return all
	}
	wrongFrom := func(source string) func(int) try {
		return func(int) try { return try{"tinh", "sai", source, false, ErrWrong} }
	}
	for name, c := range map[string]struct {
		tries []try
		after time.Duration
		then  []try
	}{
		"a source is refused for a name, another is not": {
			repeat(5, wrongFrom("192.0.2.1")), 15*time.Minute - time.Second,
			[]try{{"tinh", secret, "192.0.2.1", false, ErrLocked}, {"tinh", secret, "192.0.2.2", false, nil}},
		},
		"and admitted when its time is over": {repeat(5, wrongFrom("192.0.2.1")), 15 * time.Minute, []try{{"tinh", secret, "192.0.2.1", false, nil}}},
		"four wrong ones and a right one":    {repeat(4, wrongFrom("192.0.2.1")), 0, []try{{"tinh", secret, "192.0.2.1", false, nil}}},
		"a source is refused for all names": {
			repeat(30, func(i int) try { return try{fmt.Sprint("ten", i), "sai", "192.0.2.1", false, ErrWrong} }), 0,
			[]try{{"tinh", secret, "192.0.2.1", false, ErrLocked}, {"tinh", secret, "192.0.2.2", false, nil}},
		},
		"a name is refused to strangers, and not to its own browser": {
			repeat(50, func(i int) try { return wrongFrom(fmt.Sprint("192.0.2.", i))(i) }), 59 * time.Minute,
			[]try{{"tinh", secret, "198.51.100.1", false, ErrLocked}, {"tinh", secret, "198.51.100.1", true, nil}},
		},
		"its own browser is limited too": {
			repeat(10, func(int) try { return try{"tinh", "sai", "192.0.2.1", true, ErrWrong} }), 0,
			[]try{{"tinh", secret, "192.0.2.1", true, ErrLocked}},
		},
		"a name has as many tries at each of two sources": {
			append(repeat(5, wrongFrom("192.0.2.1")), repeat(5, wrongFrom("192.0.2.2"))...), 0,
			[]try{{"tinh", secret, "192.0.2.1", false, ErrLocked}, {"tinh", secret, "192.0.2.2", false, ErrLocked}, {"tinh", secret, "192.0.2.3", false, nil}},
		},
		"two names have as many tries each at one source": {
			append(repeat(5, wrongFrom("192.0.2.1")), repeat(4, func(int) try { return try{"cu", "sai", "192.0.2.1", false, ErrWrong} })...), 0,
			[]try{{"cu", "sai", "192.0.2.1", false, ErrWrong}, {"cu", "sai", "192.0.2.1", false, ErrLocked}},
		},
		"another account's browser is a stranger": {
			repeat(5, func(int) try { return try{"cu", "sai", "192.0.2.1", true, ErrWrong} }), 0,
			[]try{{"cu", "sai", "192.0.2.1", true, ErrLocked}, {"tinh", secret, "192.0.2.1", true, nil}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := time.Date(2026, 11, 20, 7, 0, 0, 0, time.UTC)
			g := registry(t, &now)
			_, opened, err := g.Login(t.Context(), Attempt{Name: "tinh", Password: secret, Source: "203.0.113.1"})
			if err != nil {
				t.Fatal(err)
			}
			run := func(tries []try) {
				for i, try := range tries {
					a := Attempt{Name: try.name, Password: try.password, Source: try.source}
					if try.device {
						a.Device = opened.Device
					}
					if _, _, err := g.Login(t.Context(), a); !errors.Is(err, try.want) || try.want == nil && err != nil {
						t.Errorf("try %d, %+v: %v", i, try, err)
					}
				}
			}
			run(c.tries)
			now = now.Add(c.after)
			run(c.then)
		})
	}
}

func TestHowLongASessionLasts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		uses []time.Duration // when it is used after the log-in
		want []bool
	}{
		"at once":                     {[]time.Duration{0}, []bool{true}},
		"an hour without use":         {[]time.Duration{time.Hour}, []bool{true}},
		"longer without use":          {[]time.Duration{time.Hour + time.Second}, []bool{false}},
		"used now and then":           {[]time.Duration{50 * time.Minute, 100 * time.Minute}, []bool{true, true}},
		"used until just before":      {[]time.Duration{4 * time.Minute, time.Hour + 3*time.Minute}, []bool{true, false}}, // uses are noted every five minutes
		"twelve hours and no more":    {hours(12), []bool{true, true, true, true, true, true, true, true, true, true, true, true}},
		"more than twelve hours, all": {append(hours(12), 12*time.Hour+time.Second), append(slicesRepeat(true, 12), false)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Date(2026, 11, 20, 7, 0, 0, 0, time.UTC)
			now := start
			g := registry(t, &now)
			_, opened, err := g.Login(t.Context(), Attempt{Name: "tinh", Password: secret, Source: "203.0.113.1"})
			if err != nil {
				t.Fatal(err)
			}
			for i, at := range c.uses {
				now = start.Add(at)
				who, err := g.Session(t.Context(), opened.Session)
				if ok := err == nil; ok != c.want[i] || ok != (who.Name == "tinh") || !ok && !errors.Is(err, ErrWrong) {
					t.Errorf("after %s: %+v, %v", at, who, err)
				}
			}
		})
	}
}

func hours(n int) (all []time.Duration) {
	for i := range n {
		all = append(all, time.Duration(i+1)*time.Hour)
	}
	return all
}

func slicesRepeat(v bool, n int) (all []bool) {
	for range n {
		all = append(all, v)
	}
	return all
}

// What ends a session, and makes the account's browsers strangers.
func TestWhatEndsASession(t *testing.T) {
	t.Parallel()
	admin := Account{Name: "admin", Role: Province, Area: "30"}
	for name, c := range map[string]struct {
		end    func(g *Registry, o Opened) error
		device bool // whether the browser is still known
	}{
		"logging out": {func(g *Registry, o Opened) error { return g.Logout(context.Background(), o.Session) }, true},
		"a disabling": {func(g *Registry, _ Opened) error { return g.Disable(context.Background(), admin, "tinh", "") }, false},
		"another password": {func(g *Registry, _ Opened) error {
			return g.Put(context.Background(), Account{Name: "tinh", Role: Province, Area: "30"}, "mật khẩu khác")
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := time.Date(2026, 11, 20, 7, 0, 0, 0, time.UTC)
			g := registry(t, &now)
			_, opened, err := g.Login(t.Context(), Attempt{Name: "tinh", Password: secret, Source: "203.0.113.1"})
			if err != nil {
				t.Fatal(err)
			}
			if err := c.end(g, opened); err != nil {
				t.Fatal(err)
			}
			if _, err := g.Session(t.Context(), opened.Session); !errors.Is(err, ErrWrong) {
				t.Errorf("the session lives on: %v", err)
			}
			device, err := g.device(t.Context(), Attempt{Name: "tinh", Device: opened.Device})
			if err != nil || (device != "") != c.device {
				t.Errorf("the browser is %q, %v", device, err)
			}
			if n, err := g.DB.NewSelect().Model((*db.Session)(nil)).Count(t.Context()); err != nil || n != 0 {
				t.Errorf("%d sessions are left (%v)", n, err)
			}
		})
	}
	now := time.Now()
	g := registry(t, &now)
	for _, bad := range []string{"", "!", base64.RawURLEncoding.EncodeToString(make([]byte, 32))} {
		if _, err := g.Session(t.Context(), bad); !errors.Is(err, ErrWrong) {
			t.Errorf("the secret %q: %v", bad, err)
		}
		if err := g.Logout(t.Context(), bad); err != nil {
			t.Errorf("logging out with %q: %v", bad, err)
		}
	}
}

func TestTheQueueIsBounded(t *testing.T) {
	t.Parallel()
	q := newQueue(1, 2)
	started, release := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		if err := q.do(context.Background(), func() { close(started); <-release }); err != nil {
			t.Error(err)
		}
	})
	<-started
	gone, leave := context.WithCancel(t.Context())
	waits := make(chan error, 2)
	for range 2 {
		go func() { waits <- q.do(gone, func() {}) }()
	}
	for len(q.present) < 3 {
		time.Sleep(time.Millisecond)
	}
	if err := q.do(t.Context(), func() { t.Error("ran") }); !errors.Is(err, ErrBusy) {
		t.Errorf("beyond the queue: %v", err)
	}
	leave()
	for range 2 {
		if err := <-waits; !errors.Is(err, context.Canceled) {
			t.Errorf("who left: %v", err)
		}
	}
	close(release)
	all.Wait()
	if err := q.do(t.Context(), func() {}); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// When the database fails no log-in succeeds.
func TestAFaultOfTheDatabaseLogsNobodyIn(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := registry(t, &now)
	if err := g.DB.Close(); err != nil {
		t.Fatal(err)
	}
	if who, opened, err := g.Login(t.Context(), Attempt{Name: "tinh", Password: secret}); err == nil || errors.Is(err, ErrWrong) || who != (Account{}) || opened != (Opened{}) {
		t.Errorf("%+v, %+v, %v", who, opened, err)
	}
	if who, err := g.Session(t.Context(), base64.RawURLEncoding.EncodeToString(make([]byte, 32))); err == nil || errors.Is(err, ErrWrong) || who != (Account{}) {
		t.Errorf("%+v, %v", who, err)
	}
	if err := g.Disable(t.Context(), Account{Name: "a", Role: Province, Area: "30"}, "tinh", ""); err == nil {
		t.Error("disabled")
	}
	if err := g.Put(t.Context(), Account{Name: "tinh", Role: Province, Area: "30"}, "mật khẩu khác"); err == nil {
		t.Error("kept")
	}
	if _, err := g.List(t.Context(), Account{Name: "a", Role: Province, Area: "30"}); err == nil {
		t.Error("listed")
	}
	if _, err := g.ReadLog(t.Context(), "30", "", 1); err == nil {
		t.Error("read")
	}
}
