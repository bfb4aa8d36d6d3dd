package checkpoint

// Unchecked says that the kiosk could not check: not that the code is bad.
type Unchecked struct {
	Problem string // "unreadable", "no-trust", "clock", "not-kept", "failed" and the like
}

func (Unchecked) view() {}

// unchecked says that the kiosk could not check.
type unchecked struct {
	plain
	problem string
}

var _ = register(taps[unchecked]{}, Unchecked{})

func (unchecked) screenID() string         { return "unchecked" }
func (unchecked) timeout(s *Setup) timeout { return timeout{after: s.Times.Unchecked} }
func (u unchecked) view(*step) View        { return Unchecked{Problem: u.problem} }

func (u unchecked) on(c *step, e Event) screen {
	if e, ok := e.(CodeSeen); ok {
		return c.read(e.Text)
	}
	return u
}
