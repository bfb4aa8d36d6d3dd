package exchange

import "chot/kiosk/record"

// Fate is what became of a line.
type Fate string

// The fates.
const (
	Filed   Fate = "filed"   // holds now
	Changed Fate = "changed" // holds now, in place of what held
	Cleared Fate = "cleared" // what held is withdrawn
	Known   Fate = "known"   // held already, or was sent before
	Listed  Fate = "listed"  // is on the work list
	Noted   Fate = "noted"   // not what was ordered: a control, another germ
	Waiting Fate = "waiting" // has no result yet
	Refused Fate = "refused" // cannot be read
)

// Fates are all of them, in the order in which a preview counts them.
var Fates = []Fate{Filed, Changed, Cleared, Known, Listed, Waiting, Noted, Refused}

// Line is what became of one line, segment or resource.
type Line struct {
	Place
	Fate    Fate
	Reason  string         // the page words it; "" where nothing needs to be said
	Subject string         // the tube as reported, or a document's number, masked
	Read    string         // what was read
	Outcome record.Outcome // of a result, 0 where it has none
	Before  record.Outcome // what held before, 0 where nothing did
	Dose    int            // number of a dose, 0 for a result or an invitation
}

// Answer is what became of a file.
type Answer struct {
	Format   string
	Encoding string
	Columns  []Column
	Header   int
	Lines    []Line
}

// Count is how many lines had a fate.
func (a *Answer) Count(f Fate) (n int) {
	for _, l := range a.Lines {
		if l.Fate == f {
			n++
		}
	}
	return n
}

// Counts are the fates that lines had, with how many.
func (a *Answer) Counts() (all []Counted) {
	for _, f := range Fates {
		if n := a.Count(f); n > 0 {
			all = append(all, Counted{f, n})
		}
	}
	return all
}

// Counted is a fate and how many lines had it.
type Counted struct {
	Fate Fate
	N    int
}

// Shown are the lines that a page shows: those that need to be looked at first.
func (a *Answer) Shown(most int) (lines []Line) {
	for _, f := range []Fate{Refused, Listed, Changed, Cleared, Noted, Waiting, Filed, Known} {
		for _, l := range a.Lines {
			if l.Fate == f && len(lines) < most {
				lines = append(lines, l)
			}
		}
	}
	return lines
}
