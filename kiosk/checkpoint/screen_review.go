package checkpoint

import (
	"slices"
	"time"

	"chot/kiosk/declaration"
)

// Review shows all answers before they are kept.
//
// On its last page it asks for consent: nothing is agreed to unseen.
type Review struct {
	Purpose   Purpose
	Lines     []Line
	Page      int // from 0
	Pages     int
	Proxy     bool
	About     string // whom a proxy declares for, masked
	Retention time.Duration
	Party     int    // people on the slip, this one included
	Seen      bool   // all pages were seen: it may be agreed to
	MayAdd    bool   // another person may be declared for on the same slip: TapAdd for TapAgree
	Problem   string // why it could not be kept: "not-kept"; it may be tried again
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
	draft   draft
	page    int
	seen    int         // the last page that was seen
	problem string      // why it could not be kept
	slow    *submitting // whose record took too long, and may still come
}

// lastPage is beyond the last page of any form.
const lastPage = 1 << 10

// maxParty is how many people one slip can be for: a van full.
const maxParty = 16

var _ = register(taps[review]{
	TapPage:    review.turn,
	TapEdit:    review.edit,
	TapBack:    review.back,
	TapNext:    review.next,
	TapAgree:   review.agree,
	TapAdd:     review.add,
	TapDecline: review.home,
}, Review{})

func (review) screenID() string         { return "review" }
func (review) onTimeout(c *step) screen { return c.home() }
func (s review) onExit(c *step)         { c.partWay(s.draft) }

func (s review) view(c *step) View {
	d := s.draft
	v := Review{
		Purpose: d.purpose, Proxy: d.proxy, About: d.about(), Retention: c.m.setup.Retention, Party: d.party.count + 1, Problem: s.problem,
	}
	v.Lines, v.Page, v.Pages = s.lines(c)
	v.Seen = max(s.seen, v.Page) >= v.Pages-1
	v.MayAdd = v.Seen && d.purpose == ForDeclaration && d.party.count+1 < maxParty && d.desk == nil
	return v
}

// Denied is the line of a review that stands for all questions that were answered
// by no together.
const Denied string = "denied"

// lines are those of the page that is shown. The last page has two lines less than
// fit, for the notice that is agreed to.
func (s review) lines(c *step) (lines []Line, at, of int) {
	asked := s.asked()
	var all []Line
	for i := 0; i < len(asked); i++ {
		if n := denied(asked, i, s.draft.answers); n > 1 {
			all = append(all, Line{ID: Denied})
			i += n - 1
			continue
		}
		all = append(all, s.line(c, asked[i]))
	}
	rows := c.rows()
	before := max(len(all)-max(rows-2, 1), 0) // on the pages before the last
	of = 1 + (before+rows-1)/rows
	if at = min(max(s.page, 0), of-1); at == of-1 {
		return all[before:], at, of
	}
	return all[at*rows : min((at+1)*rows, before)], at, of
}

// denied counts the questions, from a place on, that were answered by no.
func denied(asked []declaration.Question, from int, a declaration.Answers) int {
	n := from
	for ; n < len(asked); n++ {
		if o, ok := denial(asked[n]); !ok || !slices.Equal(a.Of(asked[n].ID).Chosen, []string{o.Value}) {
			break
		}
	}
	return n - from
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

func (s review) on(c *step, e Event) screen {
	if kept, ok := e.(RecordKept); ok && s.slow != nil && kept.ID == s.slow.id {
		return s.slow.kept(c) // after all
	}
	return s
}

func (s review) asked() []declaration.Question { return s.draft.form.Asked(s.draft.answers) }

func (s review) turn(c *step, value string) screen {
	_, at, pages := s.lines(c)
	s.page = min(turned(at, value), pages-1)
	s.seen = max(s.seen, at, s.page)
	return s
}

func (s review) edit(c *step, id string) screen {
	asked := s.asked()
	for i, q := range asked {
		if n := denied(asked, i, s.draft.answers); id == Denied && n > 1 {
			for _, q := range asked[i : i+n] {
				s.draft.answers = s.draft.answers.With(q.ID, declaration.Answer{})
			}
			s.draft.oneByOne = false
			return healthCheck{draft: s.draft, from: i}
		}
		if q.ID == id {
			edit := c.question(s.draft, q)
			edit.review = &s
			return edit
		}
	}
	return s
}

func (s review) back(c *step, _ string) screen { return c.ask(s.draft, len(s.asked()), -1) }

// next turns to what was not seen yet.
func (s review) next(c *step, _ string) screen {
	if i, _ := s.draft.form.Open(s.draft.answers, c.Now); i >= 0 {
		return c.ask(s.draft, len(s.asked()), 1)
	}
	if !s.view(c).(Review).Seen {
		return s.turn(c, "+")
	}
	return s
}

// agree has the form kept, once all of it was seen.
func (s review) agree(c *step, _ string) screen {
	if !s.view(c).(Review).Seen {
		return s.turn(c, "+")
	}
	return c.submit(s.draft, false)
}

// add has the form kept, and goes on with another person on the same slip.
func (s review) add(c *step, _ string) screen {
	if s.view(c).(Review).MayAdd {
		return c.submit(s.draft, true)
	}
	return s
}
