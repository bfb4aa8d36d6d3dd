package checkpoint

import (
	"slices"

	"chot/kiosk/credential"
	"chot/kiosk/record"
)

// checking waits for the verdict over the codes that a visitor showed.
type checking struct {
	codes []string
	id    int
}

// most codes that one visitor can show for one verdict: an identity paper, a
// dose and a test.
const mostCodes = 3

// read begins with a code that was held up to the idle kiosk.
func (c *step) read(text string) scene {
	if text == "" {
		return c.m.scene
	}
	c.do(Buzz{Pattern: "read"})
	return checking{codes: []string{text}, id: c.check(text)}
}

func (checking) topic() string      { return "" }
func (checking) rest(s *Setup) rest { return rest{after: s.Times.Answer} }
func (checking) view(*step) View    { return Checking{} }
func (checking) leave(*step)        {}

func (s checking) late(*step) scene { return unchecked{problem: "failed"} }

func (s checking) on(c *step, e Event) scene {
	switch e := e.(type) {
	case Checked:
		if e.ID == s.id {
			return c.checked(s.codes, e)
		}
	case Gathered:
		if e.ID == s.id {
			return gather(s.codes, e)
		}
	case BadgeRead:
		if e.ID == s.id {
			return c.badge(e.Badge)
		}
	case SheetRead:
		if e.ID == s.id {
			return c.sheetElsewhere(s.codes[0], e)
		}
	case Unreadable:
		if e.ID == s.id {
			c.do(Buzz{Pattern: "amber"})
			return unchecked{problem: e.Problem}
		}
	case CodeSeen:
		// The next visitor does not wait for an answer that does not come.
		if !slices.Contains(s.codes, e.Text) {
			return c.read(e.Text)
		}
	}
	return s
}

// checked goes on from the verdict: who holds up an identity paper alone wants
// to declare, everybody else to pass.
func (c *step) checked(codes []string, e Checked) scene {
	if len(e.Credentials) == 0 {
		return unchecked{problem: "unreadable"}
	}
	cred := e.Credentials[len(e.Credentials)-1]
	if len(codes) == 1 && identifies(&cred) && !c.seen(codes[0]) && c.way() != Out && c.form(ForDeclaration) != nil {
		return c.begin(ForDeclaration).(forWhom).identified(c, codes[0], &cred)
	}
	return c.decide(visitOf(c, codes, e))
}

// identifies says whether a credential says who somebody is and nothing else.
func identifies(cred *credential.Credential) bool {
	switch cred.Family {
	case credential.VNID, credential.VNQR, credential.VNBHYT:
		return cred.Holder.Name != ""
	}
	return false
}

// sheetElsewhere refuses a provisioning sheet at a kiosk that has its identity,
// and reports it: the sheet may be a copy, or somebody at the wrong kiosk.
func (c *step) sheetElsewhere(text string, e SheetRead) scene {
	if !c.seen(text) {
		c.keep(record.Staff{Action: "sheet-refused", Target: e.Number, Reason: "provisioned"})
		c.count(text)
	}
	return unchecked{problem: "sheet"}
}

// unchecked says that the kiosk could not check.
type unchecked struct {
	plain
	problem string
}

func (unchecked) topic() string      { return "unchecked" }
func (unchecked) rest(s *Setup) rest { return rest{after: s.Times.Unchecked} }
func (u unchecked) view(*step) View  { return Unchecked{Problem: u.problem} }

func (u unchecked) on(c *step, e Event) scene {
	switch e := e.(type) {
	case CodeSeen:
		return c.read(e.Text)
	case Tapped:
		switch e.Tap {
		case TapBack, TapDone:
			return c.home()
		case TapStaff:
			if c.Staff == (Badge{}) {
				return login{}
			}
		}
	}
	return u
}
