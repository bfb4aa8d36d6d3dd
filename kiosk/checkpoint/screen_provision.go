package checkpoint

import (
	"time"

	"chot/kiosk/record"
)

// Provision brings up a new kiosk from a technician's sheet.
type Provision struct {
	Stage   ProvisionStage
	Kiosk   string // the name that it will have
	Site    string
	Server  string
	Key     string     // kid of the sheet's issuer, for comparison
	Problem string     // see [ProvisionMoved]
	Parts   []PartLine // how each part did in the self-test, when Ready
}

// ProvisionStage is how far provisioning is.
type ProvisionStage string

// The stages.
const (
	ShowSheet ProvisionStage = "sheet"
	Confirm   ProvisionStage = "confirm" // the sheet's key cannot be checked: compare
	Joining   ProvisionStage = "wifi"
	Clock     ProvisionStage = "clock"
	Enrolling ProvisionStage = "enrol"
	Fetching  ProvisionStage = "bundle"
	Testing   ProvisionStage = "self-test"
	Ready     ProvisionStage = "ready"
)

func (Provision) view() {}

// provision brings up a new kiosk from a technician's sheet.
type provision struct {
	stage   ProvisionStage
	sheet   string // the text that is under way or was refused
	shown   time.Time
	read    SheetRead
	id      int
	problem string
	parts   parts // what the self-test found
	served  bool
	goesOn  bool // without a sheet, until the province's data came
}

var _ = register(taps[provision]{
	TapNext: provision.next,
	TapBack: provision.decline,
	TapDone: provision.done,
}, Provision{})

// takenAway is how long a refused sheet must have been out of sight before it is
// tried again: one that is still being held up would be refused for ever.
const takenAway = 4 * time.Second

func (provision) screenID() string { return "provision" }
func (provision) onExit(*step)     {}

// timeout: a kiosk that is ready begins to serve by itself.
func (s provision) timeout(setup *Setup) timeout {
	if s.stage == Ready && !s.served {
		return timeout{after: setup.Times.Slip}
	}
	return timeout{}
}

func (s provision) onTimeout(c *step) screen { return s.serve(c) }

func (s provision) view(*step) View {
	v := Provision{
		Stage: s.stage, Kiosk: s.read.Kiosk, Site: s.read.Site, Server: s.read.Server, Key: s.read.Key, Problem: s.problem,
	}
	for _, p := range s.parts {
		v.Parts = append(v.Parts, p.line())
	}
	return v
}

func (s provision) on(c *step, e Event) screen {
	switch e := e.(type) {
	case CodeSeen:
		if s.stage == ShowSheet {
			return s.see(c, e.Text)
		}
	case Checked, BadgeRead, Gathered, Unreadable:
		if s.stage == ShowSheet { // what it was does not concern the set-up
			s.problem, s.sheet, s.id = "not-a-sheet", "", 0
		}
	case SheetRead:
		if s.stage == ShowSheet && e.ID == s.id {
			return s.sheetRead(c, e)
		}
	case ProvisionMoved:
		return s.moved(c, e)
	}
	return s
}

// agree goes on with a sheet whose key the technician compared.
func (s provision) agree(c *step, _ string) screen {
	if s.stage == Confirm {
		return s.join(c)
	}
	return s
}

// next goes on, whichever of the two is asked.
func (s provision) next(c *step, value string) screen {
	return s.agree(c, value).(provision).done(c, value)
}

func (s provision) decline(c *step, _ string) screen {
	if s.stage == Confirm {
		return provision{stage: ShowSheet, sheet: s.sheet, shown: c.Now}
	}
	return s
}

func (s provision) done(c *step, _ string) screen {
	if s.stage == Ready {
		return s.serve(c)
	}
	return s
}

// see has a sheet read that is held up.
func (s provision) see(c *step, text string) screen {
	held := text == s.sheet && c.Now.Before(s.shown.Add(takenAway))
	s.shown = c.Now
	if !held {
		s.sheet, s.id, s.problem = text, c.check(text), ""
	}
	return s
}

// sheetRead goes on where the sheet's signature could be checked; where there is
// no key yet, the technician compares it first.
func (s provision) sheetRead(c *step, e SheetRead) screen {
	c.do(Buzz{Pattern: "read"})
	switch s.read = e; {
	case e.Problem != "":
		return s.refuse(c, e.Problem)
	case !e.Signed:
		s.stage = Confirm
		return s
	}
	return s.join(c)
}

func (s provision) join(c *step) screen {
	c.do(ProvisionBy{Sheet: s.sheet})
	s.stage = Joining
	return s
}

// moved follows provisioning. A problem leads back to the sheet: it may be used
// once more where it was not consumed, and another one is needed where it was.
func (s provision) moved(c *step, e ProvisionMoved) screen {
	switch {
	case s.stage == ShowSheet || s.stage == Confirm || s.served:
		return s
	case e.Problem != "" && !s.goesOn:
		return s.refuse(c, e.Problem)
	}
	s.problem = e.Problem
	if s.stage = e.Stage; e.Stage == Ready {
		s.sheet = ""
		for _, p := range e.Parts {
			s.parts = s.parts.changed(p)
		}
	}
	return s
}

// refuse says why there is no kiosk yet, and has it reported: the report waits
// until the kiosk has an identity to report under.
func (s provision) refuse(c *step, problem string) screen {
	c.do(Buzz{Pattern: "amber"})
	c.keep(record.Staff{Action: "sheet-refused", Target: s.read.Number, Reason: problem})
	return provision{stage: ShowSheet, sheet: s.sheet, shown: c.Now, read: s.read, problem: problem}
}

// serve has the kiosk begin.
func (s provision) serve(c *step) screen {
	c.do(Serve{})
	s.served = true
	return s
}
