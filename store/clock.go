package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// The journal goes by two clocks.
//
// The floor is a time that it is not before. It rises by what is signed alone
// (receipts, the timestamp of the bundle), never past the end of the signer's own
// validity, and with the time that passes while the process runs. Nothing that
// the system's clock shows can raise it, so a wrong reading ends with the reading.
// A signed statement of the province can lower it.
//
// The time of an event is the system's, while that is plausible: no more than ten
// minutes before the floor, because the signer's clock is not the same one, and not
// longer after it than [Options.MaxAhead]. Otherwise it is the floor. Numbers order
// entries, not times.

const (
	// jumpTolerance is how far the system's clock may stray from the uptime
	// between two looks before it counts as a jump. NTP slews by less.
	jumpTolerance = 30 * time.Second
	// maxOff is how long a kiosk may have been off without its clock being taken
	// for one that jumped.
	maxOff = 72 * time.Hour
	// clocksApart is how far the clocks of a kiosk and of a signer may be apart
	// while both count as right.
	clocksApart = 10 * time.Minute
	// defaultMaxAhead is a year without a signed time.
	defaultMaxAhead = 366 * 24 * time.Hour
)

// ClockQuality says how good the system's clock is.
type ClockQuality struct {
	// Synchronised says that the clock follows a source of time, as by NTP. That
	// source is not authenticated.
	Synchronised bool
	// MaxError bounds the clock's error while it is synchronised. It grows with
	// the time since the source was heard. Zero if it is not known.
	MaxError time.Duration
}

// SystemClockQuality asks the kernel how good the system's clock is (adjtimex(2)).
// Where the kernel does not say, the clock counts as not synchronised.
func SystemClockQuality() ClockQuality {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	if err != nil || state == unix.TIME_ERROR || t.Status&unix.STA_UNSYNC != 0 {
		return ClockQuality{}
	}
	return ClockQuality{Synchronised: true, MaxError: time.Duration(t.Maxerror) * time.Microsecond}
}

// Clock is what the journal knows of the time.
type Clock struct {
	Now    time.Time // what the kiosk goes by: System while that is plausible and later, else Floor
	System time.Time // the system's clock
	Floor  time.Time // it is not earlier than this; zero before anything signed was seen
	// Plausible says that the system's clock is neither too long before the floor
	// nor too long after it. Without a floor it is plausible whatever it shows.
	Plausible bool
	// Jumped says that the system's clock was set since it was last confirmed, by
	// a signed time close to it or by [Journal.ConfirmClock]. Purge refuses.
	Jumped  bool
	Quality ClockQuality // since QualitySince; the zero value without [Options.Quality]
	// QualitySince is when the clock became, or ceased to be, synchronised, by
	// the kiosk's time; zero if not known.
	QualitySince time.Time
}

var (
	// ErrClock is returned by Purge while the clock is not plausible, or was set
	// and has not been confirmed: what is old cannot be told then.
	ErrClock = errors.New("the clock cannot be trusted")
	// ErrOldStatement means that a statement about the clock is not newer than the
	// last one that was obeyed.
	ErrOldStatement = errors.New("the statement about the clock is an old one")
)

// Clock returns what the journal knows of the time.
func (j *Journal) Clock() Clock {
	c := j.clock.look()
	if j.o.Quality != nil {
		c.Quality = j.o.Quality()
		if k := j.state.Load().clock; k.qualityKnown && k.synchronised == c.Quality.Synchronised {
			c.QualitySince = k.qualitySince
		}
	}
	return c
}

// Now is the time that the kiosk goes by, see [Clock].
func (j *Journal) Now() time.Time { return j.clock.look().Now }

// Uptime is the time since some moment by a clock that is never set: for
// intervals, which must not depend on what the time is.
func (j *Journal) Uptime() time.Duration { return j.o.Uptime() }

// RaiseFloor raises the floor to a time that was signed, or to the end of the
// signer's validity where that is earlier. Either being zero, or a time that is
// not later than the floor, changes nothing. The caller has verified the
// signature.
func (j *Journal) RaiseFloor(ctx context.Context, signed, until time.Time) error {
	at := evidence(signed, until)
	if at.IsZero() {
		return nil
	}
	err := j.locked(ctx, func() error {
		if !j.clock.look().raises(at) {
			return nil
		}
		return j.update(func(w *writer) error {
			w.raise(at)
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("recording a signed time: %w", err)
	}
	return nil
}

// evidence is what a signed time proves: that it is not earlier than that, nor
// than the end of the signer's validity if that comes first.
func evidence(signed, until time.Time) time.Time {
	switch {
	case signed.IsZero() || until.IsZero():
		return time.Time{}
	case signed.After(until):
		signed = until
	}
	return time.UnixMilli(signed.UnixMilli()).UTC()
}

// SetFloor sets the floor, to a lower time too, by a statement of the province
// that is numbered with a serial. One whose serial is not higher than the last
// one's is an error that wraps [ErrOldStatement]. The caller has verified the
// signature.
func (j *Journal) SetFloor(ctx context.Context, serial uint64, at time.Time) error {
	err := j.locked(ctx, func() error {
		if last := j.state.Load().clock.serial; serial <= last {
			return fmt.Errorf("%w: number %d after %d", ErrOldStatement, serial, last)
		}
		return j.update(func(w *writer) error {
			w.s.clock.floor, w.s.clock.serial = time.UnixMilli(at.UnixMilli()).UTC(), serial
			w.confirm(at)
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("setting the clock's floor: %w", err)
	}
	return nil
}

// ConfirmClock records that a person has looked at the clock and says that it is
// right: Purge goes on. It is an error that wraps [ErrClock] while the clock is not
// plausible.
func (j *Journal) ConfirmClock(ctx context.Context) error {
	err := j.locked(ctx, func() error {
		if c := j.clock.look(); !c.Plausible {
			return fmt.Errorf("%w: it shows %s, the floor is %s", ErrClock, c.System.Format(time.RFC3339), c.Floor.Format(time.RFC3339))
		}
		return j.update(func(w *writer) error {
			w.s.clock.jumped = false
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("confirming the clock: %w", err)
	}
	return nil
}

// raise records a signed time in the state.
func (w *writer) raise(at time.Time) {
	if w.j.clock.look().raises(at) {
		w.s.clock.floor = at
	}
	w.confirm(at)
}

// confirm ends the doubt about a clock that jumped where a signed time is close
// to it.
func (w *writer) confirm(signed time.Time) {
	if d := w.j.o.Clock().Sub(signed); d.Abs() <= clocksApart {
		w.s.clock.jumped = false
	}
}

// clockDoubt is an error that wraps ErrClock where the clock does not say what is
// old.
func (j *Journal) clockDoubt() error {
	c := j.clock.look()
	switch {
	case !c.Plausible:
		return fmt.Errorf("%w: it shows %s, the floor is %s", ErrClock, c.System.Format(time.RFC3339), c.Floor.Format(time.RFC3339))
	case c.Jumped:
		return fmt.Errorf("%w: it was set, and neither a signed time nor a person has confirmed it", ErrClock)
	}
	return nil
}

// clock compares the system's clock with the floor and with the uptime.
type clock struct {
	wall     func() time.Time
	uptime   func() time.Duration
	maxAhead time.Duration

	mu     sync.Mutex
	floor  time.Time // at uptime since
	since  time.Duration
	seen   time.Time // what the system's clock showed at the last look
	seenAt time.Duration
	jumped bool
}

func newClock(o Options, known clockState) *clock {
	up, seen := o.Uptime(), o.Clock().Round(0)
	// What the clock did while the kiosk was off is judged by what it showed last.
	if !known.seen.IsZero() && (seen.Before(known.seen) || seen.After(known.seen.Add(maxOff))) {
		seen = known.seen
	}
	return &clock{
		wall: o.Clock, uptime: o.Uptime, maxAhead: o.MaxAhead,
		floor: known.floor, since: up, seen: seen, seenAt: up, jumped: known.jumped,
	}
}

// look returns what is known of the time, without the quality.
func (c *clock) look() Clock {
	c.mu.Lock()
	defer c.mu.Unlock()
	system, up := c.wall().Round(0).UTC(), c.uptime()
	k := Clock{Now: system, System: system, Plausible: true}
	k.Jumped = c.jumped || system.Sub(c.seen.Add(up-c.seenAt)).Abs() > jumpTolerance
	if c.floor.IsZero() {
		return k
	}
	k.Floor = c.floor.Add(up - c.since).UTC()
	after := system.Sub(k.Floor)
	k.Plausible = after >= -clocksApart && after <= c.maxAhead
	if !k.Plausible || after < 0 {
		k.Now = k.Floor
	}
	return k
}

// raises says whether a signed time is later than the floor.
func (k Clock) raises(signed time.Time) bool { return k.Floor.IsZero() || signed.After(k.Floor) }

// adopt takes over what was written.
func (c *clock) adopt(s clockState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !s.floor.Equal(c.floor) {
		c.floor, c.since = s.floor, c.uptime()
	}
	c.jumped = s.jumped
}

// check returns an incident when the system's clock was set since the last look.
func (c *clock) check() []Incident {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, up := c.wall().Round(0).UTC(), c.uptime()
	expected := c.seen.Add(up - c.seenAt).UTC()
	c.seen, c.seenAt = now, up
	if d := now.Sub(expected); d.Abs() <= jumpTolerance {
		return nil
	}
	c.jumped = true
	return []Incident{{What: ClockJump, Time: now, From: expected}}
}
