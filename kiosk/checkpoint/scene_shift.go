package checkpoint

import (
	"slices"

	"chot/kiosk/record"
	"chot/kiosk/sampling"
)

// shiftEnd lists what keeps the shift from ending, and voids tubes.
type shiftEnd struct {
	staffed
	page    int
	voiding string
	desk    bool // called from the desk for one tube, and goes back there
	problem string
}

func (shiftEnd) topic() string { return "shift" }

func (s shiftEnd) view(c *step) View {
	b := c.m.ledger.Balance()
	v := ShiftEnd{
		Balance:  Balance{Out: b.Out, Sampled: b.Sampled, Void: b.Void, Open: b.Open, Persons: b.Persons},
		Balanced: b.Balanced(), Reasons: c.m.setup.VoidReasons, Voiding: s.voiding, Problem: s.problem,
	}
	lines, page, pages := paged(c.m.ledger.Tubes(sampling.Tube.Open), s.page, c.rows())
	for _, t := range lines {
		v.Tubes = append(v.Tubes, TubeLine{Tube: t.Number, Stage: t.Stage.String(), Count: len(t.Members), Since: t.Since.Time()})
	}
	v.Page, v.Pages = page, pages
	return v
}

func (s shiftEnd) on(c *step, e Event) scene {
	switch e := e.(type) {
	case CodeSeen:
		if t, ok := c.m.ledger.Tube(e.Text); ok && t.Open() {
			s.voiding, s.problem = e.Text, ""
		}
	case Tapped:
		switch e.Tap {
		case TapPage:
			s.page = turned(s.page, e.Value)
		case TapVoid:
			if t, ok := c.m.ledger.Tube(e.Value); ok && t.Open() {
				s.voiding, s.problem = e.Value, ""
			}
		case TapReason:
			if s.voiding != "" && slices.Contains(c.m.setup.VoidReasons, e.Value) {
				return s.void(c, e.Value)
			}
		case TapBack:
			if s.voiding == "" || s.desk {
				return s.back(c)
			}
			s.voiding = ""
		case TapDone:
			return s.end(c)
		}
	}
	return s
}

func (s shiftEnd) back(c *step) scene {
	if s.desk {
		return c.openDesk()
	}
	return c.home()
}

// void gives up a tube, with a reason.
func (s shiftEnd) void(c *step, reason string) scene {
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
func (s shiftEnd) end(c *step) scene {
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

// reprint prints a tube's label again.
type reprint struct {
	staffed
	tube    string
	reason  string
	id      int
	stage   LabelStage
	problem string
}

func (reprint) topic() string { return "reprint" }

func (s reprint) view(c *step) View {
	return Reprint{Tube: s.tube, Reasons: c.m.setup.ReprintReasons, Reason: s.reason, Stage: s.stage, Problem: s.problem}
}

func (s reprint) on(c *step, e Event) scene {
	switch e := e.(type) {
	case CodeSeen:
		return s.choose(c, e.Text)
	case Typed:
		return s.choose(c, e.Text)
	case Printed:
		if e.ID == s.id {
			s.stage = LabelPrinted
			c.keep(record.Print{Layout: "sample", Number: s.tube, Copies: 1, Again: s.reason, Staff: c.Staff.Number})
		}
	case PrintFailed:
		if e.ID == s.id {
			s.stage, s.problem = LabelFailed, e.Problem
			c.keep(record.Print{Layout: "sample", Number: s.tube, Again: s.reason, Failed: e.Problem, Staff: c.Staff.Number})
		}
	case Tapped:
		switch e.Tap {
		case TapOpen:
			return s.choose(c, e.Value)
		case TapReason:
			if slices.Contains(c.m.setup.ReprintReasons, e.Value) {
				s.reason = e.Value
			}
		case TapPrint, TapNext:
			return s.print(c)
		case TapBack, TapDone:
			return c.home()
		}
	}
	return s
}

func (s reprint) choose(c *step, number string) scene {
	if s.stage == LabelPrinting {
		return s
	}
	t, ok := c.m.ledger.Tube(number)
	if !ok || t.Stage == sampling.Voided {
		s.tube, s.problem = "", string(sampling.TubeUnknown)
		return s
	}
	return reprint{tube: t.Number, reason: s.reason}
}

func (s reprint) print(c *step) scene {
	t, ok := c.m.ledger.Tube(s.tube)
	if !ok || s.reason == "" || s.stage == LabelPrinting {
		return s
	}
	s.id, s.stage, s.problem = c.id(), LabelPrinting, ""
	c.do(Print{ID: s.id, Job: c.tubeLabel(t, record.Person{}, 1)})
	return s
}
