package checkpoint

import (
	"cmp"
	"slices"
)

// Part names a part of the kiosk.
type Part string

// The parts, in the order of the page.
const (
	PartCamera      Part = "camera"
	PartScanner     Part = "scanner"
	PartPrinter     Part = "printer"
	PartLamp        Part = "lamp"
	PartBuzzer      Part = "buzzer"
	PartBarrier     Part = "barrier"
	PartButton      Part = "button"
	PartSpeaker     Part = "speaker"
	PartThermometer Part = "thermometer"
	PartNetwork     Part = "network"
	PartServer      Part = "server"
	PartClock       Part = "clock"
	PartDisk        Part = "disk"
	PartJournal     Part = "journal"
	PartBacklog     Part = "backlog"
	PartTrust       Part = "trust"
	PartVersion     Part = "version"
)

// partState is what is known of one part of the kiosk.
type partState struct {
	part       Part
	value      string
	facts      []Fact
	conditions []Condition
	test       string // "", "running", "passed", "failed"
	detail     string
}

// line is the part on a technician's page.
func (s partState) line() PartLine {
	l := PartLine{Part: s.part, Value: s.value, Facts: s.facts, Test: s.test, Detail: s.detail}
	for _, d := range (parts{s}).conditions() {
		l.Codes = append(l.Codes, d.Code)
		l.Severity = max(l.Severity, d.Severity)
	}
	return l
}

// parts are all that have reported, in no order.
type parts []partState

func (p parts) of(part Part) partState {
	if i := slices.IndexFunc(p, func(s partState) bool { return s.part == part }); i >= 0 {
		return p[i]
	}
	return partState{part: part}
}

// with replaces what is known of a part.
func (p parts) with(s partState) parts {
	next := slices.Clone(p)
	if i := slices.IndexFunc(p, func(o partState) bool { return o.part == s.part }); i >= 0 {
		next[i] = s
		return next
	}
	return append(next, s)
}

func (p parts) changed(e DeviceChanged) parts {
	s := p.of(e.Part)
	s.part, s.value, s.facts, s.conditions = e.Part, e.Value, slices.Clone(e.Facts), slices.Clone(e.Conditions)
	return p.with(s)
}

func (p parts) tested(e PartTested) parts {
	s := p.of(e.Part)
	s.test, s.detail = "failed", e.Detail
	if e.Passed {
		s.test = "passed"
	}
	return p.with(s)
}

// conditions lists what is wrong, the gravest first, the oldest of those first.
func (p parts) conditions() []Condition {
	var all []Condition
	for _, s := range p {
		all = append(all, s.conditions...)
	}
	slices.SortStableFunc(all, func(a, b Condition) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), a.Since.Compare(b.Since), cmp.Compare(a.Code, b.Code))
	})
	return all
}

// fault is the gravest condition that keeps a part from working, "" where it
// works.
func (p parts) fault(part Part) string {
	for _, c := range parts.conditions(parts{p.of(part)}) {
		if c.Severity >= Warning {
			return c.Code
		}
	}
	return ""
}

func (p parts) works(part Part) bool { return p.fault(part) == "" }

// readers are the parts that read codes.
var readers = []Part{PartCamera, PartScanner}

// noReader says whether every reader that has reported has a fault. A part that is
// not fitted never reports.
func (p parts) noReader() bool {
	fitted := func(s partState) bool { return slices.Contains(readers, s.part) }
	return slices.ContainsFunc(p, fitted) && !slices.ContainsFunc(p, func(s partState) bool { return fitted(s) && p.works(s.part) })
}
