package declaration

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"chot/kiosk/policy"
)

//go:embed health.json test.json vaccination.json
var shipped embed.FS

// The shipped forms' IDs.
const (
	Health      = "health"
	Test        = "test"
	Vaccination = "vaccination"
)

// Default returns the shipped forms, for a kiosk that has no others.
func Default() []*Form {
	var forms []*Form
	for _, id := range []string{Health, Test, Vaccination} {
		data, err := shipped.ReadFile(id + ".json")
		if err != nil {
			panic(err) // part of the program
		}
		f, err := Parse(data)
		if err != nil {
			panic(err) // part of the program, and a test reads it
		}
		forms = append(forms, f)
	}
	return forms
}

// Pick returns the form of that ID which holds at that time, the one that began
// last where several do; nil where none does.
func Pick(forms []*Form, id string, at time.Time) *Form {
	var picked *Form
	for _, f := range forms {
		holds := f.ID == id && !at.Before(f.From) && (f.Until.IsZero() || at.Before(f.Until))
		if holds && (picked == nil || !f.From.Before(picked.From)) {
			picked = f
		}
	}
	return picked
}

// maxForm bounds a form's file, maxQuestions what is asked, maxOptions what is
// offered for one question.
const (
	maxForm      = 256 << 10
	maxQuestions = 64
	maxOptions   = 64
)

// Parse reads and checks a form. What is misspelt is refused: a question that
// is never asked, or a rule that never holds, would go unnoticed.
func Parse(data []byte) (*Form, error) {
	if len(data) > maxForm {
		return nil, fmt.Errorf("reading a form: %d bytes are more than %d", len(data), maxForm)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	f := new(Form)
	if err := dec.Decode(f); err != nil {
		return nil, fmt.Errorf("reading a form: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("reading a form: something follows it")
	}
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("reading the form %q: %w", f.ID, err)
	}
	return f, nil
}

func (f *Form) check() error {
	switch {
	case f.ID == "" || f.Version == "":
		return errors.New("it has no id or no version")
	case !f.Until.IsZero() && !f.From.Before(f.Until):
		return errors.New("it ends before it begins")
	case len(f.Questions) == 0 || len(f.Questions) > maxQuestions:
		return fmt.Errorf("it asks %d questions, not 1 to %d", len(f.Questions), maxQuestions)
	}
	for i, q := range f.Questions {
		if err := f.checkQuestion(i); err != nil {
			return fmt.Errorf("question %q: %w", q.ID, err)
		}
	}
	for _, r := range f.Triage {
		if err := f.checkRule(r); err != nil {
			return fmt.Errorf("triage rule %q: %w", r.Code, err)
		}
	}
	return nil
}

func (f *Form) checkQuestion(i int) error {
	q := f.Questions[i]
	earlier := f.Questions[:i]
	choice := q.Kind == ChoiceField || q.Kind == ChoicesField
	switch {
	case q.ID == "":
		return errors.New("it has no id")
	case slices.ContainsFunc(earlier, func(e Question) bool { return e.ID == q.ID }):
		return errors.New("it is asked twice")
	case checks[q.Kind] == nil:
		return fmt.Errorf("kind %q is unknown", q.Kind)
	case choice && (len(q.Options) == 0 || len(q.Options) > maxOptions):
		return fmt.Errorf("it has %d options, not 1 to %d", len(q.Options), maxOptions)
	case !choice && len(q.Options) > 0:
		return fmt.Errorf("a question of kind %q has no options", q.Kind)
	case q.Least < 0 || q.Most < 0 || q.Most > 0 && q.Least > q.Most:
		return fmt.Errorf("no answer lies between %d and %d", q.Least, q.Most)
	}
	for j, o := range q.Options {
		if o.Value == "" || slices.ContainsFunc(q.Options[:j], func(e Option) bool { return e.Value == o.Value }) {
			return fmt.Errorf("option %q is empty or twice there", o.Value)
		}
	}
	if q.Only != nil {
		// Only an earlier question may decide, or going on could change what was asked.
		if err := checkClause(*q.Only, earlier); err != nil {
			return err
		}
	}
	return nil
}

func (f *Form) checkRule(r Rule) error {
	if r.Code == "" || len(r.When) == 0 {
		return errors.New("it has no code or no condition")
	}
	if r.Level != policy.Amber && r.Level != policy.Red {
		return fmt.Errorf("its level is %s, neither amber nor red", r.Level)
	}
	for _, c := range r.When {
		if err := checkClause(c, f.Questions); err != nil {
			return err
		}
	}
	return nil
}

func checkClause(c Clause, among []Question) error {
	i := slices.IndexFunc(among, func(q Question) bool { return q.ID == c.Question })
	if i < 0 {
		return fmt.Errorf("it depends on %q, which is not asked before", c.Question)
	}
	if len(c.Any) == 0 {
		return fmt.Errorf("it depends on no option of %q", c.Question)
	}
	for _, v := range c.Any {
		if among[i].option(v) == nil {
			return fmt.Errorf("it depends on %q, which %q does not offer", v, c.Question)
		}
	}
	return nil
}

// option finds an option by its value.
func (q *Question) option(value string) *Option {
	for i := range q.Options {
		if q.Options[i].Value == value {
			return &q.Options[i]
		}
	}
	return nil
}
