package checkpoint

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"chot/kiosk/policy"
	"chot/kiosk/record"
)

// Override shows the last verdicts for a second look, and decides otherwise than
// one of them. Nothing is chosen beforehand.
type Override struct {
	Scans   []Scan // to choose from, the newest first
	Scan    Scan   // chosen; zero so far
	To      []Level
	Reasons []string
}

// Scan is a verdict that was made.
type Scan struct {
	ID      string // of the tap that chooses it
	At      time.Time
	Family  string
	Level   Level
	Because []Reason
	Party   int
	Name    string // masked, while the verdict is still on the screen; else ""
	Open    bool   // it may still be overridden
}

func (Override) view() {}

// override decides otherwise than a verdict. The visit is recorded already: what is
// added is who decided what, and why.
type override struct {
	staffed
	scan scan // zero: not chosen yet
	name string
}

var _ = register(taps[override]{
	TapOpen:   override.choose,
	TapReason: override.decide,
	TapBack:   override.back,
}, Override{})

var _ = registerTask(task{
	id: TaskOverride, rank: 70, roles: []Role{Volunteer, Supervisor},
	offers: func(c *step) bool { return len(c.m.scans) > 0 },
	open:   func(*step) screen { return override{} },
})

// Overruled is the reason for what a member of staff decided.
const Overruled = "overruled"

func (override) screenID() string { return "override" }

func (s override) on(*step, Event) screen { return s }

func (s override) view(c *step) View {
	if s.scan.id == 0 {
		var v Override
		for _, made := range c.m.scans {
			v.Scans = append(v.Scans, c.scanLine(made))
		}
		return v
	}
	v := Override{Scan: c.scanLine(s.scan), Reasons: c.m.setup.OverrideReasons, To: levelsBeside(s.scan.level)}
	v.Scan.Name = s.name
	return v
}

func (c *step) scanLine(s scan) Scan {
	return Scan{
		ID: strconv.Itoa(s.id), At: s.at, Family: s.family, Level: s.level, Party: s.party,
		Because: reasonLines(policy.Verdict{Reasons: s.reasons}), Open: c.overridable(s),
	}
}

// levelsBeside are the levels that a verdict may be overridden to.
func levelsBeside(l Level) []Level {
	return slices.DeleteFunc([]Level{Green, Red}, func(other Level) bool { return other == l })
}

func (s override) choose(c *step, id string) screen {
	for _, made := range c.m.scans {
		if strconv.Itoa(made.id) == id && c.overridable(made) {
			return override{scan: made}
		}
	}
	return s
}

func (s override) back(c *step, _ string) screen {
	if s.scan.id == 0 || len(c.m.scans) == 0 {
		return c.home()
	}
	return override{}
}

// decide takes a level and a reason in one: "green/paper-seen".
func (s override) decide(c *step, value string) screen {
	level, reason, _ := strings.Cut(value, "/")
	if s.scan.id == 0 || !c.overridable(s.scan) || !slices.Contains(c.m.setup.OverrideReasons, reason) {
		return s
	}
	for _, to := range levelsBeside(s.scan.level) {
		if to.String() == level {
			return s.decided(c, to, reason)
		}
	}
	return s
}

func (s override) decided(c *step, to Level, reason string) screen {
	v := because(policy.Verdict{At: c.Now}, Overruled, to)
	v.Reasons[0].Rule = reason
	done := visit{family: "manual", name: s.name, proof: Vouched, verdict: v, direction: s.scan.direction, party: s.scan.party, staff: c.Staff.Number}
	id := c.keep(record.Staff{
		Badge: c.Staff.Number, Action: "override", Reason: reason,
		From: record.Level(s.scan.level), To: record.Level(to), Count: s.scan.party,
	})
	if to == Green {
		c.openAfter(id, s.scan.party)
	}
	c.m.scans = slices.Clone(c.m.scans)
	for i := range c.m.scans {
		c.m.scans[i].overruled = c.m.scans[i].overruled || c.m.scans[i].id == s.scan.id
	}
	return committing{record: id, since: c.Now, then: shown{visit: done, gate: c.gateOf(done), overruled: true}}
}
