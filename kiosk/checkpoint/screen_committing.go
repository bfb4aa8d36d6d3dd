package checkpoint

import "time"

// OneMoment says that what was decided is still on its way into the journal.
type OneMoment struct{}

func (OneMoment) view() {}

// committing waits until what was decided is durable. Before that no final verdict
// is shown, lit or sounded: what people were told is in the journal. An amber that
// waits for another code is not final, see [step.conclude].
type committing struct {
	plain
	record int // ID of the Keep
	since  time.Time
	then   shown
	told   bool // the verdict is lit and sounded already, as one that waited for another code
}

var _ = register(taps[committing]{}, Checking{}, OneMoment{})

// conclude records a verdict and shows it once it is durable. One that another code
// may complete is shown at once: it is recorded when that code came, or did not.
func (c *step) conclude(v visit) screen {
	if c.completable(v) {
		return shown{visit: v, open: true}.tell(c)
	}
	return c.commit(v, false)
}

func (c *step) commit(v visit, told bool) screen {
	id := c.record(v)
	s := committing{record: id, since: c.Now, then: shown{visit: v, gate: c.gateOf(v), scan: c.lastScan()}, told: told}
	if id == 0 { // counted a moment ago, and durable
		return s.done(c)
	}
	return s
}

// gateOf is what the barrier does once the visit is recorded.
func (c *step) gateOf(v visit) Gate {
	switch {
	case !c.m.setup.Barrier || v.again:
		return ""
	case v.verdict.Level == Green || v.direction == Out:
		return Open
	}
	return Shut
}

func (committing) screenID() string         { return "" }
func (committing) timeout(s *Setup) timeout { return timeout{after: s.Times.Answer} }
func (committing) onTimeout(*step) screen   { return unchecked{problem: "not-kept"} }

func (s committing) view(c *step) View {
	if c.Now.Sub(s.since) < c.m.setup.Times.Moment {
		return Checking{}
	}
	return OneMoment{}
}

func (s committing) done(c *step) screen {
	if s.told {
		return s.then
	}
	return s.then.tell(c)
}

func (s committing) on(c *step, e Event) screen {
	switch e := e.(type) {
	case RecordKept:
		if e.ID == s.record {
			c.m.touched = c.Now
			return s.done(c)
		}
	case RecordFailed:
		if e.ID == s.record {
			c.m.touched = c.Now
			c.do(Lamp{Level: Amber}, Buzz{Pattern: "amber"})
			return unchecked{problem: "not-kept"}
		}
	case Tick:
		if !c.m.stalled.IsZero() {
			return c.home() // out of order, for a visitor
		}
	}
	return s
}
