package checkpoint

// StaffMenu offers what the badge's role may do.
type StaffMenu struct {
	Tasks []Task
	Due   int // antigen tests that should be read by now
	Open  int // pools that are open
}

// Task is something that staff do.
type Task string

// The tasks.
const (
	TaskSampling  Task = "sampling"
	TaskAntigen   Task = "antigen"
	TaskManual    Task = "manual"
	TaskOverride  Task = "override"
	TaskAssist    Task = "assist"
	TaskRoll      Task = "roll"
	TaskReprint   Task = "reprint"
	TaskShift     Task = "shift"
	TaskTechnical Task = "technical"
)

func (StaffMenu) view() {}

// menu offers what the badge's role may do.
type menu struct{ staffed }

var _ = register(taps[menu]{
	TapLogout: menu.logout,
	TapTask:   menu.open,
}, StaffMenu{})

func (menu) screenID() string { return "staff" }

func (menu) view(c *step) View {
	var v StaffMenu
	for _, p := range c.openPools("") {
		if p.Pool {
			v.Open++
		}
	}
	for _, t := range tasksOf(c.Staff.Role) {
		if t.offers == nil || t.offers(c) {
			v.Tasks = append(v.Tasks, t.id)
		}
	}
	for _, t := range c.timers() {
		if t.Phase != "wait" {
			v.Due++
		}
	}
	return v
}

func (s menu) on(*step, Event) screen { return s }

func (menu) logout(c *step, _ string) screen {
	c.forget()
	c.logout("")
	return c.idle()
}

func (s menu) open(c *step, id string) screen {
	if t, ok := c.offered(Task(id)); ok {
		return t.open(c)
	}
	return s
}

var _ = registerTask(task{
	id: TaskAssist, rank: 50, roles: []Role{Volunteer, Sampler, Supervisor},
	offers: func(c *step) bool { return c.form(ForDeclaration) != nil },
	open: func(c *step) screen {
		c.m.assisted = assisted{on: true}
		return c.assist()
	},
})

// assist opens the form for the next person.
func (c *step) assist() screen {
	if c.form(ForDeclaration) == nil {
		c.m.assisted = assisted{}
		return menu{}
	}
	return c.begin(ForDeclaration)
}
