package checkpoint

import (
	"time"

	"chot/kiosk/credential"
)

// ForWhom opens a form: that it keeps a person's data and for how long, and
// whether it is for oneself or a relative. A code of an identity paper may be
// held up here and fills in what it says.
type ForWhom struct {
	Purpose   Purpose
	Retention time.Duration
	Read      string // family of the code that was read, "" so far
	Name      string // that it gave, masked
	Assisted  bool
	Party     int    // people who have declared already, on the same slip
	Problem   string // why the code that was held up does not help: "not-a-person"
}

func (ForWhom) view() {}

// forWhom opens a form.
type forWhom struct {
	form
	draft draft
	id    int
	text  string // of the code that is being checked
	name  string

	problem string // of the last code
}

var _ = register(taps[forWhom]{
	TapSelf:     forWhom.self,
	TapRelative: forWhom.relative,
	TapBack:     forWhom.back,
}, ForWhom{})

var (
	_ = registerService(Declare, asking(ForDeclaration))
	_ = registerService(Register, asking(ForTest))
)

// asking is a service that begins with a form.
func asking(p Purpose) service {
	return service{
		offers: func(c *step) bool { return c.form(p) != nil },
		open:   func(c *step) screen { return c.begin(p) },
	}
}

// begin opens a form; without one for today the screen stays.
func (c *step) begin(p Purpose) screen {
	form := c.form(p)
	if form == nil {
		return c.m.screen
	}
	return forWhom{draft: newDraft(p, form)}
}

func (s forWhom) screenID() string { return string(s.draft.purpose) }
func (s forWhom) onExit(c *step)   { c.partWay(s.draft) }

func (s forWhom) view(c *step) View {
	return ForWhom{
		Purpose: s.draft.purpose, Retention: c.m.setup.Retention, Read: s.draft.family, Name: s.name,
		Assisted: c.m.assisted.on, Party: s.draft.party.count, Problem: s.problem,
	}
}

// identified fills in what an identity paper says.
func (s forWhom) identified(c *step, text string, cred *credential.Credential) screen {
	s.draft = s.draft.fill(c, text, cred)
	s.name, s.problem = mask(cred.Holder.Name), ""
	return s
}

func (s forWhom) on(c *step, e Event) screen {
	switch e := e.(type) {
	case CodeSeen:
		s.text, s.id = e.Text, c.check(e.Text)
	case Checked:
		if e.ID != s.id || len(e.Credentials) == 0 {
			break
		}
		cred := e.Credentials[len(e.Credentials)-1]
		if identifies(&cred) {
			return s.identified(c, s.text, &cred)
		}
		if neutral(e.Verdict) {
			s.problem = "not-a-person"
			return s
		}
		if c.Staff == (Badge{}) && !s.draft.touched() {
			// Whoever holds up a certificate now wants to pass after all.
			return c.decide(visitOf(c, []string{s.text}, e))
		}
	case BadgeRead:
		if e.ID == s.id && c.Staff == (Badge{}) {
			s.onExit(c)
			return c.badge(e.Badge, override{})
		}
	}
	return s
}

func (s forWhom) self(c *step, _ string) screen {
	s.draft.proxy = s.draft.proxy || c.m.assisted.on
	return c.ask(s.draft, -1, 1)
}

func (s forWhom) relative(c *step, _ string) screen {
	s.draft.proxy = true
	return c.ask(s.draft, -1, 1)
}

func (s forWhom) back(c *step, _ string) screen {
	if s.draft.desk != nil {
		return *s.draft.desk
	}
	return c.home()
}
