package checkpoint

import (
	"slices"
	"strings"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/policy"
)

// Shown is the verdict over what the visitor held up.
type Shown struct {
	Level     Level
	Name      string   // of the holder, masked; "" where the code has no name
	Family    string   // of the credential, or "declaration", "manual"
	Reasons   []Reason // the gravest first
	Direction Direction
	Party     int     // number of people, 1 for one alone
	Heat      float64 // body temperature in °C, 0 where not taken
	Again     bool    // the same code as a moment ago: not counted twice
	More      bool    // another code may complete this one; it is waited for
	Proof     Proof   // what its signature is worth
	Why       string  // why the signature could not be checked: a credential.Problem; "" where that is not said
	Stale     bool    // made with rules or trust data that should have been renewed
	Gate      Gate
	Overruled bool // a member of staff decided otherwise
}

// Proof says what stands behind what a visitor showed. Each means something else
// to do: a paper without a signature cannot be better than it is, one whose
// signature that cannot be checked here may be good.
type Proof string

// The proofs.
const (
	Unsigned   Proof = ""           // there is no signature: it identifies, and proves nothing
	Unverified Proof = "unverified" // there is one, which could not be checked
	Broken     Proof = "broken"     // there is one, and it does not hold
	Verified   Proof = "verified"   // there is one, and a trusted key made it
	Vouched    Proof = "vouched"    // nothing was shown: a member of staff decided
)

// Reason is a ground of a verdict, for the catalogue.
type Reason struct {
	Code  string
	Level Level
	Rule  string
}

// Gate is what the barrier does.
type Gate string

// The gate's states.
const (
	Shut Gate = "shut"
	Open Gate = "open"
)

func (Shown) view() {}

// shown is the verdict on the screen.
type shown struct {
	visit visit
	open  bool // waits for another code before the visit is recorded
	gate  Gate
	scan  scan     // as staff see it
	id    int      // of the check of a further code
	codes []string // that it was asked about

	overruled bool // by a member of staff
}

var _ = register(taps[shown]{}, Shown{})

// tell lights and sounds the verdict.
func (s shown) tell(c *step) screen {
	level := s.visit.verdict.Level
	c.do(Lamp{Level: level}, Buzz{Pattern: level.String()}, c.say("shown."+level.String()))
	return s
}

// completable says whether the verdict lacks what another code could prove.
func (c *step) completable(v visit) bool {
	if v.verdict.Level != Amber || v.again || v.direction == Out || len(v.codes) == 0 || len(v.codes) >= maxCodes {
		return false
	}
	return slices.ContainsFunc(v.verdict.Reasons, func(r policy.Reason) bool { return strings.HasPrefix(r.Code, "needs-") })
}

func (s shown) screenID() string { return "" }

func (s shown) timeout(setup *Setup) timeout {
	t := map[Level]time.Duration{Green: setup.Times.Green, Amber: setup.Times.Amber, Red: setup.Times.Red}
	return timeout{after: t[s.visit.verdict.Level]}
}

func (s shown) onTimeout(c *step) screen {
	if s.open { // the other code did not come
		return c.commit(s.visit, true)
	}
	return c.home()
}

// onExit records a visit that waited for another code.
func (s shown) onExit(c *step) {
	if s.open {
		c.record(s.visit)
	}
}

func (s shown) view(c *step) View {
	v := s.visit
	view := Shown{
		Level: v.verdict.Level, Name: v.name, Family: v.family, Direction: v.direction, Party: v.party,
		Heat: v.celsius, Again: v.again, More: s.open, Proof: v.proof, Why: v.why, Gate: s.gate, Overruled: s.overruled,
		Stale: stale(v.verdict.Rules) || stale(v.verdict.Trust),
	}
	view.Reasons = reasonLines(v.verdict)
	return view
}

func stale(f policy.Freshness) bool { return f.Grade == policy.Stale || f.Grade == policy.TooOld }

func reasonLines(v policy.Verdict) []Reason {
	var lines []Reason
	for _, r := range v.Reasons {
		lines = append(lines, Reason{Code: r.Code, Level: r.Level, Rule: r.Rule})
	}
	return lines
}

func (s shown) on(c *step, e Event) screen {
	switch e := e.(type) {
	case CodeSeen:
		switch {
		case slices.Contains(s.visit.codes, e.Text) || slices.Contains(s.codes, e.Text):
			return s
		case s.open:
			s.codes = append(slices.Clone(s.visit.codes), e.Text)
			s.id = c.check(s.codes...)
			return s
		}
		c.do(Lamp{}) // it was lit for the visitor before
		next := c.read(e.Text)
		if checking, ok := next.(checking); ok && c.overridable(s.scan) {
			checking.over = override{scan: s.scan, name: s.visit.name}
			return checking
		}
		return next
	case Checked:
		if s.open && e.ID == s.id && len(e.Credentials) > 0 {
			if cred := shownLast(e.Credentials); cred.Family == credential.NoFamily {
				s.id, s.codes = 0, nil // a code beside the document is not held against it
				return s
			}
			v := visitOf(c, s.codes, e)
			if s.visit.celsius > 0 {
				return c.conclude(v.measured(c, temperature{celsius: s.visit.celsius}))
			}
			return c.decide(v)
		}
	case Unreadable:
		if s.open && e.ID == s.id {
			s.id, s.codes = 0, nil
		}
	case BadgeRead:
		if s.open && e.ID == s.id {
			s.onExit(c)
			return c.badge(e.Badge, override{scan: c.lastScan(), name: s.visit.name})
		}
	}
	return s
}
