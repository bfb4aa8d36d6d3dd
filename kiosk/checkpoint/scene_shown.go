package checkpoint

import (
	"slices"
	"strings"
	"time"

	"chot/kiosk/policy"
)

// shown is the verdict on the screen.
type shown struct {
	visit visit
	kept  int  // ID of the record; 0 while another code is waited for
	open  bool // waits for another code before the visit is recorded
	gate  Gate
	id    int      // of the check of a further code
	codes []string // that it was asked about

	overruled bool // by a member of staff
}

// shown lights, sounds and records a verdict, unless another code may complete
// it: then it is recorded when that came, or did not.
func (c *step) shown(v visit) scene {
	s := shown{visit: v, open: c.completable(v)}
	if !s.open {
		s.kept, s.gate = c.record(v)
	}
	c.do(
		Lamp{Level: v.verdict.Level},
		Buzz{Pattern: v.verdict.Level.String()},
		c.say("shown."+v.verdict.Level.String()),
	)
	return s
}

// completable says whether the verdict lacks what another code could prove.
func (c *step) completable(v visit) bool {
	if v.verdict.Level != Amber || v.again || v.direction == Out || len(v.codes) == 0 || len(v.codes) >= mostCodes {
		return false
	}
	return slices.ContainsFunc(v.verdict.Reasons, func(r policy.Reason) bool { return strings.HasPrefix(r.Code, "needs-") })
}

func (s shown) topic() string { return "" }

func (s shown) rest(setup *Setup) rest {
	t := map[Level]time.Duration{Green: setup.Times.Green, Amber: setup.Times.Amber, Red: setup.Times.Red}
	return rest{after: t[s.visit.verdict.Level]}
}

func (s shown) late(c *step) scene {
	if s.open {
		return s.settle(c)
	}
	return c.home()
}

func (s shown) leave(c *step) { s.settle(c) }

// settle records a visit that waited for another code.
func (s shown) settle(c *step) shown {
	if s.open {
		s.open = false
		s.kept, s.gate = c.record(s.visit)
	}
	return s
}

func (s shown) view(c *step) View {
	v := s.visit
	view := Shown{
		Level: v.verdict.Level, Name: v.name, Family: v.family, Direction: v.direction, Party: v.party,
		Heat: v.celsius, Again: v.again, More: s.open, Proof: v.proof, Gate: s.gate, Overruled: s.overruled,
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

func (s shown) on(c *step, e Event) scene {
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
		return c.read(e.Text)
	case Checked:
		if s.open && e.ID == s.id && len(e.Credentials) > 0 {
			v := visitOf(c, s.codes, e)
			if s.visit.celsius > 0 {
				return c.shown(v.measured(c, heat{celsius: s.visit.celsius}))
			}
			return c.decide(v)
		}
	case Unreadable:
		if s.open && e.ID == s.id {
			s.id, s.codes = 0, nil
		}
	case BadgeRead:
		if s.open && e.ID == s.id {
			s.settle(c)
			return c.badge(e.Badge)
		}
	case RecordKept:
		if e.ID == s.kept && s.gate == Opening {
			s.gate = Open
		}
	case RecordFailed:
		if e.ID == s.kept {
			c.do(Lamp{Level: Amber}, Buzz{Pattern: "amber"})
			return unchecked{problem: "not-kept"}
		}
	case Tapped:
		switch e.Tap {
		case TapDone:
			return c.home()
		case TapStaff:
			s.settle(c)
			if c.Staff == (Badge{}) {
				return login{}
			}
			return c.overriding()
		}
	}
	return s
}
