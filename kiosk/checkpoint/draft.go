package checkpoint

import (
	"cmp"

	"chot/kiosk/credential"
	"chot/kiosk/declaration"
	"chot/kiosk/policy"
)

// draft is a form that is being filled in.
type draft struct {
	purpose Purpose
	form    *declaration.Form
	answers declaration.Answers
	proxy   bool
	codes   []string // of identity papers that were read
	family  string   // of the last of them
	party   party    // who was declared before, on the same slip
	desk    *desk    // the sampling desk that waits for this person; nil where there is none
}

// touched says whether somebody has begun to fill it in.
func (d draft) touched() bool { return !d.answers.Empty() || len(d.codes) > 0 || d.party.count > 0 }

// party is a number of people on one slip.
type party struct {
	count   int
	number  string // of the first declaration, and so of the slip
	name    string // of the first, masked
	birth   int
	verdict policy.Verdict // the gravest
	codes   []string
}

// with adds a person who has declared.
func (p party) with(number, name string, birth int, v policy.Verdict, codes []string) party {
	if p.count == 0 {
		p = party{number: number, name: name, birth: birth, verdict: v}
	} else if v.Level > p.verdict.Level {
		p.verdict = v
	}
	p.count++
	p.codes = append(append([]string(nil), p.codes...), codes...)
	return p
}

// begin opens a form; where there is none today, the screen stays.
func (c *step) begin(p Purpose) scene {
	form := c.form(p)
	if form == nil {
		return c.m.scene
	}
	return forWhom{draft: draft{purpose: p, form: form}}
}

// fill takes over what an identity paper says, over what was typed before.
func (d draft) fill(c *step, text string, cred *credential.Credential) draft {
	filled := d.form.Prefill(cred, c.m.setup.Units)
	for _, q := range d.form.Questions {
		if a := filled.Of(q.ID); !a.Empty() && q.Check(a, c.Now) == "" {
			d.answers = d.answers.With(q.ID, a)
		}
	}
	d.codes = append(append([]string(nil), d.codes...), text)
	d.family = string(cred.Family)
	d.proxy = d.proxy || cred.Holder.Proxy
	return d
}

// forWhom opens a form.
type forWhom struct {
	plain
	draft draft
	id    int
	text  string // of the code that is being checked
	name  string
}

func (s forWhom) topic() string        { return string(s.draft.purpose) }
func (forWhom) rest(setup *Setup) rest { return rest{after: setup.Times.Form, ask: true} }
func (s forWhom) leave(c *step)        { c.partWay(s.draft) }

func (s forWhom) view(c *step) View {
	return ForWhom{
		Purpose: s.draft.purpose, Retention: c.m.setup.Retention, Read: s.draft.family, Name: s.name,
		Assisted: c.m.assisted.on, Party: s.draft.party.count,
	}
}

// identified fills in what an identity paper says.
func (s forWhom) identified(c *step, text string, cred *credential.Credential) scene {
	s.draft = s.draft.fill(c, text, cred)
	s.name = mask(cred.Holder.Name)
	return s
}

func (s forWhom) on(c *step, e Event) scene {
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
		if c.Staff == (Badge{}) && !s.draft.touched() {
			// Whoever holds up a certificate now wants to pass after all.
			return c.decide(visitOf(c, []string{s.text}, e))
		}
	case BadgeRead:
		if e.ID == s.id && c.Staff == (Badge{}) {
			s.leave(c)
			return c.badge(e.Badge)
		}
	case Tapped:
		switch e.Tap {
		case TapSelf, TapRelative:
			s.draft.proxy = s.draft.proxy || e.Tap == TapRelative || c.m.assisted.on
			return c.ask(s.draft, -1, 1)
		case TapBack, TapDone:
			if s.draft.desk != nil {
				return *s.draft.desk
			}
			return c.home()
		}
	}
	return s
}

// partWay ends a party whose last person did not finish: those who did are a
// visit.
func (c *step) partWay(d draft) {
	if d.party.count > 0 {
		c.record(d.party.visit(c))
	}
}

// visit is the passage of a party that has declared.
func (p party) visit(c *step) visit {
	return visit{
		codes: p.codes, family: "declaration", name: p.name, verdict: sound(p.verdict),
		direction: cmp.Or(c.way(), In), party: p.count, staff: c.Staff.Number,
	}
}
