package checkpoint

import (
	"time"

	"chot/kiosk/record"
)

// Step says what follows from an event. It changes nothing but what it returns.
func Step(s State, e Event) (State, []Action) {
	c := &step{State: s}
	c.m.scene = c.dispatch(e)
	c.m.scene = c.interrupt(c.m.scene)
	c.show()
	if p := prompt(c.m.scene); p != "" && p != prompt(s.m.scene) && c.Staff == (Badge{}) {
		c.do(c.say(p))
	}
	return c.State, c.actions
}

// prompt is what is said to a visitor when a scene comes: nothing while the kiosk
// waits for somebody or works. Verdicts and slips say their own, with the colour.
func prompt(s scene) string {
	switch s.(type) {
	case idle, slip:
		return ""
	case measuring:
		return "measuring"
	}
	return s.topic()
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
	actions []Action
}

// scene is where the visitor, or the member of staff, is: one type for each
// screen, an immutable value that holds what the screen is about.
type scene interface {
	// view draws the scene.
	view(*step) View
	// rest says how long the scene stays without a touch.
	rest(*Setup) rest
	// on handles what concerns this scene alone and returns the next one.
	on(*step, Event) scene
	// late is the next scene when the rest is over.
	late(*step) scene
	// leave does what must be done before the scene is given up.
	leave(*step)
	// topic names the scene for help; "" while the kiosk works and nothing may
	// come between.
	topic() string
}

// rest is how long a scene stays; ask: and whether it is asked first if
// somebody is still there.
type rest struct {
	after time.Duration
	ask   bool
}

// plain is what most scenes have in common: home when they are over, nothing
// left to do.
type plain struct{}

func (plain) late(c *step) scene { return c.home() }
func (plain) leave(*step)        {}

func (c *step) do(a ...Action) { c.actions = append(c.actions, a...) }

// id numbers an action that is answered.
func (c *step) id() int {
	c.m.asked++
	return c.m.asked
}

func (c *step) keep(body record.Body) int {
	id := c.id()
	c.do(Keep{ID: id, Record: record.Record{Time: c.Now, Body: body}})
	return id
}

func (c *step) check(texts ...string) int {
	id := c.id()
	c.do(Check{ID: id, Texts: texts})
	return id
}

// dispatch handles what is the same on every screen and hands the rest to the
// scene.
func (c *step) dispatch(e Event) scene {
	s := c.m.scene
	switch e := e.(type) {
	case Tick:
		return c.tick(e.Now)
	case Configured:
		return c.configure(e.Setup)
	case DeviceChanged:
		c.m.parts = c.m.parts.changed(e)
		c.Conditions = c.m.parts.conditions()
	case PartTested:
		c.m.parts = c.m.parts.tested(e)
	case NetworkChanged:
		c.Offline = !e.Online
	case Temperature:
		c.m.heat = heat{e.Celsius, c.Now}
	case ButtonPressed:
		c.do(OpenBarrier{Party: 1})
	case RecordKept:
		c.opened(e.ID)
		c.sampled(e.ID, true)
	case RecordFailed:
		c.unopened(e.ID)
		c.sampled(e.ID, false)
	case HintSeen:
		c.m.hint = hint{e.Hint, c.Now}
	case CodeSeen:
		c.m.touched = c.Now
		c.seen(e.Text) // the minute in which it counts once begins anew
	case Typed:
		c.m.touched = c.Now
	case Tapped:
		c.m.touched = c.Now
		if next, ok := c.tapped(s, e); ok {
			return next
		}
	}
	return s.on(c, e)
}

// tapped handles the taps that every screen takes.
func (c *step) tapped(s scene, t Tapped) (scene, bool) {
	switch t.Tap {
	case TapLanguage:
		if c.speaks(t.Value) {
			c.Language = t.Value
		}
		return s, true
	case TapCall:
		c.do(CallStaff{Topic: s.topic()}, Buzz{Pattern: "call"})
		if h, ok := s.(help); ok {
			h.called = true
			return h, true
		}
		return s, true
	case TapHelp:
		if _, already := s.(help); !already && s.topic() != "" {
			return help{under: s}, true
		}
		return s, true
	case TapHome:
		return c.home(), true
	}
	return s, false
}

func (c *step) speaks(language string) bool {
	for _, l := range c.m.setup.Languages {
		if l == language {
			return true
		}
	}
	return false
}

// tick moves the time on, and the scene where its rest is over.
func (c *step) tick(now time.Time) scene {
	c.Now = now
	if c.m.touched.After(now) { // the clock was set back: the rest starts anew
		c.m.touched = now
	}
	c.expire()
	c.m.sightings = c.m.sightings.since(now.Add(-c.m.setup.Times.Repeat))
	if c.m.last.at.Before(now.Add(-overrideWithin)) {
		c.m.last = last{}
	}
	s := c.m.scene
	r := s.rest(c.m.setup)
	if r.after == 0 || now.Before(c.m.touched.Add(r.after)) {
		return s.on(c, Tick{now})
	}
	c.m.touched = now
	if r.ask {
		return away{under: s}
	}
	return s.late(c)
}

// interrupt puts a kiosk that cannot serve out of order, and back.
func (c *step) interrupt(s scene) scene {
	if _, out := s.(outOfOrder); out {
		if !c.blocked() {
			return c.idle()
		}
		return s
	}
	if c.Staff != (Badge{}) || !c.blocked() || s.topic() == "" || immune(s) {
		return s
	}
	s.leave(c)
	c.clear()
	return outOfOrder{}
}

// immune scenes are those by which a kiosk that is out of order is repaired.
func immune(s scene) bool {
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

func (c *step) blocked() bool {
	return len(c.Conditions) > 0 && c.Conditions[0].Severity == Blocking
}

// show draws the scene into the state.
func (c *step) show() {
	c.View = c.m.scene.view(c)
	c.Leaves = time.Time{}
	if r := c.m.scene.rest(c.m.setup); r.after > 0 {
		c.Leaves = c.m.touched.Add(r.after)
	}
}
