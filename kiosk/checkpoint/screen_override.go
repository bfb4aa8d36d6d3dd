package checkpoint

import (
	"slices"

	"chot/kiosk/policy"
	"chot/kiosk/record"
)

// Override decides otherwise than the last verdict.
type Override struct {
	Level   Level // of the verdict
	Because []Reason
	To      Level
	Reasons []string
	Reason  string
}

func (Override) view() {}

// override decides otherwise than the last verdict. The visit is recorded
// already: what is added is who decided what, and why.
type override struct {
	staffed
	last   last
	to     Level
	reason string
}

var _ = register(taps[override]{
	TapLevel:  override.choose,
	TapReason: override.because,
	TapBack:   override.home,
	TapNext:   override.decide,
}, Override{})

var _ = registerTask(task{
	id: TaskOverride, rank: 70, roles: []Role{Volunteer, Supervisor},
	offers: func(c *step) bool { return c.m.last.level != 0 },
	open:   (*step).overriding,
})

func (c *step) overriding() screen {
	if c.m.last.level == 0 || !c.Staff.Role.may(TaskOverride) {
		return menu{}
	}
	return override{last: c.m.last, to: Green}
}

// Overruled is the reason for what a member of staff decided.
const Overruled = "overruled"

func (override) screenID() string { return "override" }

func (s override) view(c *step) View {
	return Override{
		Level: s.last.level, Because: reasonLines(policy.Verdict{Reasons: s.last.reasons}), To: s.to,
		Reasons: c.m.setup.OverrideReasons, Reason: s.reason,
	}
}

func (s override) on(*step, Event) screen { return s }

func (s override) choose(_ *step, level string) screen {
	for _, l := range []Level{Green, Red} {
		if l.String() == level {
			s.to = l
		}
	}
	return s
}

func (s override) because(c *step, reason string) screen {
	if slices.Contains(c.m.setup.OverrideReasons, reason) {
		s.reason = reason
	}
	return s
}

func (s override) decide(c *step, _ string) screen {
	if s.reason == "" || s.to == 0 {
		return s
	}
	v := because(policy.Verdict{At: c.Now}, Overruled, s.to)
	v.Reasons[0].Rule = s.reason
	done := visit{family: "manual", proof: Vouched, verdict: v, direction: s.last.direction, party: s.last.party, staff: c.Staff.Number}
	id := c.keep(record.Staff{
		Badge: c.Staff.Number, Action: "override", Reason: s.reason,
		From: record.Level(s.last.level), To: record.Level(s.to), Count: s.last.party,
	})
	gate := c.gateOf(done)
	if s.to == Green {
		c.openAfter(id, s.last.party)
	} else if gate == Open { // on the way out, and held back
		gate = Shut
	}
	c.m.last = last{}
	return committing{record: id, since: c.Now, then: shown{visit: done, gate: gate, overruled: true}}
}
