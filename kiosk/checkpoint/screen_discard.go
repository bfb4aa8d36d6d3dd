package checkpoint

// Discard asks before what was entered is erased.
type Discard struct {
	Party bool // others on the slip have declared: theirs is kept
}

func (Discard) view() {}

// discard asks before a form is given up.
type discard struct {
	plain
	under screen
	login bool // a member of staff takes over
}

var _ = register(taps[discard]{
	TapAgree: discard.agree,
	TapBack:  discard.back,
}, Discard{})

func (discard) screenID() string            { return "discard" }
func (discard) timeout(s *Setup) timeout    { return timeout{after: s.Times.Away} }
func (s discard) onExit(c *step)            { s.under.onExit(c) }
func (s discard) back(*step, string) screen { return s.under }

func (s discard) view(*step) View {
	d, _ := drafted(s.under)
	return Discard{Party: d.party.count > 0}
}

func (s discard) agree(c *step, _ string) screen {
	if s.login {
		s.onExit(c)
		return login{}
	}
	return c.home()
}

func (s discard) on(c *step, e Event) screen {
	switch e.(type) {
	case Tick, Typed, CodeSeen:
		return s
	}
	s.under = s.under.on(c, e)
	return s
}

// drafted finds the form that a screen is about.
func drafted(s screen) (draft, bool) {
	switch s := s.(type) {
	case forWhom:
		return s.draft, true
	case question:
		return s.draft, true
	case healthCheck:
		return s.draft, true
	case review:
		return s.draft, true
	case help:
		return drafted(s.under)
	case discard:
		return drafted(s.under)
	}
	return draft{}, false
}

// giveUp asks before a form is given up in which something was entered.
func giveUp(c *step, s screen, login bool) (screen, bool) {
	if _, asked := s.(discard); asked {
		return s, false
	}
	if d, ok := drafted(s); ok && d.touched() {
		return discard{under: s, login: login}, true
	}
	return s, false
}
