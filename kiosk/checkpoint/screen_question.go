package checkpoint

import (
	"strings"
	"unicode/utf8"

	"chot/kiosk/declaration"
)

// Question asks one question of a form.
type Question struct {
	Purpose  Purpose
	ID       string // names its words: "symptoms"
	Words    string // the question in the screen's language where the form brings words of its own
	Kind     QuestionKind
	Step     int // from 1
	Steps    int
	Text     string   // what was typed so far
	Options  []Option // for choices
	Search   Search   // for units
	Required bool
	Problem  string // why the answer does not hold: "too-short", "not-a-year"; "" for nothing
	Filled   bool   // the answer stands from a code and awaits a look
	Proxy    bool   // declared for a relative
	About    string // the relative, masked; "" before the name is known
}

// Option is one answer to choose.
type Option struct {
	Value  string
	Words  string // where the form brings words of its own
	Chosen bool
	Alone  bool // excludes the others: "none of these"
}

// Search finds an administrative unit: level by level, or by typing.
type Search struct {
	Path    []Unit // chosen so far: province, district
	Matches []Unit // to choose from, at most what fits a screen
	Pages   int
	Page    int // from 0
	Chosen  Unit
}

// Unit is an administrative unit.
type Unit struct {
	Code   string
	Name   string // "Xã Đại Sơn"
	Within string // "Huyện Tứ Kỳ, Tỉnh Hải Dương"
}

func (Question) view() {}

// question asks one question of a form.
type question struct {
	form
	draft   draft
	id      string
	problem declaration.Problem
	review  *review // the review that it was called from, and goes back to
	path    string  // the unit whose parts are offered, "" for the provinces
	query   string  // typed to search for a unit
	page    int
}

var _ = register(taps[question]{
	TapOption: question.choose,
	TapUnit:   question.chooseUnit,
	TapPage:   question.turn,
	TapNext:   question.next,
	TapBack:   question.back,
}, Question{})

// ask goes from a question, by its place, to the next (+1) or last (-1) that is
// open: those that a code answered are for the review.
func (c *step) ask(d draft, from, way int) screen {
	asked := d.form.Asked(d.answers)
	for i := from + way; i >= 0 && i < len(asked); i += way {
		switch {
		case d.known(asked[i]):
		case way > 0 && !d.oneByOne && deniable(asked, i, d.answers) != nil:
			return healthCheck{draft: d, from: i}
		default:
			return c.question(d, asked[i])
		}
	}
	if way < 0 {
		if d.desk != nil {
			return *d.desk
		}
		return forWhom{draft: d}
	}
	if i, problem := d.form.Open(d.answers, c.Now); i >= 0 {
		q := c.question(d, asked[i])
		q.problem = problem
		return q
	}
	return review{draft: d}
}

func (c *step) question(d draft, q declaration.Question) question {
	s := question{draft: d, id: q.ID}
	if q.Kind == declaration.UnitField {
		s.path = c.district()
		if unit, ok := c.m.setup.Units.Find(chosen(d.answers.Of(q.ID))); ok {
			s.path = unit.Parent
		}
	}
	return s
}

// district is the unit above the one that the kiosk stands in: most who come
// live there.
func (c *step) district() string {
	unit, ok := c.m.setup.Units.Find(c.m.setup.Place)
	switch {
	case !ok:
		return ""
	case unit.Leaf():
		return unit.Parent
	}
	return unit.Code
}

func chosen(a declaration.Answer) string {
	if len(a.Chosen) == 0 {
		return ""
	}
	return a.Chosen[0]
}

func (s question) screenID() string { return "question." + s.id }
func (s question) onExit(c *step)   { c.partWay(s.draft) }

// current finds the question among those asked.
func (s question) current() (q declaration.Question, at, of int) {
	asked := s.draft.form.Asked(s.draft.answers)
	for i, q := range asked {
		if q.ID == s.id {
			return q, i, len(asked)
		}
	}
	return asked[0], 0, len(asked) // cannot be: only later questions fall away with an answer
}

func (s question) view(c *step) View {
	q, at, of := s.current()
	a := s.draft.answers.Of(q.ID)
	v := Question{
		Purpose: s.draft.purpose, ID: q.ID, Words: c.worded(q.Words), Kind: q.Kind,
		Step: at + 1, Steps: of, Text: a.Text, Required: q.Required, Problem: string(s.problem),
		Filled: a.Filled, Proxy: s.draft.proxy, About: s.draft.about(),
	}
	for _, o := range q.Options {
		v.Options = append(v.Options, c.optionLine(o, a))
	}
	if q.Kind == declaration.UnitField {
		v.Text = s.query
		v.Search = s.search(c, a)
	}
	return v
}

func (c *step) optionLine(o declaration.Option, a declaration.Answer) Option {
	line := Option{Value: o.Value, Words: c.worded(o.Words), Alone: o.Alone}
	for _, v := range a.Chosen {
		line.Chosen = line.Chosen || v == o.Value
	}
	return line
}

func (s question) search(c *step, a declaration.Answer) Search {
	units := c.m.setup.Units
	var found []declaration.Unit
	if strings.TrimSpace(s.query) != "" {
		found = units.Search(s.query, c.m.setup.Place, 8*c.rows())
	} else {
		found = units.Below(s.path)
	}
	v := Search{Page: s.page}
	for _, u := range units.Path(s.path) {
		v.Path = append(v.Path, c.unit(u))
	}
	lines, page, pages := paged(found, s.page, c.rows())
	for _, u := range lines {
		v.Matches = append(v.Matches, c.unit(u))
	}
	v.Page, v.Pages = page, pages
	if u, ok := units.Find(chosen(a)); ok {
		v.Chosen = c.unit(u)
	}
	return v
}

func (c *step) rows() int { return max(c.m.setup.Rows, 1) }

// unit words a unit and what it lies in, the nearest first.
func (c *step) unit(u declaration.Unit) Unit {
	var within []string
	path := c.m.setup.Units.Path(u.Parent)
	for i := range path {
		within = append(within, path[len(path)-1-i].Name)
	}
	return Unit{Code: u.Code, Name: u.Name, Within: strings.Join(within, ", ")}
}

// paged cuts one page out of a list, and says which of how many it is.
func paged[L any](list []L, page, rows int) (lines []L, at, of int) {
	of = max((len(list)+rows-1)/rows, 1)
	at = min(max(page, 0), of-1)
	return list[at*rows : min((at+1)*rows, len(list))], at, of
}

// turned is the page after a TapPage.
func turned(page int, value string) int {
	if value == "-" {
		return max(page-1, 0)
	}
	return min(page+1, 10_000)
}

func (s question) on(c *step, e Event) screen {
	if e, ok := e.(Typed); ok {
		return s.typed(c, e.Text)
	}
	return s
}

func (s question) choose(c *step, value string) screen {
	q, _, _ := s.current()
	s.draft.answers = s.draft.answers.With(q.ID, q.Toggle(s.draft.answers.Of(q.ID), value))
	s.problem = ""
	if q.Kind == declaration.ChoiceField && len(s.draft.answers.Of(q.ID).Chosen) > 0 {
		return s.next(c, "") // one answer is all there is to give
	}
	return s
}

func (s question) turn(c *step, value string) screen {
	s.page = turned(s.search(c, declaration.Answer{}).Page, value)
	return s
}

func (s question) back(c *step, _ string) screen {
	if s.review != nil {
		return s.reviewed()
	}
	_, at, _ := s.current()
	return c.ask(s.draft, at, -1)
}

// phoneDigits is how long a Vietnamese phone number is that begins with 0.
const phoneDigits = 10

// typed takes the text of the field. A unit is not typed but searched for.
func (s question) typed(c *step, text string) screen {
	q, _, _ := s.current()
	if utf8.RuneCountInString(text) > declaration.Longest || !utf8.ValidString(text) {
		return s
	}
	switch q.Kind {
	case declaration.ChoiceField, declaration.ChoicesField:
		return s
	case declaration.UnitField:
		s.query, s.page = text, 0
		return s
	}
	s.draft.answers = s.draft.answers.With(q.ID, declaration.Answer{Text: text})
	s.problem = ""
	if q.ID == "phone" && len(text) == phoneDigits && text[0] == '0' {
		return s.next(c, "") // a Vietnamese number is complete
	}
	return s
}

// chooseUnit chooses a commune, or opens what has parts. The unit that was
// opened, tapped again in the path, closes back to the one above it.
func (s question) chooseUnit(c *step, code string) screen {
	q, _, _ := s.current()
	u, ok := c.m.setup.Units.Find(code)
	if q.Kind != declaration.UnitField || !ok && code != "" {
		return s
	}
	s.query, s.page, s.problem = "", 0, ""
	switch {
	case !ok:
		s.path = ""
	case u.Leaf():
		s.draft.answers = s.draft.answers.With(q.ID, declaration.Answer{Chosen: []string{u.Code}})
		s.path = u.Parent
	case s.path == code:
		s.path = u.Parent
	default:
		s.path = code
	}
	return s
}

// reviewed goes back to the review, with the answers as they are now.
func (s question) reviewed() screen {
	back := *s.review
	back.draft = s.draft
	return back
}

// next goes on where the answer holds.
func (s question) next(c *step, _ string) screen {
	q, at, _ := s.current()
	a := s.draft.answers.Of(q.ID)
	if s.problem = q.Check(a, c.Now); s.problem != "" {
		return s
	}
	if s.review != nil {
		if i, _ := s.draft.form.Open(s.draft.answers, c.Now); i < 0 {
			return s.reviewed()
		}
	}
	return c.ask(s.draft, at, 1)
}
