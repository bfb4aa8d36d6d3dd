package checkpoint

import (
	"slices"
	"time"

	"chot/kiosk/record"
	"chot/kiosk/sampling"
)

// ShiftEnd lists the tubes of the shift, which must balance.
type ShiftEnd struct {
	Balance  Balance
	Balanced bool
	Tubes    []TubeLine // those that do not, one page
	Page     int
	Pages    int
	Reasons  []string // for voiding
	Voiding  string   // tube that is to be voided
	Problem  string
}

// TubeLine is one tube of the shift.
type TubeLine struct {
	Tube  string
	Stage string // "out", "open", "sampled", "closed", "void"
	Count int    // people
	Since time.Time
	Read  bool // an antigen test that is to be read, not given up
}

func (ShiftEnd) view() {}

// shiftEnd lists what keeps the shift from ending, and voids tubes.
type shiftEnd struct {
	staffed
	page    int
	voiding string
	desk    bool // called from the desk for one tube, and goes back there
	problem string
}

var _ = register(taps[shiftEnd]{
	TapPage:   shiftEnd.turn,
	TapVoid:   shiftEnd.choose,
	TapOpen:   shiftEnd.read,
	TapReason: shiftEnd.void,
	TapBack:   shiftEnd.back,
	TapDone:   shiftEnd.end,
}, ShiftEnd{})

var _ = registerTask(task{
	id: TaskShift, rank: 40, roles: []Role{Sampler, Supervisor},
	open: func(*step) screen { return shiftEnd{} },
})

func (shiftEnd) screenID() string { return "shift" }

func (s shiftEnd) view(c *step) View {
	b := c.m.ledger.Balance()
	v := ShiftEnd{
		Balance:  Balance{Out: b.Out, Sampled: b.Sampled, Void: b.Void, Open: b.Open, Persons: b.Persons},
		Balanced: b.Balanced(), Reasons: c.m.setup.VoidReasons, Voiding: s.voiding, Problem: s.problem,
	}
	lines, page, pages := paged(c.m.ledger.Tubes(sampling.Tube.Open), s.page, c.rows())
	for _, t := range lines {
		v.Tubes = append(v.Tubes, tubeLine(t))
	}
	v.Page, v.Pages = page, pages
	return v
}

func tubeLine(t sampling.Tube) TubeLine {
	return TubeLine{Tube: t.Number, Stage: t.Stage.String(), Count: len(t.Members), Since: t.Since.Time(), Read: t.Unread()}
}

func (s shiftEnd) on(c *step, e Event) screen {
	if e, ok := e.(CodeSeen); ok {
		return s.choose(c, e.Text)
	}
	return s
}

func (s shiftEnd) turn(_ *step, value string) screen {
	s.page = turned(s.page, value)
	return s
}

// choose takes up a tube that is to be given up.
func (s shiftEnd) choose(c *step, number string) screen {
	if t, ok := c.m.ledger.Tube(number); ok && t.Open() {
		s.voiding, s.problem = number, ""
	}
	return s
}

// read goes on to an antigen test that is not read yet.
func (s shiftEnd) read(c *step, number string) screen {
	switch next := (antigens{}).open(c, number).(type) {
	case antigens:
		s.problem = next.problem
		return s
	default:
		return next
	}
}

func (s shiftEnd) back(c *step, _ string) screen {
	switch {
	case s.desk:
		return c.openDesk()
	case s.voiding != "":
		s.voiding = ""
		return s
	}
	return c.home()
}

// void gives up a tube, with a reason.
func (s shiftEnd) void(c *step, reason string) screen {
	if s.voiding == "" || !slices.Contains(c.m.setup.VoidReasons, reason) {
		return s
	}
	if c.busy(s.voiding) {
		s.problem = "not-kept"
		return s
	}
	ledger, t, err := c.m.ledger.Void(s.voiding)
	if err != nil {
		s.problem = problemOf(err)
		return s
	}
	c.m.ledger = ledger
	c.saveTube(t)
	if t.Pool {
		c.keep(record.Pool{Tube: t.Number, Step: record.Voided, Size: len(t.Members), Technique: t.Technique, Reason: reason, Staff: c.Staff.Number})
	} else {
		c.keep(record.Staff{Badge: c.Staff.Number, Action: "void", Target: t.Number, Reason: reason, Count: len(t.Members)})
	}
	if s.desk {
		return c.openDesk()
	}
	return shiftEnd{page: s.page}
}

// end ends the shift where it balances.
func (s shiftEnd) end(c *step, _ string) screen {
	out := c.m.ledger.Balance().Out
	ledger, dropped, err := c.m.ledger.End(sampling.Series(c.m.setup.Kiosk), c.Now)
	if err != nil {
		s.problem = problemOf(err)
		return s
	}
	c.m.ledger = ledger
	c.saveDesk()
	for _, key := range dropped {
		c.do(Save{Key: key})
	}
	c.keep(record.Staff{Badge: c.Staff.Number, Action: "shift-end", Count: out})
	return c.home()
}
