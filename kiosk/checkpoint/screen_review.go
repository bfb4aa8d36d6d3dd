package checkpoint

import (
	"slices"

	"chot/kiosk/declaration"
)

// Review shows all answers before they are kept.
type Review struct {
	Purpose Purpose
	Lines   []Line
	Page    int // from 0
	Pages   int
	Proxy   bool
}

// Line is one answer in a review.
type Line struct {
	ID      string
	Words   string
	Kind    QuestionKind
	Text    string   // as typed; the name of a unit
	Options []Option // the chosen ones
}

func (Review) view() {}

// review shows all answers before they are kept.
type review struct {
	form
	draft draft
	page  int
}

var _ = register(taps[review]{
	TapPage: review.turn,
	TapEdit: review.edit,
	TapBack: review.back,
	TapNext: review.next,
}, Review{})

func (review) screenID() string         { return "review" }
func (review) onTimeout(c *step) screen { return c.home() }
func (s review) onExit(c *step)         { c.partWay(s.draft) }

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

func (s review) on(*step, Event) screen { return s }

func (s review) asked() []declaration.Question { return s.draft.form.Asked(s.draft.answers) }

func (s review) turn(c *step, value string) screen {
	_, at, _ := paged(s.asked(), s.page, c.rows())
	s.page = turned(at, value)
	return s
}

func (s review) edit(c *step, id string) screen {
	for _, q := range s.asked() {
		if q.ID == id {
			edit := c.question(s.draft, q)
			edit.review = true
			return edit
		}
	}
	return s
}

func (s review) back(c *step, _ string) screen { return c.ask(s.draft, len(s.asked()), -1) }

func (s review) next(c *step, _ string) screen {
	if i, _ := s.draft.form.Open(s.draft.answers, c.Now); i >= 0 {
		return c.ask(s.draft, len(s.asked()), 1)
	}
	return consent{draft: s.draft}
}
