package policy

import "time"

// Level is the colour of a verdict.
type Level uint8

const (
	_     Level = iota
	Green       // may pass
	Amber       // a person must look
	Red         // may not pass
)

var levelNames = [...]string{"", "green", "amber", "red"}

func (l Level) String() string               { return levelNames[l] }
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// Freshness says how old the data is that a verdict was made with.
type Freshness struct {
	Version string
	Age     time.Duration
	Grade   Grade
}

// Grade of a Freshness: fresh data may say green, stale data at best amber,
// data that is too old never green.
type Grade string

const (
	Fresh  Grade = "fresh"
	Stale  Grade = "stale"
	TooOld Grade = "too-old"
)

// Reason is one ground of a verdict. Code is for the UI to translate:
// "dose-too-recent", "forged", "unknown-issuer", "trust-stale" and so on, listed in
// package policy.
type Reason struct {
	Code    string
	Level   Level  // the verdict that this reason alone would give
	Rule    string // identifier of the rule, "" for built-in grounds
	Version string // of the rule
}

// Verdict is what the kiosk decided.
type Verdict struct {
	Level   Level
	Reasons []Reason // the gravest first; a green verdict has at least one
	Rules   Freshness
	Trust   Freshness
	At      time.Time // the trusted time at which it was made
}
