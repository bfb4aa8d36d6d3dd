package checkpoint

import (
	"slices"

	"chot/kiosk/policy"
	"chot/kiosk/record"
)

// manual checks somebody in without a code.
type manual struct {
	staffed
	reason    string
	direction Direction
	party     int
}

func (manual) topic() string { return "manual" }

func (s manual) view(c *step) View {
	return Manual{Reasons: c.m.setup.ManualReasons, Reason: s.reason, Direction: s.direction, Party: s.party}
}

func (s manual) on(c *step, e Event) scene {
	t, ok := e.(Tapped)
	if !ok {
		return s
	}
	switch t.Tap {
	case TapReason:
		if slices.Contains(c.m.setup.ManualReasons, t.Value) {
			s.reason = t.Value
		}
	case TapDirection:
		for _, d := range c.m.setup.Directions {
			if d.String() == t.Value {
				s.direction = d
			}
		}
	case TapParty:
		s.party = counted(s.party, t.Value, 1, mostParty)
	case TapBack:
		return c.home()
	case TapDone, TapNext:
		if s.reason == "" {
			return s
		}
		v := policy.Verdict{At: c.Now, Rules: policy.Freshness{Grade: policy.Fresh}, Trust: policy.Freshness{Grade: policy.Fresh}}
		v = because(v, CheckedIn, Green)
		v.Reasons[0].Rule = s.reason
		return c.decide(visit{family: "manual", proof: Vouched, verdict: v, direction: s.direction, party: s.party, staff: c.Staff.Number})
	}
	return s
}

// counted moves a number by one, between its limits.
func counted(n int, value string, least, most int) int {
	if value == "-" {
		return max(n-1, least)
	}
	return min(n+1, most)
}

// override decides otherwise than the last verdict. The visit is recorded
// already: what is added is who decided what, and why.
type override struct {
	staffed
	last   last
	to     Level
	reason string
}

func (c *step) overriding() scene {
	if c.m.last.level == 0 || !c.Staff.Role.may(TaskOverride) {
		return c.menu()
	}
	return override{last: c.m.last, to: Green}
}

// Overruled is the reason for what a member of staff decided.
const Overruled = "overruled"

func (override) topic() string { return "override" }

func (s override) view(c *step) View {
	return Override{
		Level: s.last.level, Because: reasonLines(policy.Verdict{Reasons: s.last.reasons}), To: s.to,
		Reasons: c.m.setup.OverrideReasons, Reason: s.reason,
	}
}

func (s override) on(c *step, e Event) scene {
	t, ok := e.(Tapped)
	if !ok {
		return s
	}
	switch t.Tap {
	case TapLevel:
		switch t.Value {
		case Green.String():
			s.to = Green
		case Red.String():
			s.to = Red
		}
	case TapReason:
		if slices.Contains(c.m.setup.OverrideReasons, t.Value) {
			s.reason = t.Value
		}
	case TapBack:
		return c.home()
	case TapDone, TapNext:
		if s.reason != "" {
			return s.decided(c)
		}
	}
	return s
}

func (s override) decided(c *step) scene {
	v := because(policy.Verdict{At: c.Now}, Overruled, s.to)
	v.Reasons[0].Rule = s.reason
	done := shown{
		visit:     visit{family: "manual", proof: Vouched, verdict: v, direction: s.last.direction, party: s.last.party, staff: c.Staff.Number},
		overruled: true,
	}
	done.kept = c.keep(record.Staff{
		Badge: c.Staff.Number, Action: "override", Reason: s.reason,
		From: record.Level(s.last.level), To: record.Level(s.to), Count: s.last.party,
	})
	if s.to == Green {
		done.gate = c.openAfter(done.kept, s.last.party)
	} else if c.m.setup.Barrier {
		done.gate = Shut
	}
	c.m.last = last{}
	c.do(Lamp{Level: s.to}, Buzz{Pattern: s.to.String()}, c.say("shown."+s.to.String()))
	return done
}
