package declaration

import (
	"time"

	"chot/kiosk/policy"
)

// Kind of a question: what its answer is, and so how it is asked.
type Kind string

// The kinds.
const (
	NameField     Kind = "name"     // of a person
	YearField     Kind = "year"     // of birth
	DigitsField   Kind = "digits"   // a telephone number and the like
	DocumentField Kind = "document" // number of an identity paper
	TextField     Kind = "text"
	ChoiceField   Kind = "choice"  // one option
	ChoicesField  Kind = "choices" // any number of options
	UnitField     Kind = "unit"    // an administrative unit
)

// Form is a form as data: what is asked, in which order, and how the answers
// are judged. It holds from From until Until, zero where unbounded.
type Form struct {
	ID        string     `json:"id"`
	Version   string     `json:"version"`
	From      time.Time  `json:"from,omitzero"`
	Until     time.Time  `json:"until,omitzero"`
	Questions []Question `json:"questions"`
	Triage    []Rule     `json:"triage,omitempty"`
}

// Question is one question of a form.
type Question struct {
	ID       string            `json:"id"`
	Kind     Kind              `json:"kind"`
	Required bool              `json:"required,omitempty"`
	Least    int               `json:"least,omitempty"` // letters, digits or options; for a year the earliest
	Most     int               `json:"most,omitempty"`  // likewise; for a year 0 is the present one
	Options  []Option          `json:"options,omitempty"`
	Only     *Clause           `json:"only,omitempty"`  // asked only where this holds
	Words    map[string]string `json:"words,omitempty"` // by language; without, the catalogue words the ID
}

// Option is one answer of a ChoiceField or ChoicesField.
type Option struct {
	Value string            `json:"value"`
	Alone bool              `json:"alone,omitempty"` // excludes all others
	Words map[string]string `json:"words,omitempty"`
}

// Clause holds where the answer to a question has one of these options.
type Clause struct {
	Question string   `json:"question"`
	Any      []string `json:"any"`
}

// Rule of triage: where all clauses hold, its reason is given at its level.
type Rule struct {
	Code  string       `json:"code"`
	Level policy.Level `json:"level"` // amber or red
	When  []Clause     `json:"when"`
}
