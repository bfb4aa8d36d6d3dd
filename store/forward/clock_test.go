package forward_test

import (
	"crypto/ecdsa"
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"
	"time"

	"chot/store"
	"chot/store/forward"
	"chot/store/wire"
)

// Entries arrive whatever their times are, and the receipt's time, up to the end
// of the keys' validity, is what the kiosk's clock is judged by.
func TestEntriesOfAnyTimeArriveAndReceiptsRaiseTheFloor(t *testing.T) {
	t.Parallel()
	soon := time.Now().Add(time.Minute).Truncate(time.Millisecond)
	for what, c := range map[string]struct {
		until func() time.Time
		floor func(floor time.Time) bool
	}{
		"keys that hold":                           {func() time.Time { return farAway }, func(f time.Time) bool { return time.Since(f) < time.Minute && !f.After(time.Now()) }},
		"keys that ended":                          {func() time.Time { return soon.Add(-time.Hour) }, func(f time.Time) bool { return f.Sub(soon.Add(-time.Hour)) < time.Minute }},
		"keys whose end is not known":              {func() time.Time { return time.Time{} }, time.Time.IsZero},
		"keys of which nothing says when they end": {nil, time.Time.IsZero},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p := newProvince(t)
			k := newKiosk(t, p, kioskName)
			for _, at := range []time.Time{time.Now(), time.Unix(0, 0), time.Now().AddDate(14, 0, 0), time.Now(), time.Now().AddDate(14, 0, 0)} {
				if _, err := k.j.Append(t.Context(), 1, at, []byte("record")); err != nil {
					t.Fatal(err)
				}
			}
			o := k.options(p, connect(t, p))
			o.KeysUntil = c.until
			f, err := forward.New(o)
			if err != nil {
				t.Fatal(err)
			}
			f.Hurry()
			until(t, f, "all covered", k.allCovered)
			if got := k.j.Clock().Floor; !c.floor(got) {
				t.Errorf("the floor is %s", got)
			}
			got := p.all(k.name, k.status(t).Journal)
			if len(got) != 6 || !got[2].Time.Equal(time.Unix(0, 0)) {
				t.Errorf("%d entries arrived: %v", len(got), got)
			}
		})
	}
}

// Entries whose times are yet to come are not waited for.
func TestEntriesOfTheFutureAreSentAtOnce(t *testing.T) {
	t.Parallel()
	p := newProvince(t)
	k := newKiosk(t, p, kioskName)
	if _, err := k.j.Append(t.Context(), 1, time.Now().AddDate(14, 0, 0), []byte("record")); err != nil {
		t.Fatal(err)
	}
	o := k.options(p, connect(t, p))
	o.MaxAge = time.Hour
	f, err := forward.New(o)
	if err != nil {
		t.Fatal(err)
	}
	f.Hurry()
	until(t, f, "all covered", k.allCovered)
}

// A statement of the province sets the clock's floor back, over the network or by
// a file, once; one that does not hold changes nothing.
func TestAStatementOfTheProvinceSetsTheClock(t *testing.T) {
	t.Parallel()
	right := time.Now().Add(-time.Minute).Truncate(time.Millisecond).UTC()
	for what, c := range map[string]struct {
		alter  func(c *wire.Clock, key **ecdsa.PrivateKey)
		obeyed bool
	}{
		"as it should be":                {func(*wire.Clock, **ecdsa.PrivateKey) {}, true},
		"signed by another key":          {func(_ *wire.Clock, key **ecdsa.PrivateKey) { *key = newKey(t) }, false},
		"about another kiosk":            {func(c *wire.Clock, _ **ecdsa.PrivateKey) { c.Kiosk = "cho-tu-ky-2" }, false},
		"one that was obeyed before":     {func(c *wire.Clock, _ **ecdsa.PrivateKey) { c.Serial = 3 }, false},
		"older than one that was obeyed": {func(c *wire.Clock, _ **ecdsa.PrivateKey) { c.Serial = 2 }, false},
	} {
		for _, way := range []string{"network", "file"} {
			t.Run(what+" by "+way, func(t *testing.T) {
				t.Parallel()
				p := newProvince(t)
				k := newKiosk(t, p, kioskName)
				k.append(t, 0, 5)
				if err := k.j.SetFloor(t.Context(), 3, time.Now().AddDate(2, 0, 0)); err != nil {
					t.Fatal(err)
				}
				statement, key := wire.Clock{Kiosk: k.name, Serial: 4, Time: right}, p.key
				c.alter(&statement, &key)
				raw, err := statement.Encode(key, rand.Reader)
				if err != nil {
					t.Fatal(err)
				}
				wrong := k.j.Clock()
				if wrong.Plausible || wrong.Now.Before(time.Now().AddDate(1, 0, 0)) {
					t.Fatalf("the clock is not wrong: %+v", wrong)
				}
				if way == "file" {
					dir := memoryDir(t)
					if err := os.WriteFile(filepath.Join(dir, k.name+".clock"), raw, 0o600); err != nil {
						t.Fatal(err)
					}
					_, err := forward.Collect(t.Context(), k.j, p.keys(), farAway, dir)
					if stale := statement.Serial <= 3; (err == nil) != (c.obeyed || stale) {
						t.Errorf("collecting: %v", err)
					}
				} else {
					p.clock = raw
					f := k.forwarder(t, p, connect(t, p))
					asked := func() bool {
						p.mu.Lock()
						defer p.mu.Unlock()
						return p.clockAsked
					}
					until(t, f, "the question about the clock", func() bool { return asked() && (!c.obeyed || k.j.Clock().Plausible) })
				}
				got := k.j.Clock()
				if got.Plausible != c.obeyed || c.obeyed && (got.Floor.Before(right) || got.Floor.Sub(right) > time.Minute) {
					t.Errorf("%+v", got)
				}
			})
		}
	}
}

// A file that holds no statement is reported and changes nothing.
func TestAStatementThatCannotBeReadIsReported(t *testing.T) {
	t.Parallel()
	p := newProvince(t)
	k := newKiosk(t, p, kioskName)
	for what, data := range map[string][]byte{"no bytes": nil, "too long": make([]byte, wire.MaxBatch+1)} {
		dir := memoryDir(t)
		if err := os.WriteFile(filepath.Join(dir, k.name+".clock"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if n, err := forward.Collect(t.Context(), k.j, p.keys(), farAway, dir); n != 0 || err == nil {
			t.Errorf("%s: %d receipts, %v", what, n, err)
		}
	}
	if c := k.j.Clock(); c != (store.Clock{Now: c.Now, System: c.System, Plausible: true}) {
		t.Errorf("%+v", c)
	}
}
