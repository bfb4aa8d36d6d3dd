package checkpoint

import (
	"slices"

	"chot/kiosk/policy"
)

// Manual checks a visitor in without a code.
type Manual struct {
	Reasons   []string
	Direction Direction
	Party     int
}

func (Manual) view() {}

// manual checks a visitor in without a code.
type manual struct {
	staffed
	direction Direction
	party     int
}

var _ = register(taps[manual]{
	TapReason:    manual.record,
	TapDirection: manual.toward,
	TapParty:     manual.count,
	TapBack:      manual.home,
}, Manual{})

var _ = registerTask(task{
	id: TaskManual, rank: 60, roles: []Role{Volunteer, Supervisor},
	open: func(c *step) screen { return manual{direction: c.way(), party: 1} },
})

func (manual) screenID() string { return "manual" }

func (s manual) view(c *step) View {
	return Manual{Reasons: c.m.setup.ManualReasons, Direction: s.direction, Party: s.party}
}

func (s manual) on(*step, Event) screen { return s }

func (s manual) toward(c *step, direction string) screen {
	for _, d := range c.m.setup.Directions {
		if d.String() == direction {
			s.direction = d
		}
	}
	return s
}

func (s manual) count(_ *step, value string) screen {
	s.party = counted(s.party, value, 1, maxParty)
	return s
}

// record checks the visitor in, by the reason that is tapped last.
func (s manual) record(c *step, reason string) screen {
	if !slices.Contains(c.m.setup.ManualReasons, reason) {
		return s
	}
	v := policy.Verdict{At: c.Now, Rules: policy.Freshness{Grade: policy.Fresh}, Trust: policy.Freshness{Grade: policy.Fresh}}
	v = because(v, CheckedIn, Green)
	v.Reasons[0].Rule = reason
	return c.decide(visit{family: "manual", proof: Vouched, verdict: v, direction: s.direction, party: s.party, staff: c.Staff.Number})
}

// counted moves a number by one, between its limits.
func counted(n int, value string, least, most int) int {
	if value == "-" {
		return max(n-1, least)
	}
	return min(n+1, most)
}
