package declaration

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"chot/kiosk/credential"
)

// Answer is what a person answered to one question.
type Answer struct {
	Text   string   // typed
	Chosen []string // values of options; for a UnitField its code
	Filled bool     // by a code, not yet confirmed by hand
}

// Empty says whether nothing was answered.
func (a Answer) Empty() bool { return strings.TrimSpace(a.Text) == "" && len(a.Chosen) == 0 }

// Answers are the answers to a form, by question. They are never changed: With
// returns new ones.
type Answers struct{ by map[string]Answer }

// Of returns the answer to a question, the zero Answer if it has not been answered.
func (a Answers) Of(id string) Answer { return a.by[id] }

// With returns the answers with one replaced.
func (a Answers) With(id string, answer Answer) Answers {
	by := maps.Clone(a.by)
	if by == nil {
		by = make(map[string]Answer)
	}
	answer.Chosen = slices.Clone(answer.Chosen)
	by[id] = answer
	return Answers{by}
}

// Empty says whether no question has an answer.
func (a Answers) Empty() bool { return len(a.by) == 0 }

// Toggle returns the answer with an option chosen, or not chosen where it was:
// one alone of a ChoiceField, and of a ChoicesField as many as do not exclude each other.
func (q Question) Toggle(a Answer, value string) Answer {
	o := q.option(value)
	if o == nil {
		return a
	}
	was := slices.Contains(a.Chosen, value)
	if q.Kind == ChoiceField {
		return Answer{Chosen: []string{value}}
	}
	keep := []string{}
	for _, v := range a.Chosen {
		if other := q.option(v); v != value && other != nil && !other.Alone && !o.Alone {
			keep = append(keep, v)
		}
	}
	if !was {
		keep = append(keep, value)
	}
	return Answer{Chosen: keep}
}

// Asked returns the questions that are asked, given the answers so far.
func (f *Form) Asked(a Answers) []Question {
	var asked []Question
	for _, q := range f.Questions {
		if q.Only == nil || f.holds(*q.Only, a) {
			asked = append(asked, q)
		}
	}
	return asked
}

// holds says whether a question that is itself asked was answered so. Only
// looks at earlier questions, hence this ends.
func (f *Form) holds(c Clause, a Answers) bool {
	i := slices.IndexFunc(f.Questions, func(q Question) bool { return q.ID == c.Question })
	if only := f.Questions[i].Only; only != nil && !f.holds(*only, a) {
		return false
	}
	return slices.ContainsFunc(a.Of(c.Question).Chosen, func(v string) bool { return slices.Contains(c.Any, v) })
}

// Problem is why an answer does not hold, for the UI to word; "" where it does.
type Problem string

// The problems.
const (
	Missing     Problem = "missing"
	TooShort    Problem = "too-short"
	TooLong     Problem = "too-long"
	NotLetters  Problem = "not-letters"
	NotAYear    Problem = "not-a-year"
	NotANumber  Problem = "not-a-number"
	NotADoc     Problem = "not-a-document"
	NotAnOption Problem = "not-an-option"
)

// checks are the ways to look at an answer that is not empty, by kind.
var checks = map[Kind]func(Question, Answer, time.Time) Problem{
	NameField: checkName, YearField: checkYear, DigitsField: checkDigits, DocumentField: checkDocument,
	TextField: checkText, ChoiceField: checkChosen, ChoicesField: checkChosen, UnitField: checkUnit,
}

// Check says what is wrong with an answer at that time.
func (q Question) Check(a Answer, now time.Time) Problem {
	if a.Empty() {
		if q.Required {
			return Missing
		}
		return ""
	}
	return checks[q.Kind](q, a, now)
}

// Open returns the first question whose answer does not hold yet, by its place
// among those asked, and why; -1 where the form is complete.
func (f *Form) Open(a Answers, now time.Time) (int, Problem) {
	for i, q := range f.Asked(a) {
		if p := q.Check(a.Of(q.ID), now); p != "" {
			return i, p
		}
	}
	return -1, ""
}

// Longest is what a field of a kind takes, in letters, where the question sets
// no limit of its own.
const Longest = 120

func (q Question) length(s string) Problem {
	n, most := utf8.RuneCountInString(s), q.Most
	if most == 0 {
		most = Longest
	}
	switch {
	case n < q.Least:
		return TooShort
	case n > most:
		return TooLong
	}
	return ""
}

func checkText(q Question, a Answer, _ time.Time) Problem { return q.length(strings.TrimSpace(a.Text)) }

func checkName(q Question, a Answer, _ time.Time) Problem {
	name := strings.TrimSpace(a.Text)
	letters := 0
	for _, r := range name {
		switch {
		case unicode.IsLetter(r):
			letters++
		case !unicode.IsMark(r) && !strings.ContainsRune(credential.NameSigns, r):
			return NotLetters
		}
	}
	if letters < 2 {
		return TooShort
	}
	return q.length(name)
}

func checkYear(q Question, a Answer, now time.Time) Problem {
	year, ok := number(a.Text)
	least, most := q.Least, q.Most
	if least == 0 {
		least = now.Year() - 130
	}
	if most == 0 {
		most = now.Year()
	}
	if !ok || len(a.Text) != 4 || year < least || year > most {
		return NotAYear
	}
	return ""
}

func checkDigits(q Question, a Answer, _ time.Time) Problem {
	if _, ok := number(strings.TrimPrefix(a.Text, "+")); !ok {
		return NotANumber
	}
	return q.length(a.Text)
}

// checkDocument takes an ID card's 12 digits, an old one's 9, a passport, and
// what a personal QR masks with asterisks.
func checkDocument(q Question, a Answer, _ time.Time) Problem {
	doc := strings.TrimSpace(a.Text)
	digits := 0
	for _, r := range doc {
		switch {
		case r >= '0' && r <= '9' || r == '*':
			digits++
		case (r < 'A' || r > 'Z') && (r < 'a' || r > 'z'):
			return NotADoc
		}
	}
	if digits == len(doc) && len(doc) != 9 && len(doc) != 12 || len(doc) < 6 || len(doc) > 15 {
		return NotADoc
	}
	return ""
}

func checkChosen(q Question, a Answer, _ time.Time) Problem {
	if q.Kind == ChoiceField && len(a.Chosen) != 1 {
		return NotAnOption
	}
	for _, v := range a.Chosen {
		o := q.option(v)
		if o == nil || o.Alone && len(a.Chosen) > 1 {
			return NotAnOption
		}
	}
	return ""
}

func checkUnit(_ Question, a Answer, _ time.Time) Problem {
	if len(a.Chosen) != 1 {
		return Missing
	}
	return ""
}

// number reads up to 15 digits.
func number(s string) (n int, ok bool) {
	if len(s) == 0 || len(s) > 15 {
		return 0, false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return 0, false
		}
		n = n*10 + int(r-'0')
	}
	return n, true
}
