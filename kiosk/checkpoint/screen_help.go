package checkpoint

// Help explains the screen that it was called from.
type Help struct {
	Screen string // the ID of the screen that is explained: "idle", "question.phone"
	Called bool   // staff were called
}

func (Help) view() {}

// help explains the screen below it.
type help struct {
	under  screen
	called bool
}

var _ = register(taps[help]{
	TapBack:  help.back,
	TapStaff: help.staff,
}, Help{})

func (help) screenID() string            { return "help" }
func (help) timeout(s *Setup) timeout    { return timeout{after: s.Times.Form, ask: true} }
func (h help) onExit(c *step)            { h.under.onExit(c) }
func (h help) onTimeout(c *step) screen  { return c.home() }
func (h help) view(*step) View           { return Help{Screen: h.under.screenID(), Called: h.called} }
func (h help) back(*step, string) screen { return h.under }

func (h help) staff(c *step, _ string) screen {
	if c.Staff != (Badge{}) {
		return h
	}
	if ask, must := giveUp(c, h.under, true); must {
		return ask
	}
	h.onExit(c)
	return login{}
}

func (h help) on(c *step, e Event) screen {
	switch e.(type) {
	case CodeSeen:
		return h.under.on(c, e)
	case Tick, Typed:
		return h
	}
	h.under = h.under.on(c, e)
	return h
}
