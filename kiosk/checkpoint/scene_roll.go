package checkpoint

import (
	"maps"
	"slices"

	"chot/kiosk/credential"
	"chot/kiosk/record"
)

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

func (rollCall) topic() string { return "roll" }

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

func (s rollCall) on(c *step, e Event) scene {
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
	case Tapped:
		return s.tapped(c, e)
	}
	return s
}

func (s rollCall) tapped(c *step, e Tapped) scene {
	if s.id != 0 {
		return s // on its way into the journal
	}
	switch e.Tap {
	case TapPage:
		s.page = turned(s.page, e.Value)
	case TapAgency:
		return rollCall{agency: e.Value, page: s.page}
	case TapApp:
		s.app = !s.app
	case TapDeclared:
		s.declared = !s.declared
	case TapDone, TapNext:
		if s.person == (record.Person{}) || s.chosen(c) < 0 {
			return s
		}
		s.id = c.keep(record.Roll{
			Campaign: c.m.setup.Campaign, Agency: s.agency, Person: s.person,
			App: s.app, Declared: s.declared, Staff: c.Staff.Number,
		})
	case TapBack:
		if s.agency == "" {
			return c.home()
		}
		return rollCall{page: s.page}
	}
	return s
}

// shownLast is the credential that was shown last, nil where there is none.
func shownLast(all []credential.Credential) *credential.Credential {
	if len(all) == 0 {
		return nil
	}
	return &all[len(all)-1]
}
