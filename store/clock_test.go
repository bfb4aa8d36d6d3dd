package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"chot/store"
)

// testClock is a clock that tests set.
type testClock struct {
	wall time.Time
	up   time.Duration
}

func (c *testClock) options() store.Options {
	o := options()
	o.Clock = func() time.Time { return c.wall }
	o.Uptime = func() time.Duration { return c.up }
	return o
}

// pass lets time pass by both clocks.
func (c *testClock) pass(d time.Duration) { c.wall, c.up = c.wall.Add(d), c.up+d }

// jump sets the system's clock.
func (c *testClock) jump(d time.Duration) { c.wall = c.wall.Add(d) }

func mustAppend(t testing.TB, j *store.Journal) store.Entry {
	t.Helper()
	e, err := j.Append(context.Background(), 1, j.Now(), []byte("visit"))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func jumps(t testing.TB, j *store.Journal) (n int) {
	t.Helper()
	for _, i := range readAll(t, j).incidents {
		if i.What == store.ClockJump {
			n++
		}
	}
	return n
}

const year = 366 * 24 * time.Hour

// What is signed raises the floor, up to the end of its signer's validity, and
// nothing else does; the system's clock counts while it is plausible.
func TestTheFloorRisesByWhatIsSignedAlone(t *testing.T) {
	t.Parallel()
	sec := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Second) }
	for _, c := range []struct {
		what           string
		signed, until  time.Time
		wall           time.Time
		floor, now     time.Time
		plausible, jmp bool
	}{
		{"nothing signed, a right clock", time.Time{}, time.Time{}, noon, time.Time{}, noon, true, false},
		{"nothing signed, a clock of 1970", time.Time{}, time.Time{}, time.Unix(0, 0), time.Time{}, time.Unix(0, 0), true, true},
		{"nothing signed, a clock of 2040", time.Time{}, time.Time{}, noon.Add(14 * year), time.Time{}, noon.Add(14 * year), true, true},
		{"signed, a right clock", sec(-60), validUntil, sec(20), sec(-60), sec(20), true, false},
		{"signed a second ago", sec(-1), validUntil, noon, sec(-1), noon, true, false},
		{"signed this millisecond", noon, validUntil, noon, noon, noon, true, false},
		{"signed a millisecond later", noon.Add(time.Millisecond), validUntil, noon, noon.Add(time.Millisecond), noon.Add(time.Millisecond), true, false},
		{"signed ten minutes later", sec(600), validUntil, noon, sec(600), sec(600), true, false},
		{"signed more than ten minutes later", sec(601), validUntil, noon, sec(601), sec(601), false, false},
		{"signed, a clock that is behind", sec(3600), validUntil, noon, sec(3600), sec(3600), false, false},
		{"signed, a clock of 1970", sec(-60), validUntil, time.Unix(0, 0), sec(-60), sec(-60), false, true},
		{"signed, a clock of 2040", sec(-60), validUntil, noon.Add(14 * year), sec(-60), sec(-60), false, true},
		{"signed a year ago", noon.Add(-year), validUntil, noon, noon.Add(-year), noon, true, false},
		{"signed more than a year ago", noon.Add(-year - time.Second), validUntil, noon, noon.Add(-year - time.Second), noon.Add(-year - time.Second), false, false},
		{"signed past the signer's validity", sec(3600), sec(-5), noon, sec(-5), noon, true, false},
		{"signed at the end of the signer's validity", sec(-5), sec(-5), noon, sec(-5), noon, true, false},
		{"of a signer whose validity is not known", sec(3600), time.Time{}, noon, time.Time{}, noon, true, false},
		{"signed without a time", time.Time{}, validUntil, noon, time.Time{}, noon, true, false},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			clock := &testClock{wall: noon}
			path := filepath.Join(memoryDir(t), "journal")
			j := open(t, path, clock.options())
			mustAppend(t, j)
			clock.wall = c.wall
			if err := j.RaiseFloor(t.Context(), c.signed, c.until); err != nil {
				t.Fatal(err)
			}
			for _, restarted := range []bool{false, true} {
				if restarted {
					j.Close()
					j = open(t, path, clock.options())
				}
				got := j.Clock()
				want := store.Clock{Now: c.now.UTC(), System: c.wall.UTC(), Floor: c.floor, Plausible: c.plausible, Jumped: c.jmp}
				if restarted && c.wall.Before(noon) == false && c.wall.Sub(noon) <= 72*time.Hour {
					want.Jumped = false
				}
				if got != want {
					t.Errorf("restarted %t: %+v, not %+v", restarted, got, want)
				}
				if !j.Now().Equal(c.now) {
					t.Errorf("restarted %t: now is %s, not %s", restarted, j.Now(), c.now)
				}
			}
			// Whatever it shows, what happens is journalled at that time, and is
			// not refused.
			if e := mustAppend(t, j); !e.Time.Equal(c.now.Truncate(time.Millisecond)) {
				t.Errorf("the entry bears %s, not %s", e.Time, c.now)
			}
		})
	}
}

// The floor moves on while the process runs: it has been that long since.
func TestTheFloorMovesWithTheUptime(t *testing.T) {
	t.Parallel()
	clock := &testClock{wall: time.Unix(0, 0), up: time.Hour}
	path := filepath.Join(memoryDir(t), "journal")
	j := open(t, path, clock.options())
	if err := j.RaiseFloor(t.Context(), noon, validUntil); err != nil {
		t.Fatal(err)
	}
	clock.pass(90 * time.Minute)
	if c := j.Clock(); !c.Floor.Equal(noon.Add(90*time.Minute)) || !c.Now.Equal(c.Floor) {
		t.Errorf("after 90 minutes: %+v", c)
	}
	// An older signed time, and one that is behind what has passed, change nothing.
	for _, signed := range []time.Time{noon.Add(-time.Hour), noon.Add(time.Hour)} {
		if err := j.RaiseFloor(t.Context(), signed, validUntil); err != nil {
			t.Fatal(err)
		}
		if c := j.Clock(); !c.Floor.Equal(noon.Add(90 * time.Minute)) {
			t.Errorf("by %s: %+v", signed, c)
		}
	}
	j.Close()
	j = open(t, path, clock.options()) // how long it was off is not known
	if c := j.Clock(); !c.Floor.Equal(noon) {
		t.Errorf("after a restart: %+v", c)
	}
}

// One wrong reading ends with the reading: the case for which there are two clocks.
func TestOneWrongReadingEndsWithTheReading(t *testing.T) {
	t.Parallel()
	for _, wrong := range []time.Duration{14 * year, -56 * year, time.Hour} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprint(wrong, restart), func(t *testing.T) {
				t.Parallel()
				clock := &testClock{wall: noon}
				path := filepath.Join(memoryDir(t), "journal")
				j := open(t, path, clock.options())
				first := mustAppend(t, j)
				clock.jump(wrong)
				second := mustAppend(t, j)
				if restart {
					j.Close()
					j = open(t, path, clock.options())
				}
				clock.jump(-wrong)
				clock.pass(time.Minute)
				third := mustAppend(t, j)
				if !first.Time.Equal(noon) || !third.Time.Equal(noon.Add(time.Minute)) || !j.Now().Equal(noon.Add(time.Minute)) {
					t.Errorf("the entries bear %s, %s, %s; now is %s", first.Time, second.Time, third.Time, j.Now())
				}
				if n := jumps(t, j); n != 2 {
					t.Errorf("%d jumps are recorded, not 2", n)
				}
				// All of them are read, in runs whose times do not decrease.
				st := status(t, j)
				got := 0
				for run, err := range j.Waiting(t.Context(), 1<<20) {
					if err != nil {
						t.Fatal(err)
					}
					for i, e := range run.Entries {
						if i > 0 && e.Time.Before(run.Entries[i-1].Time) {
							t.Errorf("entry %d goes back to %s within a run", e.Number, e.Time)
						}
						got++
					}
				}
				look, err := store.Inspect(path)
				if err != nil {
					t.Fatal(err)
				}
				looked := 0
				for run, err := range look.Waiting(t.Context(), 1<<20) {
					if err != nil {
						t.Fatal(err)
					}
					for i, e := range run.Entries {
						if i > 0 && e.Time.Before(run.Entries[i-1].Time) {
							t.Errorf("inspected: entry %d goes back to %s within a run", e.Number, e.Time)
						}
						looked++
					}
				}
				if got != int(st.Head.Number) || looked != got {
					t.Errorf("%d and %d entries are read, not %d", got, looked, st.Head.Number)
				}
			})
		}
	}
}

// A journal of an earlier version in which one reading of 2040 was kept goes by
// the right time again.
func TestAJournalWithAPoisonedClockHeals(t *testing.T) {
	t.Parallel()
	path, key := earlierJournal(t)
	clock := &testClock{wall: noon.Add(14 * year)}
	o := clock.options()
	o.SealKey = key.PublicKey()
	j := open(t, path, o)
	poisoned := mustAppend(t, j)
	clock.wall = noon.Add(3 * time.Hour)
	next := mustAppend(t, j)
	if !poisoned.Time.Equal(noon.Add(14*year)) || !next.Time.Equal(clock.wall) {
		t.Errorf("the entries bear %s and %s", poisoned.Time, next.Time)
	}
	j.Close()
	j = open(t, path, o)
	if last := mustAppend(t, j); !last.Time.Equal(clock.wall) || !j.Now().Equal(clock.wall) {
		t.Errorf("after a restart the entry bears %s, and it is %s", last.Time, j.Now())
	}
}

// Nothing is deleted while the clock cannot be trusted; a signed time that is close
// to it, or a person, ends that.
func TestNothingIsDeletedWhileTimeJumps(t *testing.T) {
	t.Parallel()
	far := noon.Add(10 * year)
	for _, c := range []struct {
		what    string
		do      func(t *testing.T, clock *testClock, j *store.Journal)
		trusted bool
	}{
		{"a clock that was not touched", func(*testing.T, *testClock, *store.Journal) {}, true},
		{"slewed by 30 seconds", func(_ *testing.T, c *testClock, _ *store.Journal) { c.jump(30 * time.Second) }, true},
		{"set forward by 31 seconds", func(_ *testing.T, c *testClock, _ *store.Journal) { c.jump(31 * time.Second) }, false},
		{"set forward", func(_ *testing.T, c *testClock, _ *store.Journal) { c.jump(40 * 24 * time.Hour) }, false},
		{"set forward and journalled", func(t *testing.T, c *testClock, j *store.Journal) {
			c.jump(40 * 24 * time.Hour)
			mustAppend(t, j)
		}, false},
		{"set back and forth", func(t *testing.T, c *testClock, j *store.Journal) {
			c.jump(time.Hour)
			mustAppend(t, j)
			c.jump(-time.Hour)
			mustAppend(t, j)
		}, false},
		{"set back before the floor", func(_ *testing.T, c *testClock, _ *store.Journal) { c.jump(-2 * time.Hour) }, false},
		{"set, and confirmed by a signed time", func(t *testing.T, c *testClock, j *store.Journal) {
			c.jump(time.Hour)
			mustAppend(t, j)
			if err := j.RaiseFloor(t.Context(), c.wall.Add(-10*time.Minute), validUntil); err != nil {
				t.Fatal(err)
			}
		}, true},
		{"set, and confirmed by a signed time before it was noticed", func(t *testing.T, c *testClock, j *store.Journal) {
			c.jump(time.Hour)
			if err := j.RaiseFloor(t.Context(), c.wall.Add(-time.Minute), validUntil); err != nil {
				t.Fatal(err)
			}
			mustAppend(t, j)
		}, true},
		{"set, and a signed time that is not close", func(t *testing.T, c *testClock, j *store.Journal) {
			c.jump(time.Hour)
			mustAppend(t, j)
			if err := j.RaiseFloor(t.Context(), c.wall.Add(-10*time.Minute-time.Second), validUntil); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"set, and confirmed by a person", func(t *testing.T, c *testClock, j *store.Journal) {
			c.jump(time.Hour)
			if err := j.ConfirmClock(t.Context()); err != nil {
				t.Fatal(err)
			}
		}, true},
		{"confirmed, and set again", func(t *testing.T, c *testClock, j *store.Journal) {
			c.jump(time.Hour)
			if err := j.ConfirmClock(t.Context()); err != nil {
				t.Fatal(err)
			}
			c.jump(time.Hour)
		}, false},
		{"a person cannot confirm what is before the floor", func(t *testing.T, c *testClock, j *store.Journal) {
			c.jump(-2 * time.Hour)
			if err := j.ConfirmClock(t.Context()); !errors.Is(err, store.ErrClock) {
				t.Errorf("confirmed: %v", err)
			}
		}, false},
	} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restarted %t", c.what, restart), func(t *testing.T) {
				t.Parallel()
				clock := &testClock{wall: noon}
				path := filepath.Join(memoryDir(t), "journal")
				j := open(t, path, clock.options())
				appendN(t, j, 20)
				st := status(t, j)
				if err := j.Cover(t.Context(), st.Journal, st.Head, noon, validUntil, []byte("receipt")); err != nil {
					t.Fatal(err)
				}
				clock.pass(time.Hour)
				c.do(t, clock, j)
				if restart {
					mustAppend(t, j) // what is noticed is kept
					j.Close()
					j = open(t, path, clock.options())
				}
				n, err := j.Purge(t.Context(), far)
				base := status(t, j).Base.Number
				if c.trusted && (err != nil || n != int(st.Head.Number) || base != st.Head.Number) {
					t.Errorf("%d entries are purged, up to %d: %v", n, base, err)
				}
				if !c.trusted && (!errors.Is(err, store.ErrClock) || n != 0 || base != 0) {
					t.Errorf("%d entries are purged, up to %d: %v", n, base, err)
				}
			})
		}
	}
}

// A kiosk that was off over a weekend is not one whose clock jumped.
func TestTimeThatPassesWhileTheKioskIsOff(t *testing.T) {
	t.Parallel()
	for off, jumped := range map[time.Duration]bool{
		0: false, 71 * time.Hour: false, 73 * time.Hour: true, -time.Second: false, -29 * time.Second: false, -time.Minute: true,
	} {
		clock := &testClock{wall: noon, up: 5 * time.Hour}
		path := filepath.Join(memoryDir(t), "journal")
		j := open(t, path, clock.options())
		mustAppend(t, j)
		j.Close()
		clock.wall, clock.up = clock.wall.Add(off), time.Minute
		j = open(t, path, clock.options())
		if c := j.Clock(); c.Jumped != jumped {
			t.Errorf("off for %s: jumped is %t", off, c.Jumped)
		}
	}
}

// An entry is as old as one that follows it: one that bears a time of 2040 goes
// when what follows it is old.
func TestAnEntryIsNotYoungerThanOneThatFollows(t *testing.T) {
	t.Parallel()
	clock := &testClock{wall: noon}
	j := open(t, filepath.Join(memoryDir(t), "journal"), clock.options())
	for i, at := range []time.Time{noon, noon.Add(14 * year), noon.Add(14 * year), noon.Add(time.Second), noon.Add(time.Hour), noon.Add(2 * time.Hour)} {
		if _, err := j.Append(t.Context(), 1, at, fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
	st := status(t, j)
	for _, c := range []struct {
		covered uint64
		before  time.Duration
		base    uint64
	}{
		{covered: 4, before: time.Minute, base: 2}, // the one that follows is not covered yet
		{covered: st.Head.Number, before: time.Minute, base: 5},
		{covered: st.Head.Number, before: 90 * time.Minute, base: 6},
	} {
		coverUpTo(t, j, c.covered, noon)
		if _, err := j.Purge(t.Context(), noon.Add(c.before)); err != nil {
			t.Fatal(err)
		}
		if base := status(t, j).Base.Number; base != c.base {
			t.Errorf("covered to %d, before %s: purged to %d, not %d", c.covered, c.before, base, c.base)
		}
	}
}

// A statement of the province lowers the floor, once.
func TestAStatementLowersTheFloorOnce(t *testing.T) {
	t.Parallel()
	clock := &testClock{wall: noon}
	path := filepath.Join(memoryDir(t), "journal")
	j := open(t, path, clock.options())
	if err := j.RaiseFloor(t.Context(), noon.Add(2*year), validUntil); err != nil {
		t.Fatal(err)
	}
	for _, s := range []struct {
		serial  uint64
		at      time.Time
		old     bool
		floor   time.Time
		restart bool
	}{
		{serial: 7, at: noon.Add(-time.Hour), floor: noon.Add(-time.Hour)},
		{serial: 7, at: noon.Add(-2 * time.Hour), old: true, floor: noon.Add(-time.Hour)},
		{serial: 6, at: noon.Add(-3 * time.Hour), old: true, floor: noon.Add(-time.Hour), restart: true},
		{serial: 8, at: noon.Add(-4 * time.Hour), floor: noon.Add(-4 * time.Hour)},
	} {
		if s.restart {
			j.Close()
			j = open(t, path, clock.options())
		}
		err := j.SetFloor(t.Context(), s.serial, s.at)
		if errors.Is(err, store.ErrOldStatement) != s.old || err != nil && !s.old {
			t.Errorf("statement %d: %v", s.serial, err)
		}
		if c := j.Clock(); !c.Floor.Equal(s.floor) || !c.Plausible || !c.Now.Equal(noon) {
			t.Errorf("statement %d: %+v, the floor is not %s", s.serial, c, s.floor)
		}
	}
}

// How good the clock is stands in the journal where it changes.
func TestTheQualityOfTheClockIsRecordedWhereItChanges(t *testing.T) {
	t.Parallel()
	clock := &testClock{wall: noon}
	o := clock.options()
	q := store.ClockQuality{}
	o.Quality = func() store.ClockQuality { return q }
	path := filepath.Join(memoryDir(t), "journal")
	j := open(t, path, o)
	if c := j.Clock(); c.QualitySince != (time.Time{}) {
		t.Errorf("before anything is recorded: %+v", c)
	}
	var want []store.Incident
	for i, next := range []store.ClockQuality{
		{}, {}, {Synchronised: true, MaxError: 7 * time.Millisecond}, {Synchronised: true, MaxError: 9 * time.Millisecond}, {},
	} {
		if changed := i == 0 || next.Synchronised != q.Synchronised; changed {
			want = append(want, store.Incident{What: store.ClockSource, Time: clock.wall, Synchronised: next.Synchronised, MaxError: next.MaxError})
		}
		q = next
		mustAppend(t, j)
		if c := j.Clock(); c.Quality != q || !c.QualitySince.Equal(want[len(want)-1].Time) {
			t.Errorf("step %d: %+v", i, c)
		}
		clock.pass(time.Minute)
		if i == 3 { // a restart is no change
			j.Close()
			j = open(t, path, o)
		}
	}
	got := readAll(t, j).incidents
	if len(got) != len(want) {
		t.Fatalf("%+v is recorded, not %+v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v is recorded, not %+v", got[i], want[i])
		}
	}
}

// The kernel's word is taken: this machine either is synchronised, within an error
// that is a time, or is not.
func TestTheSystemsClockHasAQuality(t *testing.T) {
	t.Parallel()
	q := store.SystemClockQuality()
	if q.Synchronised && (q.MaxError <= 0 || q.MaxError > time.Minute) || !q.Synchronised && q.MaxError != 0 {
		t.Errorf("%+v", q)
	}
}

// Times can be further apart than a duration holds: all that a clock may show are
// read as they were written, after a restart too.
func TestTimesOfAnyDistanceAreReadAsTheyWere(t *testing.T) {
	t.Parallel()
	path := filepath.Join(memoryDir(t), "journal")
	j := open(t, path, options())
	last := time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)
	times := map[uint64]time.Time{}
	for _, at := range []time.Time{time.Unix(0, 0), last, time.Unix(0, 0), noon, last.Add(time.Hour), time.Unix(-5, 0)} {
		e, err := j.Append(t.Context(), 1, at, []byte("visit"))
		if err != nil {
			t.Fatal(err)
		}
		times[e.Number] = at.UTC()
		switch { // what is beyond the ends is at the ends
		case at.After(last):
			times[e.Number] = last
		case at.Unix() < 0:
			times[e.Number] = time.Unix(0, 0).UTC()
		}
	}
	j.Close()
	j = open(t, path, options())
	got := entriesOf(t, j, status(t, j).Chain)
	if end, err := store.Verify(store.Position{Hash: got[0].Prev}, got); err != nil || end.Number != 7 {
		t.Errorf("the chain ends with %d: %v", end.Number, err)
	}
	for _, e := range got {
		if want, ok := times[e.Number]; ok && !e.Time.Equal(want) {
			t.Errorf("entry %d bears %s, not %s", e.Number, e.Time, want)
		}
	}
}
