package panel

import (
	"context"
	"time"

	"periph.io/x/conn/v3/gpio"
)

// look is how often a contact is read when no edge comes, and so how long an
// edge can be missed and Halt can take.
const look = 100 * time.Millisecond

// contact is an input line with a switch to ground.
type contact struct {
	part    string
	line    In
	rest    time.Duration // how long the line must be quiet before it counts
	changed func(open, first bool)
}

func (c *contact) take() error {
	if c.line.Pin == nil {
		return nil
	}
	if err := c.line.Pin.In(gpio.PullUp, gpio.BothEdges); err != nil {
		return explain(c.part, c.line.Pin, err)
	}
	return nil
}

// watch tells the state at the start and each change of it, once the line is at
// rest. A line that never rests changes nothing.
func (c *contact) watch(ctx context.Context) {
	if c.line.Pin == nil {
		return
	}
	first, was := true, false
	for ctx.Err() == nil {
		open := bool(c.line.Pin.Read()) != c.line.Invert
		if first || open != was {
			if !c.settled(ctx) {
				continue
			}
			if again := bool(c.line.Pin.Read()) != c.line.Invert; again != open {
				continue
			}
			c.changed(open, first)
			first, was = false, open
		}
		start := time.Now()
		if !c.line.Pin.WaitForEdge(look) {
			// A broken line answers at once instead of waiting.
			pause(ctx, look-time.Since(start))
		}
	}
}

// settled waits until no edge has come for the time of rest.
func (c *contact) settled(ctx context.Context) bool {
	for ctx.Err() == nil {
		start := time.Now()
		if !c.line.Pin.WaitForEdge(c.rest) {
			pause(ctx, c.rest-time.Since(start))
			return true
		}
	}
	return false
}

func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
