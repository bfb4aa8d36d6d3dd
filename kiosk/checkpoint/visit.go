package checkpoint

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/policy"
	"chot/kiosk/record"
)

// visit is one passage before it is recorded.
type visit struct {
	codes     []string // texts shown; none for a declaration or a manual check-in
	family    string
	name      string // masked
	verdict   policy.Verdict
	proof     Proof
	why       string // why a signature could not be checked
	direction Direction
	party     int
	celsius   float64
	again     bool
	staff     string
}

// proofs is what a signature is worth, by the standing of what it is on.
var proofs = map[credential.Standing]Proof{
	credential.Signed: Verified, credential.UnknownIssuer: Unverified, credential.Unreadable: Unverified,
	credential.Forged: Broken, credential.SelfDeclared: Unsigned,
}

// ranks says which of several proofs a visit is shown with: one signature that does
// not hold is what counts.
var ranks = map[Proof]int{Unsigned: 0, Unverified: 1, Verified: 2, Broken: 3}

// visitOf makes a visit of what was checked.
func visitOf(c *step, codes []string, e Checked) visit {
	main, proof, why := e.Credentials[len(e.Credentials)-1], Unsigned, ""
	for _, cred := range e.Credentials {
		if p := proofs[cred.Standing]; ranks[p] > ranks[proof] {
			if proof, why = p, ""; p == Unverified {
				why = string(cred.Problem)
			} else {
				main = cred
			}
		}
	}
	v := visit{
		codes: codes, family: string(main.Family), name: mask(main.Holder.Name), verdict: e.Verdict,
		proof: proof, why: why, direction: c.way(), party: max(e.Party, 1),
	}
	for _, text := range codes {
		v.again = c.seen(text) || v.again
	}
	if v.verdict = sound(v.verdict); v.verdict.Level == Green && proof != Verified {
		v.verdict = because(v.verdict, policy.Identified, Amber)
	}
	return v
}

// The reasons that the checkpoint itself gives.
const (
	Undecided   = "undecided"           // a verdict that came without a reason for its colour
	Feverish    = "fever"               // the temperature is at or over the limit
	Unmeasured  = "temperature-missing" // the thermometer took none
	CheckedIn   = "checked-in"          // by hand, by a member of staff
	AllDeclared = "party-declared"      // everybody of the party declared
)

// sound makes sure that a verdict is as grave as its gravest reason, and that
// green has a reason of its own.
func sound(v policy.Verdict) policy.Verdict {
	gravest := Level(0)
	v.Reasons = slices.Clone(v.Reasons)
	for i := range v.Reasons {
		r := &v.Reasons[i]
		r.Level = min(max(r.Level, Green), Red)
		gravest = max(gravest, r.Level)
	}
	v.Level = min(v.Level, Red)
	switch {
	case gravest == 0:
		return because(v, Undecided, max(v.Level, Amber))
	case gravest < v.Level:
		return because(v, Undecided, v.Level)
	}
	v.Level = gravest
	sortReasons(v.Reasons)
	return v
}

func sortReasons(reasons []policy.Reason) {
	slices.SortStableFunc(reasons, func(a, b policy.Reason) int { return cmp.Compare(b.Level, a.Level) })
}

// because adds a reason to a verdict, which may make it graver, and puts the
// gravest first.
func because(v policy.Verdict, code string, level Level) policy.Verdict {
	v.Reasons = append(slices.Clone(v.Reasons), policy.Reason{Code: code, Level: level})
	sortReasons(v.Reasons)
	v.Level = max(v.Level, level)
	return v
}

// measured adds the temperature to a visit.
func (v visit) measured(c *step, h temperature) visit {
	v.celsius = h.celsius
	if limit := c.m.setup.Fever; limit > 0 && h.celsius >= limit {
		v.verdict = because(v.verdict, Feverish, max(c.m.setup.FeverLevel, Amber))
	}
	return v
}

// unmeasured notes that no temperature could be taken, and what the province says
// that such a visit is.
func (v visit) unmeasured(c *step) visit {
	v.verdict = because(v.verdict, Unmeasured, max(c.m.setup.Unmeasured, Green))
	return v
}

// decide measures where a thermometer is fitted, and goes on to the verdict.
func (c *step) decide(v visit) screen {
	if !c.measures(v) {
		return c.conclude(v)
	}
	if !c.m.parts.works(PartThermometer) {
		return c.conclude(v.unmeasured(c))
	}
	if h, ok := c.warm(); ok {
		return c.conclude(v.measured(c, h))
	}
	return measuring{visit: v}
}

// measures says whether a visit's temperature is to be taken.
func (c *step) measures(v visit) bool {
	return c.m.setup.Thermometer && v.direction != Out && !v.again
}

// warm returns a temperature that was taken just now.
func (c *step) warm() (temperature, bool) {
	return c.m.temperature, c.m.temperature.celsius > 0 && c.Now.Sub(c.m.temperature.at) < 2*time.Second
}

// record keeps a visit and has the barrier follow; it returns the ID of the record
// that makes the verdict final, 0 where that is durable already. A code that was
// counted a moment ago counts and opens nothing: it may have been handed back over
// the gate.
func (c *step) record(v visit) (id int) {
	c.remark(v)
	if v.again {
		return c.pendingOf(v.codes)
	}
	body := record.Visit{
		Direction:   v.direction,
		Family:      v.family,
		Level:       record.Level(v.verdict.Level),
		Reasons:     reasonsOf(v.verdict),
		Rules:       v.verdict.Rules.Version,
		Temperature: int(math.Round(v.celsius * 10)),
		Staff:       v.staff,
	}
	if v.party > 1 {
		body.Party = v.party
	}
	id = c.keep(body)
	c.countAfter(id, v.codes)
	if v.verdict.Level == Green || v.direction == Out {
		c.openAfter(id, v.party)
	}
	return id
}

// remark notes a verdict for staff, who may want to look at it once more, or to
// override it.
func (c *step) remark(v visit) {
	c.m.scanned++
	made := scan{
		id: c.m.scanned, at: c.Now, family: v.family, level: v.verdict.Level, reasons: v.verdict.Reasons,
		party: v.party, direction: v.direction, overruled: v.direction == Out,
	}
	c.m.scans = append([]scan{made}, c.m.scans[:min(len(c.m.scans), maxScans-1)]...)
}

// lastScan is the verdict that was made last.
func (c *step) lastScan() scan {
	if len(c.m.scans) == 0 {
		return scan{}
	}
	return c.m.scans[0]
}

// overridable says whether staff may still decide otherwise.
func (c *step) overridable(s scan) bool {
	return s.level > Green && !s.overruled && !c.Now.After(s.at.Add(overrideWithin))
}

func reasonsOf(v policy.Verdict) []record.Reason {
	var reasons []record.Reason
	for _, r := range v.Reasons {
		reasons = append(reasons, record.Reason{Code: r.Code, Rule: r.Rule})
	}
	return reasons
}

// mask keeps the last word of a name, in Vietnam the one that a person is called
// by, and the first letter of each other: "N. T. Thử".
func mask(name string) string {
	words := strings.Fields(name)
	for i, w := range words[:max(len(words)-1, 0)] {
		words[i] = string([]rune(w)[:1]) + "."
	}
	return strings.Join(words, " ")
}
