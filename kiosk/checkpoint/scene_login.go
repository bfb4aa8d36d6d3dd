package checkpoint

import (
	"cmp"

	"chot/kiosk/record"
)

// login asks for a badge, then for its PIN.
type login struct {
	plain
	of      Badge
	pin     string
	id      int // of the check or the log-in that is waited for
	waiting bool
	problem string
}

const longestPIN = 12

func (login) topic() string          { return "login" }
func (login) rest(setup *Setup) rest { return rest{after: setup.Times.Form, ask: true} }

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
func (c *step) badge(b Badge) scene {
	if c.Staff != (Badge{}) {
		return c.m.scene
	}
	return login{of: b}
}

func (s login) on(c *step, e Event) scene {
	switch e := e.(type) {
	case CodeSeen:
		if !s.waiting {
			s.id = c.check(e.Text)
		}
	case BadgeRead:
		if e.ID == s.id {
			return login{of: e.Badge}
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
		if !s.waiting && digits(e.Text) && len(e.Text) <= longestPIN {
			s.pin = e.Text
		}
	case LoggedIn:
		if s.waiting && e.ID == s.id {
			return c.loggedIn(s.of)
		}
	case LoginRefused:
		if s.waiting && e.ID == s.id {
			return s.refused(c, e.Problem)
		}
	case Tapped:
		switch e.Tap {
		case TapNext, TapDone:
			return s.enter(c)
		case TapBack:
			return c.home()
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

func (s login) enter(c *step) scene {
	if s.of == (Badge{}) || s.pin == "" || s.waiting || c.Now.Before(c.m.locks[s.of.Number].until()) {
		return s
	}
	s.waiting, s.problem, s.id = true, "", c.id()
	c.do(LogIn{ID: s.id, Badge: s.of.Number, PIN: s.pin})
	s.pin = ""
	return s
}

// refused counts a wrong PIN, and locks the badge after too many.
func (s login) refused(c *step, problem string) scene {
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

func (c *step) loggedIn(b Badge) scene {
	if _, wrong := c.m.locks[b.Number]; wrong {
		c.lock(b.Number, lock{})
	}
	c.Staff = b
	c.m.roll = nil
	c.keep(record.Staff{Badge: b.Number, Action: "login"})
	if c.m.last.level != 0 && b.Role.may(TaskOverride) {
		return c.overriding()
	}
	return c.menu()
}

// logout ends a session: the mode of work goes with it.
func (c *step) logout(reason string) {
	c.keep(record.Staff{Badge: c.Staff.Number, Action: "logout", Reason: reason})
	c.Staff = Badge{}
	c.m.assisted = assisted{}
	c.m.roll = nil
}

// staffRest is how long a member of staff may do nothing.
func staffRest(setup *Setup) rest { return rest{after: setup.Times.Staff, ask: true} }

// tasks are what each role may do.
var tasks = map[Role][]Task{
	Volunteer:  {TaskAssist, TaskManual, TaskOverride, TaskRoll},
	Sampler:    {TaskSampling, TaskAntigen, TaskReprint, TaskShift, TaskAssist},
	Supervisor: {TaskSampling, TaskAntigen, TaskReprint, TaskShift, TaskAssist, TaskManual, TaskOverride, TaskRoll},
	Technician: {TaskTechnical},
}

func (r Role) may(t Task) bool {
	for _, its := range tasks[r] {
		if its == t {
			return true
		}
	}
	return false
}

// menu offers what the badge's role may do.
type menu struct{ plain }

func (c *step) menu() scene { return menu{} }

func (menu) topic() string          { return "staff" }
func (menu) rest(setup *Setup) rest { return staffRest(setup) }

func (menu) view(c *step) View {
	v := StaffMenu{Open: len(c.openPools(""))}
	for _, t := range tasks[c.Staff.Role] {
		if c.offers(t) {
			v.Tasks = append(v.Tasks, t)
		}
	}
	for _, t := range c.timers() {
		if t.Phase != "wait" {
			v.Due++
		}
	}
	return v
}

// offers says whether a task makes sense just now.
func (c *step) offers(t Task) bool {
	switch t {
	case TaskOverride:
		return c.m.last.level != 0
	case TaskRoll:
		return c.m.setup.Campaign != "" && len(c.m.setup.Agencies) > 0
	case TaskAssist:
		return c.form(ForDeclaration) != nil
	}
	return true
}

func (s menu) on(c *step, e Event) scene {
	t, ok := e.(Tapped)
	if !ok {
		return s
	}
	switch t.Tap {
	case TapLogout, TapDone:
		c.forget()
		c.logout("")
		return c.idle()
	case TapTask:
		if task := Task(t.Value); c.Staff.Role.may(task) && c.offers(task) {
			return c.task(task)
		}
	}
	return s
}

func (c *step) task(t Task) scene {
	switch t {
	case TaskSampling:
		return c.openDesk()
	case TaskAntigen:
		return antigens{}
	case TaskManual:
		return manual{direction: c.way(), party: 1}
	case TaskOverride:
		return c.overriding()
	case TaskAssist:
		c.m.assisted = assisted{on: true}
		return c.assist()
	case TaskRoll:
		return rollCall{}
	case TaskReprint:
		return reprint{}
	case TaskShift:
		return shiftEnd{}
	case TaskTechnical:
		return technical{}
	}
	return menu{}
}

// assist opens the form for the next person.
func (c *step) assist() scene {
	if c.form(ForDeclaration) == nil {
		c.m.assisted = assisted{}
		return c.menu()
	}
	return c.begin(ForDeclaration)
}

// staffed is what the staff's screens have in common.
type staffed struct{ plain }

func (staffed) rest(setup *Setup) rest { return staffRest(setup) }
