package checkpoint

import (
	"maps"
	"slices"

	"chot/kiosk/record"
)

// RollCall is an agency's roll: who has the app and has declared.
type RollCall struct {
	Campaign string
	Agencies []Agency // to choose from, one page
	Page     int
	Pages    int
	Agency   Agency // chosen; zero so far
	Person   string // masked; "" until a paper was read
	App      bool
	Declared bool
	Problem  string
}

// Agency is a place of work in a campaign.
type Agency struct {
	Code   string
	Name   string
	People int // who should be on the roll, 0 where unknown
	Done   int // recorded here in this session
}

func (RollCall) view() {}

// rollCall notes who of an agency has the app and has declared.
type rollCall struct {
	staffed
	agency        string
	page          int
	person        record.Person
	app, declared bool
	checks, id    int
	problem       string
}

var _ = register(taps[rollCall]{
	TapPage:     settledRoll(rollCall.turn),
	TapAgency:   settledRoll(rollCall.choose),
	TapApp:      settledRoll(rollCall.hasApp),
	TapDeclared: settledRoll(rollCall.hasDeclared),
	TapDone:     settledRoll(rollCall.record),
	TapBack:     settledRoll(rollCall.back),
}, RollCall{})

// settledRoll is what a tap does once the last entry is in the journal: until
// then it does nothing.
func settledRoll(do func(rollCall, *step, string) screen) func(rollCall, *step, string) screen {
	return func(s rollCall, c *step, value string) screen {
		if s.id != 0 {
			return s
		}
		return do(s, c, value)
	}
}

var _ = registerTask(task{
	id: TaskRoll, rank: 80, roles: []Role{Volunteer, Supervisor},
	offers: func(c *step) bool { return c.m.setup.Campaign != "" && len(c.m.setup.Agencies) > 0 },
	open:   func(*step) screen { return rollCall{} },
})

func (rollCall) screenID() string { return "roll" }

func (s rollCall) view(c *step) View {
	v := RollCall{
		Campaign: c.m.setup.Campaign, Person: mask(s.person.Name), App: s.app, Declared: s.declared, Problem: s.problem,
	}
	lines, page, pages := paged(c.m.setup.Agencies, s.page, c.rows())
	for _, a := range lines {
		a.Done = c.m.roll[a.Code]
		v.Agencies = append(v.Agencies, a)
	}
	v.Page, v.Pages = page, pages
	if i := s.chosen(c); i >= 0 {
		v.Agency = c.m.setup.Agencies[i]
		v.Agency.Done = c.m.roll[s.agency]
	}
	return v
}

func (s rollCall) chosen(c *step) int {
	return slices.IndexFunc(c.m.setup.Agencies, func(a Agency) bool { return s.agency != "" && a.Code == s.agency })
}

func (s rollCall) on(c *step, e Event) screen {
	switch e := e.(type) {
	case CodeSeen:
		if s.chosen(c) >= 0 && s.id == 0 {
			s.checks = c.check(e.Text)
		}
	case Checked:
		if cred := shownLast(e.Credentials); e.ID == s.checks && s.id == 0 && cred != nil {
			if s.problem = ""; !identifies(cred) {
				s.problem = "not-a-person"
				return s
			}
			s.person, s.app, s.declared = personOf(c, cred), false, false
		}
	case Unreadable:
		if e.ID == s.checks {
			s.problem = "unreadable"
		}
	case RecordKept:
		if s.id != 0 && e.ID == s.id {
			c.m.roll = maps.Clone(c.m.roll)
			if c.m.roll == nil {
				c.m.roll = make(map[string]int)
			}
			c.m.roll[s.agency]++
			c.do(Buzz{Pattern: "green"})
			return rollCall{agency: s.agency, page: s.page}
		}
	case RecordFailed:
		if s.id != 0 && e.ID == s.id {
			s.id, s.problem = 0, "not-kept"
		}
	}
	return s
}

func (s rollCall) turn(_ *step, value string) screen {
	s.page = turned(s.page, value)
	return s
}

func (s rollCall) choose(_ *step, agency string) screen {
	return rollCall{agency: agency, page: s.page}
}

func (s rollCall) hasApp(*step, string) screen {
	s.app = !s.app
	return s
}

func (s rollCall) hasDeclared(*step, string) screen {
	s.declared = !s.declared
	return s
}

func (s rollCall) record(c *step, _ string) screen {
	if s.person == (record.Person{}) || s.chosen(c) < 0 {
		return s
	}
	s.id = c.keep(record.Roll{
		Campaign: c.m.setup.Campaign, Agency: s.agency, Person: s.person,
		App: s.app, Declared: s.declared, Staff: c.Staff.Number,
	})
	return s
}

func (s rollCall) back(c *step, _ string) screen {
	if s.agency == "" {
		return c.home()
	}
	return rollCall{page: s.page}
}
