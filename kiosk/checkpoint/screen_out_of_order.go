package checkpoint

import "slices"

// OutOfOrder says that the kiosk serves no visitors, and why.
type OutOfOrder struct {
	Conditions []Condition // the blocking ones
}

func (OutOfOrder) view() {}

// outOfOrder serves staff alone.
type outOfOrder struct {
	plain
	checking int
}

var _ = register(taps[outOfOrder]{}, OutOfOrder{})

func (outOfOrder) screenID() string       { return "out-of-order" }
func (outOfOrder) timeout(*Setup) timeout { return timeout{} }
func (outOfOrder) view(c *step) View {
	n := slices.IndexFunc(c.Conditions, func(d Condition) bool { return d.Severity != Blocking })
	if n < 0 {
		n = len(c.Conditions)
	}
	return OutOfOrder{Conditions: c.Conditions[:n:n]}
}

func (o outOfOrder) on(c *step, e Event) screen {
	switch e := e.(type) {
	case CodeSeen:
		o.checking = c.check(e.Text)
	case BadgeRead:
		if e.ID == o.checking {
			return c.badge(e.Badge, override{})
		}
	}
	return o
}
