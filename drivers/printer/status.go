package printer

import "strings"

// Status is what a printer says of itself; the zero value is a printer that is
// ready.
type Status uint16

// The conditions of a printer.
const (
	PaperOut   Status = 1 << iota
	HeadOpen          // or the cover
	Paused            // a person must press a button
	Offline           // not there, switched off, or in an error of its own
	RibbonOut         // thermal transfer only
	Jammed            // paper or cutter
	Overheated        // goes on by itself
	PaperLow          // still prints
	Busy              // works on a job
	Unanswered        // has no way back, or does not use it: nothing is known
)

// Faults are the conditions in which nothing is printed.
const faults = PaperOut | HeadOpen | Paused | Offline | RibbonOut | Jammed | Overheated

var conditions = []struct {
	bit  Status
	code string
}{
	{Offline, "offline"}, {PaperOut, "paper-out"}, {HeadOpen, "head-open"}, {RibbonOut, "ribbon-out"},
	{Jammed, "jammed"}, {Overheated, "overheated"}, {Paused, "paused"}, {PaperLow, "paper-low"},
	{Busy, "busy"}, {Unanswered, "unanswered"},
}

// Ready tells whether a job can be printed, as far as is known.
func (s Status) Ready() bool { return s&faults == 0 }

// Problem is the code of the gravest condition that keeps the printer from
// printing: "offline", "paper-out", "head-open", "ribbon-out", "jammed",
// "overheated", "paused"; "" where it is ready.
func (s Status) Problem() string {
	for _, c := range conditions {
		if s&faults&c.bit != 0 {
			return c.code
		}
	}
	return ""
}

// String lists the codes of all conditions, or "ready".
func (s Status) String() string {
	var codes []string
	for _, c := range conditions {
		if s&c.bit != 0 {
			codes = append(codes, c.code)
		}
	}
	if codes == nil {
		return "ready"
	}
	return strings.Join(codes, ", ")
}
