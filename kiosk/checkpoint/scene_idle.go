package checkpoint

import (
	"slices"
	"time"

	"chot/kiosk/declaration"
)

// idle waits for somebody. It holds nothing.
type idle struct{ plain }

func (idle) topic() string    { return "idle" }
func (idle) rest(*Setup) rest { return rest{} }

func (idle) view(c *step) View {
	v := Idle{
		Direction:  c.way(),
		Directions: c.m.setup.Directions,
		Links:      c.m.setup.Links,
		Services:   c.services(),
		Message:    c.message(),
	}
	if c.m.hint.what != "" && c.Now.Before(c.m.hint.at.Add(c.m.setup.Times.Hint)) {
		v.Hint = c.m.hint.what
	}
	return v
}

func (s idle) on(c *step, e Event) scene {
	switch e := e.(type) {
	case CodeSeen:
		return c.read(e.Text)
	case Tapped:
		switch e.Tap {
		case TapStaff:
			return login{}
		case TapDirection:
			for _, d := range c.m.setup.Directions {
				if d.String() == e.Value {
					c.m.direction = d
				}
			}
		case TapService:
			if slices.Contains(c.services(), Service(e.Value)) {
				return c.serve(Service(e.Value))
			}
		}
	case Tick:
		// A direction that somebody chose and left goes back to the usual one.
		if c.Now.Sub(c.m.touched) > c.m.setup.Times.Form {
			c.m.direction = 0
			c.Language = c.m.setup.Languages[0]
		}
	}
	return s
}

// services are those that are set up and have what they need.
func (c *step) services() []Service {
	return slices.DeleteFunc(slices.Clone(c.m.setup.Services), func(s Service) bool {
		p, asks := purposes[s]
		return asks && c.form(p) == nil
	})
}

var purposes = map[Service]Purpose{Declare: ForDeclaration, Register: ForTest}

func (c *step) serve(s Service) scene {
	switch s {
	case Declare, Register:
		return c.begin(purposes[s])
	case Results:
		return resultLookUp{}
	case Vaccination:
		return vaccinationDesk{}
	}
	return c.m.scene
}

// form picks the form of the day.
func (c *step) form(p Purpose) *declaration.Form {
	return declaration.Pick(c.m.setup.Forms, formIDs[p], c.Now)
}

var formIDs = map[Purpose]string{
	ForDeclaration: declaration.Health,
	ForTest:        declaration.Test,
	ForVaccination: declaration.Vaccination,
}

// message is the content whose turn it is: never one before or after its time.
func (c *step) message() Message {
	var holding []Content
	for _, m := range c.m.setup.Content {
		if !c.Now.Before(m.From) && (m.Until.IsZero() || c.Now.Before(m.Until)) {
			holding = append(holding, m)
		}
	}
	if len(holding) == 0 {
		return Message{}
	}
	each := max(c.m.setup.Times.Message, time.Second)
	m := holding[int(c.Now.Unix()/int64(each/time.Second))%len(holding)]
	return Message{ID: m.ID, Text: c.worded(m.Texts), Source: m.Source, Date: m.Date, Picture: m.Picture}
}

// away asks whether somebody is still there.
type away struct{ under scene }

func (away) topic() string        { return "away" }
func (away) rest(s *Setup) rest   { return rest{after: s.Times.Away} }
func (a away) leave(c *step)      { a.under.leave(c) }
func (a away) late(c *step) scene { a.under.leave(c); return c.idle() }

func (a away) view(c *step) View {
	return Away{Until: c.m.touched.Add(c.m.setup.Times.Away)}
}

func (a away) on(c *step, e Event) scene {
	switch e.(type) {
	case Tapped:
		return a.under
	case CodeSeen:
		if c.Staff != (Badge{}) {
			return a.under.on(c, e)
		}
		// Somebody else may be standing there by now: what is hidden stays hidden.
		return c.home().on(c, e)
	case Typed, Tick:
		return a
	}
	// An answer that the scene below waits for.
	a.under = a.under.on(c, e)
	return a
}

// help explains the scene below it.
type help struct {
	under  scene
	called bool
}

func (help) topic() string        { return "help" }
func (help) rest(s *Setup) rest   { return rest{after: s.Times.Form, ask: true} }
func (h help) leave(c *step)      { h.under.leave(c) }
func (h help) late(c *step) scene { return c.home() }
func (h help) view(*step) View    { return Help{Topic: h.under.topic(), Called: h.called} }

func (h help) on(c *step, e Event) scene {
	switch e := e.(type) {
	case Tapped:
		switch e.Tap {
		case TapBack, TapDone:
			return h.under
		case TapStaff:
			if c.Staff == (Badge{}) {
				h.leave(c)
				return login{}
			}
		}
		return h
	case CodeSeen:
		return h.under.on(c, e)
	case Tick, Typed:
		return h
	}
	h.under = h.under.on(c, e)
	return h
}

// outOfOrder serves nobody but staff.
type outOfOrder struct {
	plain
	checking int
}

func (outOfOrder) topic() string    { return "out-of-order" }
func (outOfOrder) rest(*Setup) rest { return rest{} }

func (outOfOrder) view(c *step) View {
	n := slices.IndexFunc(c.Conditions, func(d Condition) bool { return d.Severity != Blocking })
	if n < 0 {
		n = len(c.Conditions)
	}
	return OutOfOrder{Conditions: c.Conditions[:n:n]}
}

func (o outOfOrder) on(c *step, e Event) scene {
	switch e := e.(type) {
	case CodeSeen:
		o.checking = c.check(e.Text)
	case BadgeRead:
		if e.ID == o.checking {
			return c.badge(e.Badge)
		}
	case Tapped:
		if e.Tap == TapStaff {
			return login{}
		}
	}
	return o
}
