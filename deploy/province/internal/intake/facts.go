package intake

import (
	"encoding/json"
	"strings"
	"time"
	"unique"

	"chot/kiosk/record"
)

// fever is the body temperature from which a visit counts as one with fever, in
// tenths of a degree Celsius.
const fever = 375

// facts are what the province derives from a record besides keeping it.
type facts struct {
	level   uint8
	labels  []label  // counted by day; the whole kind is counted besides
	lookups []lookup // at most one a field
	health  string   // the kiosk's last health report, as JSON
}

// label is what a record is counted under, as a tally holds it: "level/green",
// "fever". There are few, and they are compared all the time: hence the handle.
type label = unique.Handle[string]

// allOfKind counts the whole kind.
var allOfKind = unique.Make("")

// lookup is a normalised value that a person may be found by.
type lookup struct{ field, value string }

// derive replaces the facts by a record's; their room is used again.
func (f *facts) derive(r record.Record) {
	*f = facts{labels: f.labels[:0], lookups: f.lookups[:0]}
	if b, ok := r.Body.(record.Judged); ok {
		f.level = uint8(b.Verdict())
		f.label("level", b.Verdict().String())
	}
	if b, ok := r.Body.(record.Classified); ok {
		b.Codes(func(of, code string) bool { f.label(of, code); return true })
	}
	if b, ok := r.Body.(record.Personal); ok {
		f.person(b.Subject())
	}
	if b, ok := r.Body.(record.Numbered); ok {
		b.Numbers(func(of, number string) bool { f.look(of, number); return true })
	}
	switch b := r.Body.(type) {
	case record.Visit:
		if b.Temperature >= fever {
			f.labels = append(f.labels, unique.Make("fever"))
		}
	case record.Health:
		f.health = healthJSON(r.Time, b)
	}
}

// label counts a value. Values come from kiosks: only short codes are counted, so
// that no kiosk can fill the table.
func (f *facts) label(what, value string) {
	if value == "" || len(value) > 40 || strings.ContainsFunc(value, notCode) {
		return
	}
	f.labels = append(f.labels, unique.Make(what+"/"+value))
}

func notCode(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.:", r)
}

func (f *facts) person(p record.Person) {
	if !strings.Contains(p.Document, "*") { // a masked number finds too many
		f.look("document", p.Document)
	}
	f.look("phone", p.Phone)
}

func (f *facts) look(field, value string) {
	if value = Normal(field, value); value != "" {
		f.lookups = append(f.lookups, lookup{field, value})
	}
}

// Normal is the form in which a value of a field is looked up: numbers without
// separators, a Vietnamese phone with its leading 0. "" is not looked up.
func Normal(field, value string) string {
	value = strings.Map(func(r rune) rune {
		if r == ' ' || r == '.' || r == '-' || r == '(' || r == ')' {
			return -1
		}
		return r
	}, strings.ToUpper(value))
	if field == "phone" {
		if national, ok := strings.CutPrefix(value, "+84"); ok {
			value = "0" + national
		}
	}
	return value
}

// healthJSON is how a health report is kept beside the kiosk, for the fleet
// page. It holds no personal data.
func healthJSON(at time.Time, h record.Health) string {
	text, err := json.Marshal(Health{
		At: at, Version: h.Version, Uptime: h.Uptime, Backlog: h.Backlog, Oldest: h.Oldest.Time(), Trust: h.Trust,
		TrustAge: h.TrustAge, Rules: h.Rules, ClockError: h.ClockError, DiskFree: h.DiskFree, Conditions: conditions(h.Conditions),
	})
	if err != nil {
		return ""
	}
	return string(text)
}

// Health is the last health report of a kiosk. Times and ages are in seconds,
// the clock's error in milliseconds, the disk in megabytes.
type Health struct {
	At         time.Time   `json:"at"`
	Version    string      `json:"version"`
	Uptime     int64       `json:"uptime"`
	Backlog    int64       `json:"backlog"`
	Oldest     time.Time   `json:"oldest,omitzero"`
	Trust      string      `json:"trust"`
	TrustAge   int64       `json:"trust_age"`
	Rules      string      `json:"rules"`
	ClockError int64       `json:"clock_error"`
	DiskFree   int64       `json:"disk_free"`
	Conditions []Condition `json:"conditions,omitempty"`
}

// Condition is something that is wrong with a kiosk.
type Condition struct {
	Code     string    `json:"code"`
	Severity uint8     `json:"severity"` // 1 notice, 2 warning, 3 out of order
	Since    time.Time `json:"since"`
}

func conditions(from []record.Condition) (out []Condition) {
	for _, c := range from {
		out = append(out, Condition{c.Code, c.Severity, c.Since.Time()})
	}
	return out
}
