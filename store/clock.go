package store

import (
	"sync"
	"time"
)

// jumpTolerance is how far the wall clock may stray from the uptime between two
// looks before it counts as a jump. NTP slews by less.
const jumpTolerance = 30 * time.Second

// clock never runs behind the highest time that it has seen signed or
// journalled, and notices when the wall clock is set.
type clock struct {
	wall   func() time.Time
	uptime func() time.Duration

	mu    sync.Mutex
	floor time.Time // the highest time seen, at uptime since
	since time.Duration

	// Where the wall clock stood at the last look.
	seen   time.Time
	seenAt time.Duration
}

func newClock(o Options, high time.Time) *clock {
	up := o.Uptime()
	// At the start the wall clock is held against the journal: it was set back
	// while the kiosk was off if it is behind.
	seen := o.Clock().Round(0)
	if seen.Before(high) {
		seen = high
	}
	return &clock{wall: o.Clock, uptime: o.Uptime, floor: high, since: up, seen: seen, seenAt: up}
}

// now is the wall clock, or the highest time seen plus the uptime since where
// that is later.
func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, least := c.wall().Round(0).UTC(), c.floor.Add(c.uptime()-c.since).UTC()
	if now.Before(least) {
		return least
	}
	return now
}

// raise makes t the floor where it is later than the present one.
func (c *clock) raise(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	up := c.uptime()
	if t.After(c.floor.Add(up - c.since)) {
		c.floor, c.since = t, up
	}
}

// check returns an incident when the wall clock was set since the last look.
func (c *clock) check() []Incident {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, up := c.wall().Round(0).UTC(), c.uptime()
	expected := c.seen.Add(up - c.seenAt).UTC()
	c.seen, c.seenAt = now, up
	if d := now.Sub(expected); d.Abs() <= jumpTolerance {
		return nil
	}
	return []Incident{{What: ClockJump, Time: now, From: expected}}
}
