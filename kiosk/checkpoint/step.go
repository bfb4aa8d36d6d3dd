package checkpoint

import "time"

// Step says what follows from an event. It changes nothing but what it returns.
func Step(s State, e Event) (State, []Action) {
	c := &step{State: s}
	c.m.screen = c.dispatch(e)
	c.m.screen = c.interrupt(c.m.screen)
	if waits(c.m.screen) && !waits(s.m.screen) && !c.forgotten {
		c.forget() // however the last visitor left
	}
	c.show()
	if p := prompt(c.m.screen); p != "" && p != prompt(s.m.screen) && c.Staff == (Badge{}) {
		c.do(c.say(p))
	}
	return c.State, c.actions
}

// prompt is what is said to a visitor when a screen comes: nothing while the
// kiosk waits or works. Verdicts and slips say their own, with the colour.
func prompt(s screen) string {
	switch s.(type) {
	case idle, slip:
		return ""
	case measuring:
		return "measuring"
	}
	return s.screenID()
}

// say is the prompt in the visitor's language.
func (c *step) say(prompt string) Say { return Say{Prompt: prompt, Language: c.Language} }

// worded picks the visitor's language from texts by language, or else the
// kiosk's first: data that the province publishes may lag behind the languages.
func (c *step) worded(texts map[string]string) string {
	if text := texts[c.Language]; text != "" {
		return text
	}
	return texts[c.m.setup.Languages[0]]
}

// step is one step in the making: a copy of the state that may be written to.
// What the copy shares with its original, maps and slices, is replaced, never
// written to.
type step struct {
	State
	actions   []Action
	forgotten bool // the last visitor was, in this step
}

func (c *step) do(a ...Action) { c.actions = append(c.actions, a...) }

// id numbers an action that is answered.
func (c *step) id() int {
	c.m.asked++
	return c.m.asked
}

func (c *step) check(texts ...string) int {
	id := c.id()
	c.do(Check{ID: id, Texts: texts})
	return id
}

// dispatch handles what is the same on every screen and hands the rest to the
// screen.
func (c *step) dispatch(e Event) screen {
	s := c.m.screen
	switch e := e.(type) {
	case Tick:
		return c.tick(e.Now)
	case Configured:
		return c.configure(e.Setup)
	case DeviceChanged:
		c.m.parts = c.m.parts.changed(e)
		c.Conditions = c.conditions()
	case PartTested:
		c.m.parts = c.m.parts.tested(e)
	case NetworkChanged:
		c.Offline = !e.Online
	case Temperature:
		c.m.temperature = temperature{e.Celsius, c.Now}
	case ButtonPressed:
		c.do(OpenBarrier{Party: 1})
	case RecordKept:
		c.answered(e.ID, true)
		c.sampled(e.ID, true)
	case RecordFailed:
		c.answered(e.ID, false)
		c.sampled(e.ID, false)
	case Printed:
		c.printed(e.ID, "")
	case PrintFailed:
		c.printed(e.ID, e.Problem)
	case HintSeen:
		c.m.hint = hint{e.Hint, c.Now}
	case CodeSeen:
		c.m.touched = c.Now
		c.seen(e.Text) // the minute in which it counts once starts again
	case Typed:
		c.m.touched = c.Now
	case Tapped:
		c.m.touched = c.Now
		return c.tapped(s, e)
	}
	return s.on(c, e)
}

// everywhere are the taps that every screen takes. They come before its own.
var everywhere = map[Tap]func(screen, *step, string) screen{
	TapLanguage: func(s screen, c *step, value string) screen {
		if c.speaks(value) {
			c.Language = value
			if c.Staff != (Badge{}) {
				c.m.staffLanguage = value
			}
		}
		return s
	},
	TapCall: func(s screen, c *step, _ string) screen {
		c.do(CallStaff{Screen: s.screenID()}, Buzz{Pattern: "call"}, c.say("call"))
		if h, ok := s.(help); ok {
			h.called = true
			return h
		}
		return s
	},
	TapHelp: func(s screen, _ *step, _ string) screen {
		if _, already := s.(help); !already && s.screenID() != "" {
			return help{under: s}
		}
		return s
	},
	TapHome: func(s screen, c *step, _ string) screen {
		if ask, must := giveUp(c, s, false); must {
			return ask
		}
		return c.home()
	},
}

// tapped does what the table says of a tap. A tap that the screen does not offer
// changes nothing: it was meant for the screen before.
func (c *step) tapped(s screen, t Tapped) screen {
	if do := everywhere[t.Tap]; do != nil {
		return do(s, c, t.Value)
	}
	if do := kindOf(s).taps[t.Tap]; do != nil {
		return do(s, c, t.Value)
	}
	return s
}

func (c *step) speaks(language string) bool {
	for _, l := range c.m.setup.Languages {
		if l == language {
			return true
		}
	}
	return false
}

// tick moves the time on, and the screen where its time is over.
func (c *step) tick(now time.Time) screen {
	c.Now = now
	if c.m.touched.After(now) { // the clock was set back: the screen's time starts again
		c.m.touched = now
	}
	c.watchJournal()
	c.expirePrints()
	c.m.sightings = c.m.sightings.since(now.Add(-c.m.setup.Times.Repeat))
	s := c.m.screen
	t := s.timeout(c.m.setup)
	if t.after == 0 || now.Before(c.m.touched.Add(t.after)) {
		return s.on(c, Tick{now})
	}
	c.m.touched = now
	if t.ask {
		return away{under: s}
	}
	return s.onTimeout(c)
}

// interrupt puts a kiosk that cannot serve out of order, and back.
func (c *step) interrupt(s screen) screen {
	if _, out := s.(outOfOrder); out {
		if !c.blocked() {
			return c.idle()
		}
		return s
	}
	if c.Staff != (Badge{}) || !c.blocked() || s.screenID() == "" || immune(s) {
		return s
	}
	s.onExit(c)
	c.clear()
	return outOfOrder{}
}

// immune screens are those by which a kiosk that is out of order is repaired.
func immune(s screen) bool {
	switch s := s.(type) {
	case login, provision:
		return true
	case help:
		return immune(s.under)
	case away:
		return immune(s.under)
	}
	return false
}

// waits says whether a screen waits for the next visitor, and so holds none.
func waits(s screen) bool {
	switch s.(type) {
	case idle, outOfOrder:
		return true
	}
	return false
}

func (c *step) blocked() bool {
	return len(c.Conditions) > 0 && c.Conditions[0].Severity == Blocking
}

// show draws the screen into the state.
func (c *step) show() {
	c.View = c.m.screen.view(c)
	c.Leaves = time.Time{}
	if t := c.m.screen.timeout(c.m.setup); t.after > 0 {
		c.Leaves = c.m.touched.Add(t.after)
	}
}
