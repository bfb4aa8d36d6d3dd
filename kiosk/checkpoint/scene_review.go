package checkpoint

import (
	"slices"

	"chot/kiosk/declaration"
)

// review shows all answers before they are kept.
type review struct {
	draft draft
	page  int
}

func (review) topic() string          { return "review" }
func (review) rest(setup *Setup) rest { return rest{after: setup.Times.Form, ask: true} }
func (review) late(c *step) scene     { return c.home() }
func (s review) leave(c *step)        { c.partWay(s.draft) }

func (s review) view(c *step) View {
	var lines []Line
	for _, q := range s.draft.form.Asked(s.draft.answers) {
		lines = append(lines, s.line(c, q))
	}
	v := Review{Purpose: s.draft.purpose, Proxy: s.draft.proxy}
	v.Lines, v.Page, v.Pages = paged(lines, s.page, c.rows())
	return v
}

func (s review) line(c *step, q declaration.Question) Line {
	a := s.draft.answers.Of(q.ID)
	line := Line{ID: q.ID, Words: c.worded(q.Words), Kind: q.Kind, Text: a.Text}
	for _, o := range q.Options {
		if slices.Contains(a.Chosen, o.Value) {
			line.Options = append(line.Options, c.optionLine(o, a))
		}
	}
	if u, ok := c.m.setup.Units.Find(chosen(a)); ok && q.Kind == declaration.UnitField {
		unit := c.unit(u)
		line.Text = unit.Name + ", " + unit.Within
	}
	return line
}

func (s review) on(c *step, e Event) scene {
	t, ok := e.(Tapped)
	if !ok {
		return s
	}
	asked := s.draft.form.Asked(s.draft.answers)
	switch t.Tap {
	case TapPage:
		_, at, _ := paged(asked, s.page, c.rows())
		s.page = turned(at, t.Value)
	case TapEdit:
		for _, q := range asked {
			if q.ID == t.Value {
				edit := c.question(s.draft, q)
				edit.review = true
				return edit
			}
		}
	case TapBack:
		return c.ask(s.draft, len(asked), -1)
	case TapNext:
		if i, _ := s.draft.form.Open(s.draft.answers, c.Now); i >= 0 {
			return c.ask(s.draft, len(asked), 1)
		}
		return consent{draft: s.draft}
	}
	return s
}

// consent is the notice that is agreed to before anything is kept.
type consent struct {
	plain
	draft   draft
	problem string   // why it could not be kept
	slow    *keeping // whose record took too long, and may still come
}

func (consent) topic() string          { return "consent" }
func (consent) rest(setup *Setup) rest { return rest{after: setup.Times.Form, ask: true} }
func (s consent) leave(c *step)        { c.partWay(s.draft) }

func (s consent) view(c *step) View {
	return Consent{
		Purpose: s.draft.purpose, Retention: c.m.setup.Retention, Party: s.draft.party.count + 1,
		MayAdd:  s.draft.purpose == ForDeclaration && s.draft.party.count+1 < mostParty && s.draft.desk == nil,
		Problem: s.problem,
	}
}

// mostParty is how many people one slip can be for: a van full.
const mostParty = 16

func (s consent) on(c *step, e Event) scene {
	if kept, ok := e.(RecordKept); ok && s.slow != nil && kept.ID == s.slow.id {
		return s.slow.kept(c) // after all
	}
	t, ok := e.(Tapped)
	if !ok {
		return s
	}
	switch t.Tap {
	case TapBack:
		return review{draft: s.draft}
	case TapDecline:
		return c.home()
	case TapAgree:
		return c.submit(s.draft, false)
	case TapAdd:
		if s.view(c).(Consent).MayAdd {
			return c.submit(s.draft, true)
		}
	}
	return s
}
