package checkpoint

import (
	"slices"

	"chot/kiosk/credential"
	"chot/kiosk/policy"
	"chot/kiosk/record"
)

// Checking waits for the verdict; it is seen only where that takes long.
type Checking struct{}

func (Checking) view() {}

// checking waits for the verdict over the codes that a visitor showed.
type checking struct {
	plain
	codes []string
	id    int
	over  override // the verdict that was on the screen, which staff may want to override
}

var _ = register(taps[checking]{}, Checking{})

// maxCodes is how many codes one visitor can show for one verdict: an identity
// paper, a dose and a test.
const maxCodes = 3

// read begins with a code that was held up to the idle kiosk.
func (c *step) read(text string) screen {
	if text == "" {
		return c.m.screen
	}
	c.do(Buzz{Pattern: "read"})
	return checking{codes: []string{text}, id: c.check(text)}
}

func (checking) screenID() string         { return "" }
func (checking) timeout(s *Setup) timeout { return timeout{after: s.Times.Answer} }
func (checking) view(*step) View          { return Checking{} }
func (s checking) onTimeout(*step) screen { return unchecked{problem: "failed"} }

func (s checking) on(c *step, e Event) screen {
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
			return c.badge(e.Badge, s.over)
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

// checked goes on from the verdict: whoever holds up an identity paper alone wants
// to declare, everyone else to pass.
func (c *step) checked(codes []string, e Checked) screen {
	if len(e.Credentials) == 0 {
		return unchecked{problem: "unreadable"}
	}
	if neutral(e.Verdict) {
		return notADocument{}
	}
	cred := e.Credentials[len(e.Credentials)-1]
	if len(codes) == 1 && identifies(&cred) && !c.seen(codes[0]) && c.way() != Out && c.form(ForDeclaration) != nil {
		return c.begin(ForDeclaration).(forWhom).identified(c, codes[0], &cred)
	}
	return c.decide(visitOf(c, codes, e))
}

// neutral says whether a verdict says nothing about a visitor: what was read is no document.
func neutral(v policy.Verdict) bool {
	return v.Level == policy.Neutral && len(v.Reasons) == 1 && v.Reasons[0].Code == policy.NotACredential
}

// identifies says whether a credential says who a person is and nothing else.
func identifies(cred *credential.Credential) bool {
	switch cred.Family {
	case credential.VNID, credential.VNQR, credential.VNBHYT:
		return cred.Holder.Name != ""
	}
	return false
}

// shownLast is the credential that was shown last, nil if there are none.
func shownLast(all []credential.Credential) *credential.Credential {
	if len(all) == 0 {
		return nil
	}
	return &all[len(all)-1]
}

// sheetElsewhere refuses a provisioning sheet at a kiosk that has its identity,
// and reports it: the sheet may be a copy, or the technician at the wrong kiosk.
func (c *step) sheetElsewhere(text string, e SheetRead) screen {
	if !c.seen(text) {
		c.keep(record.Staff{Action: "sheet-refused", Target: e.Number, Reason: "provisioned"})
		c.count(text)
	}
	return unchecked{problem: "sheet"}
}
