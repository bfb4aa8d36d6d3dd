package policy

import (
	"encoding/json"
	"slices"
	"time"
)

// Level is the colour of a verdict.
type Level uint8

const (
	Neutral Level = iota // says nothing about a visitor: no lamp, no record; another code is to be shown
	Green                // may pass
	Amber                // a person must look
	Red                  // may not pass
)

var levelNames = [...]string{"neutral", "green", "amber", "red"}

func (l Level) String() string               { return levelNames[l] }
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads the name of a level.
func (l *Level) UnmarshalText(text []byte) error {
	i := slices.Index(levelNames[:], string(text))
	if i < 0 {
		return valueError{string(text), "a level: neutral, green, amber, red"}
	}
	*l = Level(i)
	return nil
}

// Freshness says how old the data is that a verdict was made with.
type Freshness struct {
	Version string
	Age     time.Duration // 0 where At lies after the clock
	Grade   Grade
}

// MarshalJSON writes the age in seconds.
func (f Freshness) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Version string `json:"version"`
		Age     int64  `json:"age_s"`
		Grade   Grade  `json:"grade"`
	}{f.Version, int64(f.Age / time.Second), f.Grade})
}

// Grade of a Freshness: fresh data may say green, stale data at best amber,
// data that is too old never green, whatever a policy says.
type Grade string

const (
	Fresh  Grade = "fresh"
	Stale  Grade = "stale"
	TooOld Grade = "too-old"
)

// Reason is one ground of a verdict. Code is for the UI to translate; all of
// them are listed by [Reasons].
type Reason struct {
	Code    string `json:"code"`
	Level   Level  `json:"level"`             // the verdict that this reason alone would give
	Detail  string `json:"detail,omitempty"`  // the credential's Problem, or the field at fault
	Disease string `json:"disease,omitempty"` // whose requirement it is about, by the policy's id
	Rule    string `json:"rule,omitempty"`    // identifier of the rule, "" for built-in grounds
	Version string `json:"version,omitempty"` // of the rule

	// At is when what is too recent begins to hold, or what is too old or expired
	// ended, for words that the visitor can act on; zero where no time is the
	// reason. It is not written anywhere: it would tell the day of a dose.
	At time.Time `json:"-"`
}

// Verdict is what the kiosk decided. It holds nothing about the person.
type Verdict struct {
	Level   Level     `json:"verdict"`
	Reasons []Reason  `json:"reasons"` // the gravest first; a green verdict has at least one
	Rules   Freshness `json:"rules"`
	Trust   Freshness `json:"trust"`
	At      time.Time `json:"at"` // the trusted time at which it was made
}
