package checkpoint

import (
	"cmp"
	"time"

	"chot/kiosk/record"
)

// Login asks for a badge, then its PIN.
type Login struct {
	Badge   Badge // zero until it was read
	Digits  int   // of the PIN so far
	Waiting bool
	Problem string    // "wrong-pin", "not-a-badge", "locked", "expired", "elsewhere"
	Until   time.Time // while locked
	Left    int       // tries left after a wrong one
}

func (Login) view() {}

// login asks for a badge, then for its PIN.
type login struct {
	form
	of      Badge
	over    override // the verdict that was on the screen when the badge was shown
	pin     string
	id      int // of the check or the log-in that is waited for
	waiting bool
	problem string
}

const maxPIN = 12 // digits

var _ = register(taps[login]{
	TapNext: login.enter,
}, Login{})

func (login) screenID() string { return "login" }

func (s login) view(c *step) View {
	l := c.m.locks[s.of.Number]
	v := Login{Badge: s.of, Digits: len(s.pin), Waiting: s.waiting, Problem: s.problem}
	if c.Now.Before(l.until()) {
		v.Problem, v.Until = "locked", l.until()
	} else if l.Failures > 0 {
		v.Left = max(c.m.setup.Tries-l.Failures, 0)
	}
	return v
}

// badge goes on with a badge that was read.
func (c *step) badge(b Badge, over override) screen {
	if c.Staff != (Badge{}) {
		return c.m.screen
	}
	return asks(b, over)
}

// asks asks for the PIN of a badge that holds here.
func asks(b Badge, over override) login {
	if b.Elsewhere {
		return login{over: over, problem: "elsewhere"}
	}
	return login{of: b, over: over}
}

func (s login) on(c *step, e Event) screen {
	switch e := e.(type) {
	case CodeSeen:
		if !s.waiting {
			s.id = c.check(e.Text)
		}
	case BadgeRead:
		if e.ID == s.id {
			return asks(e.Badge, s.over)
		}
	case Checked:
		if e.ID == s.id {
			s.problem = "not-a-badge"
		}
	case Unreadable:
		if e.ID == s.id {
			s.problem = cmp.Or(e.Problem, "not-a-badge")
		}
	case Typed:
		if !s.waiting && digits(e.Text) && len(e.Text) <= maxPIN {
			s.pin = e.Text
		}
	case LoggedIn:
		if s.waiting && e.ID == s.id {
			return c.loggedIn(s.of, s.over)
		}
	case LoginRefused:
		if s.waiting && e.ID == s.id {
			return s.refused(c, e.Problem)
		}
	}
	return s
}

func digits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

func (s login) enter(c *step, _ string) screen {
	if s.of == (Badge{}) || s.pin == "" || s.waiting || c.Now.Before(c.m.locks[s.of.Number].until()) {
		return s
	}
	s.waiting, s.problem, s.id = true, "", c.id()
	c.do(LogIn{ID: s.id, Badge: s.of.Number, PIN: s.pin})
	s.pin = ""
	return s
}

// refused counts a wrong PIN, and locks the badge after too many.
func (s login) refused(c *step, problem string) screen {
	s.waiting, s.problem = false, problem
	if problem != "wrong-pin" {
		return s
	}
	l := c.m.locks[s.of.Number]
	l.Failures++
	c.keep(record.Staff{Badge: s.of.Number, Action: "wrong-pin", Count: l.Failures})
	if l.Failures >= max(c.m.setup.Tries, 1) {
		l = lock{Until: c.Now.Add(c.m.setup.LockedIn).Unix()}
		c.keep(record.Staff{Badge: s.of.Number, Action: "locked"})
	}
	c.lock(s.of.Number, l)
	return s
}

func (c *step) loggedIn(b Badge, over override) screen {
	if _, wrong := c.m.locks[b.Number]; wrong {
		c.lock(b.Number, lock{})
	}
	c.Staff = b
	c.m.roll = nil
	c.keep(record.Staff{Badge: b.Number, Action: "login"})
	c.Language = cmp.Or(c.m.staffLanguage, c.m.setup.Languages[0])
	if c.overridable(over.scan) && b.Role.may(TaskOverride) {
		return over
	}
	return menu{}
}

// logout ends a session: the mode of work goes with it.
func (c *step) logout(reason string) {
	c.keep(record.Staff{Badge: c.Staff.Number, Action: "logout", Reason: reason})
	c.Staff = Badge{}
	c.m.assisted = assisted{}
	c.m.roll = nil
}
