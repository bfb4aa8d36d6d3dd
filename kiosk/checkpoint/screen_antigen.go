package checkpoint

import (
	"time"

	"chot/kiosk/sampling"
)

// Antigens lists the antigen tests that wait to be read.
type Antigens struct {
	Tests   []Timer
	Problem string
}

// Timer is one antigen test on the table.
type Timer struct {
	Tube  string
	From  time.Time // earliest reading
	Until time.Time // latest reading
	Phase string    // "wait", "read", "late"
}

func (Antigens) view() {}

// antigens lists the tests that wait to be read.
type antigens struct {
	staffed
	problem string
}

var _ = register(taps[antigens]{
	TapOpen: antigens.open,
	TapBack: antigens.home,
}, Antigens{})

var _ = registerTask(task{
	id: TaskAntigen, rank: 20, roles: []Role{Sampler, Supervisor},
	open: func(*step) screen { return antigens{} },
})

func (antigens) screenID() string    { return "antigen" }
func (s antigens) view(c *step) View { return Antigens{Tests: c.timers(), Problem: s.problem} }

func (s antigens) on(c *step, e Event) screen {
	if e, ok := e.(CodeSeen); ok {
		return s.open(c, e.Text)
	}
	return s
}

// open goes on with one test; none is read before its time.
func (s antigens) open(c *step, number string) screen {
	t, ok := c.m.ledger.Tube(number)
	if !ok || !t.Unread() {
		s.problem = string(sampling.TubeUnknown)
		return s
	}
	if c.timer(t).Phase == "wait" {
		s.problem = "too-early"
		return s
	}
	return reading{tube: number}
}

// timers are the antigen tests on the table, the oldest first.
func (c *step) timers() []Timer {
	var timers []Timer
	for _, t := range c.m.ledger.Tubes(sampling.Tube.Unread) {
		timers = append(timers, c.timer(t))
	}
	return timers
}

func (c *step) timer(t sampling.Tube) Timer {
	taken := t.Taken.Time()
	timer := Timer{Tube: t.Number, From: taken.Add(c.m.setup.ReadFrom), Until: taken.Add(c.m.setup.ReadUntil), Phase: "read"}
	switch {
	case c.Now.Before(timer.From):
		timer.Phase = "wait"
	case c.Now.After(timer.Until):
		timer.Phase = "late"
	}
	return timer
}
