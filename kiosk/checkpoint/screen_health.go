package checkpoint

import (
	"slices"

	"chot/kiosk/declaration"
)

// HealthCheck asks several questions at once that most people answer by no: one tap
// answers all, or they are asked one by one.
type HealthCheck struct {
	Purpose Purpose
	Lines   []Line // the questions, with the answers that one tap gives
	Step    int    // of the first, from 1
	Steps   int
	Proxy   bool
	About   string // whom a proxy declares for, masked
}

func (HealthCheck) view() {}

// healthCheck asks the questions of a form that can be denied together.
type healthCheck struct {
	form
	draft draft
	from  int // the first of them, among those asked
}

var _ = register(taps[healthCheck]{
	TapNext:   healthCheck.none,
	TapOption: healthCheck.some,
	TapBack:   healthCheck.back,
}, HealthCheck{})

// denial is the option of a question that says no: the one that excludes all
// others, or "no".
func denial(q declaration.Question) (declaration.Option, bool) {
	i := slices.IndexFunc(q.Options, func(o declaration.Option) bool {
		return q.Only == nil && (o.Alone || q.Kind == declaration.ChoiceField && o.Value == "no")
	})
	if i < 0 {
		return declaration.Option{}, false
	}
	return q.Options[i], true
}

// deniable lists the questions, from a place on, that can be denied together: two at
// least, and none answered yet.
func deniable(asked []declaration.Question, from int, a declaration.Answers) []declaration.Question {
	n := from
	for ; n < len(asked); n++ {
		if _, ok := denial(asked[n]); !ok || !a.Of(asked[n].ID).Empty() {
			break
		}
	}
	if n-from < 2 {
		return nil
	}
	return asked[from:n]
}

func (s healthCheck) questions() []declaration.Question {
	return deniable(s.draft.form.Asked(s.draft.answers), s.from, s.draft.answers)
}

func (healthCheck) screenID() string { return "health-check" }
func (s healthCheck) onExit(c *step) { c.partWay(s.draft) }

func (s healthCheck) on(*step, Event) screen { return s }

func (s healthCheck) view(c *step) View {
	v := HealthCheck{
		Purpose: s.draft.purpose, Step: s.from + 1, Steps: len(s.draft.form.Asked(s.draft.answers)),
		Proxy: s.draft.proxy, About: s.draft.about(),
	}
	for _, q := range s.questions() {
		o, _ := denial(q)
		line := Line{ID: q.ID, Words: c.worded(q.Words), Kind: q.Kind}
		for _, other := range q.Options { // what is denied
			if other.Value != o.Value && q.Kind == declaration.ChoicesField {
				line.Options = append(line.Options, c.optionLine(other, declaration.Answer{}))
			}
		}
		v.Lines = append(v.Lines, line)
	}
	return v
}

// none denies all of them.
func (s healthCheck) none(c *step, _ string) screen {
	d := s.draft
	questions := s.questions()
	for _, q := range questions {
		o, _ := denial(q)
		d.answers = d.answers.With(q.ID, declaration.Answer{Chosen: []string{o.Value}})
	}
	return c.ask(d, s.from+len(questions)-1, 1)
}

// some asks them one by one.
func (s healthCheck) some(c *step, _ string) screen {
	s.draft.oneByOne = true
	return c.ask(s.draft, s.from-1, 1)
}

func (s healthCheck) back(c *step, _ string) screen { return c.ask(s.draft, s.from, -1) }
