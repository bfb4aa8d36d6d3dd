package checkpoint

import (
	"chot/kiosk/credential"
)

// ask is what a look-up needs from a visitor: a code and the last four digits of
// the phone.
type ask struct {
	text    string // of the code that was shown
	id      int    // of the check or look-up
	checked bool
	digits  string
	waiting bool
	problem string
}

const lastDigits = 4

// on handles what all look-ups have in common; families are the codes that do.
func (a ask) on(c *step, e Event, what string, families ...credential.FamilyID) ask {
	switch e := e.(type) {
	case CodeSeen:
		if !a.waiting {
			a.text, a.checked, a.problem = e.Text, false, ""
			a.id = c.check(e.Text)
		}
	case Checked:
		if cred := shownLast(e.Credentials); e.ID == a.id && !a.waiting && cred != nil {
			a = a.take(cred, families)
		}
	case Unreadable, SheetRead:
		if !a.waiting && !a.checked {
			a.problem = "unreadable"
		}
	case Typed:
		if !a.waiting && digits(e.Text) && len(e.Text) <= lastDigits {
			if a.digits, a.problem = e.Text, ""; len(a.digits) == lastDigits {
				return a.send(c, what) // there is nothing more to type
			}
		}
	case LookUpFailed:
		if a.waiting && e.ID == a.id {
			a.waiting, a.problem, a.digits = false, e.Problem, ""
		}
	}
	return a
}

// take accepts a code of one of the families: a slip only where a kiosk of ours
// signed it.
func (a ask) take(cred *credential.Credential, families []credential.FamilyID) ask {
	for _, f := range families {
		if cred.Family == f && (f != credential.Slip || cred.Standing == credential.Signed) {
			a.checked, a.problem = true, ""
			return a
		}
	}
	a.problem = "not-a-slip"
	return a
}

// send asks the province, once it is known what about.
func (a ask) send(c *step, what string) ask {
	switch {
	case !a.checked || a.waiting:
	case len(a.digits) != lastDigits:
		a.problem = "digits"
	case c.Offline:
		a.problem = "offline"
	default:
		a.waiting, a.problem, a.id = true, "", c.id()
		c.do(LookUp{ID: a.id, What: what, Slip: a.text, Digits: a.digits})
	}
	return a
}

// late gives up waiting for the province.
func (a ask) late() ask {
	a.waiting, a.problem = false, "offline"
	return a
}

// resting waits for the visitor, or a little while for the province.
func (a ask) timeout(setup *Setup) timeout {
	if a.waiting {
		return timeout{after: setup.Times.Answer}
	}
	return timeout{after: setup.Times.Form, ask: true}
}

// orOffline says at once that nothing can be looked up just now.
func (a ask) orOffline(c *step) string {
	if a.problem == "" && c.Offline {
		return "offline"
	}
	return a.problem
}
