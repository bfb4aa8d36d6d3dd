package checkpoint

import (
	"time"

	"chot/kiosk/condition"
	"chot/kiosk/policy"
	"chot/kiosk/record"
)

// State is everything that a screen shows, and in its unexported part what the
// next step needs. It is immutable: Step returns a new one.
type State struct {
	Language   string // of the screen, as the setup lists them: "vi", "en"
	View       View
	Leaves     time.Time   // when the screen goes away by itself; zero where it stays
	Now        time.Time   // the time of the last Tick, for clocks and count-downs
	Offline    bool        // the province cannot be reached at present
	Conditions []Condition // what is wrong with the kiosk, the gravest first
	Staff      Badge       // who is logged in; zero for no one

	m machine
}

// Condition is something that is wrong with the kiosk: data that the UI words.
type Condition struct {
	Code     string // "printer-paper-out", "trust-stale"; the part is before the first hyphen
	Severity Severity
	Since    time.Time
}

// Severity of a condition, by the registry.
type Severity = condition.Severity

// The severities.
const (
	Notice   = condition.Notice   // for the technician's page
	Warning  = condition.Warning  // shown to staff as well
	Blocking = condition.Blocking // the kiosk is out of order until it is over
)

// The nouns that views speak in, under this package's name: the UI knows
// checkpoint alone.
type (
	Level     = policy.Level
	Direction = record.Direction
	Technique = record.Technique
	Outcome   = record.Outcome
)

// Their values.
const (
	Green, Amber, Red = policy.Green, policy.Amber, policy.Red
	In, Out, Through  = record.In, record.Out, record.Through
	RTPCR, Antigen    = record.RTPCR, record.Antigen
)

// Outcomes lists the outcomes of a test in the order in which they are offered.
var Outcomes = [...]Outcome{
	record.Negative, record.Positive, record.Suspected, record.Undetermined, record.Unfit, record.Resample,
}

// Badge is a member of staff.
type Badge struct {
	Number    string
	Name      string
	Role      Role
	Elsewhere bool // it holds for another post or unit, and does not open this kiosk
}

// Role of a member of staff, as the badge has it.
type Role string

// The roles.
const (
	Volunteer  Role = "staff"
	Sampler    Role = "sampler"
	Supervisor Role = "supervisor"
	Technician Role = "technician"
)
