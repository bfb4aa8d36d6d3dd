package checkpoint

import "time"

// Away asks whether the visitor is still there, and hides what they wrote.
type Away struct {
	Until time.Time // then everything is cleared
}

func (Away) view() {}

// away asks whether the visitor is still there.
type away struct{ under screen }

var _ = register(taps[away]{
	TapHere: away.here,
}, Away{})

func (away) screenID() string            { return "away" }
func (away) timeout(s *Setup) timeout    { return timeout{after: s.Times.Away} }
func (a away) onExit(c *step)            { a.under.onExit(c) }
func (a away) onTimeout(c *step) screen  { a.under.onExit(c); return c.idle() }
func (a away) view(c *step) View         { return Away{Until: c.m.touched.Add(c.m.setup.Times.Away)} }
func (a away) here(*step, string) screen { return a.under }

func (a away) on(c *step, e Event) screen {
	switch e.(type) {
	case CodeSeen:
		if c.Staff != (Badge{}) {
			return a.under.on(c, e)
		}
		// The next visitor may be standing there by now: what is hidden stays hidden.
		return c.home().on(c, e)
	case Typed, Tick:
		return a
	}
	// An answer that the screen below waits for.
	a.under = a.under.on(c, e)
	return a
}
