// Package condition is the registry of everything that can be wrong with a kiosk.
//
// A condition is data: a code, how grave it is, what explains it, and how long it
// must last before people are shown it, after the model of tailscale's package
// health. Who notices one names the registered value; the words are the catalogue's
// (ui/catalog, key "condition." and the code); the kiosk's technician's page, its
// health report and the province's page of the fleet all read this registry. A new
// condition is one row here and one word in each language's file.
package condition

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Severity says what a condition means for the work at the checkpoint. The
// numbers are those of the health report.
type Severity uint8

// The severities.
const (
	Notice   Severity = 1 // for the technician's page
	Warning  Severity = 2 // shown to staff as well
	Blocking Severity = 3 // the kiosk is out of order until it is over
)

// Condition is one registered row.
type Condition struct {
	// Code names the condition in records, on the wire and in the catalogue. The
	// part that it is about stands before the first hyphen.
	Code     string
	Severity Severity
	// DependsOn are the conditions that explain this one: while one of them
	// stands, this one is reported, but not shown beside its cause.
	DependsOn []*Condition
	// Visible is how long it must last before it is shown. A plug that is loose
	// for a moment is no news.
	Visible time.Duration
}

// Part is the part of the kiosk that the condition is about: what stands before
// the first hyphen of its code.
func (c *Condition) Part() string {
	part, _, _ := strings.Cut(c.Code, "-")
	return part
}

var (
	registered []*Condition
	byCode     = map[string]*Condition{}
)

// register adds a row. A code that is registered twice is a programmer's mistake
// and panics when the program starts.
func register(c Condition) *Condition {
	if byCode[c.Code] != nil || c.Severity < Notice || c.Severity > Blocking {
		panic(fmt.Sprintf("condition %q: registered twice, or with the severity %d", c.Code, c.Severity))
	}
	row := &c
	registered = append(registered, row)
	byCode[c.Code] = row
	return row
}

// All returns every registered condition, in the order of the registry.
func All() []*Condition { return slices.Clone(registered) }

// Find returns the condition of a code.
func Find(code string) (*Condition, bool) {
	c, known := byCode[code]
	return c, known
}

// Of is the condition of a part that a driver names by a problem's code, such as
// "printer" and "paper-out". A problem that is not registered is the part's
// Unknown: it is reported, not swallowed.
func Of(part, problem string) *Condition {
	if c, known := byCode[part+"-"+problem]; known {
		return c
	}
	return Unknown
}
