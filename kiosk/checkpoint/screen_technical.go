package checkpoint

import "chot/kiosk/record"

// Technical is the technician's page: every part with a light and a test.
type Technical struct {
	Parts   []PartLine
	Busy    string // what runs: "export", "receipts", "logs"; "" for nothing
	Outcome string // of the last: "export-done", "no-stick"
	Count   int    // entries or receipts that it moved
	Leave   bool   // confirm leaving the kiosk
}

// PartLine is one part of the kiosk.
type PartLine struct {
	Part     Part
	Severity Severity // zero where all is well
	Codes    []string // conditions
	Value    string   // "OV5647 1280×720 15/s", "412 waiting"
	Facts    []Fact
	Test     string // "" never, "running", "passed", "failed"
	Detail   string // of the last test
	Testable bool
}

// Fact is something about a part, for the catalogue, with a value.
type Fact struct{ Code, Value string }

func (Technical) view() {}

// pageOrder is the order of the parts on the technician's page, and which can be
// tested there.
var pageOrder = []struct {
	part     Part
	testable bool
}{
	{PartCamera, true}, {PartScanner, true}, {PartPrinter, true}, {PartLamp, true}, {PartBuzzer, true},
	{PartBarrier, true}, {PartButton, true}, {PartSpeaker, true}, {PartThermometer, true}, {PartNetwork, true}, {PartServer, true},
	{PartClock, false}, {PartDisk, false}, {PartJournal, true}, {PartBacklog, false}, {PartTrust, false}, {PartVersion, false},
}

// TestableParts are the parts that TestPart may name.
func TestableParts() (all []Part) {
	for _, p := range pageOrder {
		if p.testable {
			all = append(all, p.part)
		}
	}
	return all
}

// technical is the technician's page.
type technical struct {
	staffed
	busy    string
	outcome string
	count   int
	leaving bool
}

var _ = register(taps[technical]{
	TapTest:     staying(technical.test),
	TapCamera:   staying(technical.camera),
	TapSeries:   staying(technical.series),
	TapExport:   staying(technical.export),
	TapReceipts: staying(technical.receipts),
	TapLogs:     staying(technical.logs),
	TapLeave:    technical.leave,
	TapBack:     technical.back,
}, Technical{})

var _ = registerTask(task{
	id: TaskTechnical, rank: 90, roles: []Role{Technician},
	open: func(*step) screen { return technical{} },
})

func (technical) screenID() string { return "technical" }

func (s technical) view(c *step) View {
	v := Technical{Busy: s.busy, Outcome: s.outcome, Count: s.count, Leave: s.leaving}
	for _, p := range pageOrder {
		line := c.m.parts.of(p.part).line()
		line.Part, line.Testable = p.part, p.testable
		v.Parts = append(v.Parts, line)
	}
	return v
}

func (s technical) on(c *step, e Event) screen {
	switch e := e.(type) {
	case StickDone:
		if s.busy != "" {
			s.outcome, s.count = s.busy+"-done", e.Count
			if e.Problem != "" {
				s.outcome = e.Problem
			}
			s.busy = ""
		}
	}
	return s
}

// staying is what any tap does but the one that leaves: with it the question
// whether to leave is over.
func staying(do func(technical, *step, string) screen) func(technical, *step, string) screen {
	return func(s technical, c *step, value string) screen {
		s.leaving = false
		return do(s, c, value)
	}
}

func (technical) camera(c *step, _ string) screen {
	c.do(MeasureFocus{On: true})
	return cameraAid{}
}

func (technical) series(c *step, _ string) screen {
	c.act("series", "")
	c.do(MakeSeries{})
	return series{making: true}
}

func (s technical) export(c *step, _ string) screen   { return s.stick(c, "export", Export{}) }
func (s technical) receipts(c *step, _ string) screen { return s.stick(c, "receipts", TakeReceipts{}) }
func (s technical) logs(c *step, _ string) screen     { return s.stick(c, "logs", SaveLogs{}) }

// leave asks, and closes the kiosk's program at the second tap.
func (s technical) leave(c *step, _ string) screen {
	if !s.leaving {
		s.leaving = true
		return s
	}
	c.act("leave", "")
	c.do(Quit{})
	s.leaving = false
	return s
}

// back closes the question whether to leave, or the page.
func (s technical) back(c *step, _ string) screen {
	if s.leaving {
		s.leaving = false
		return s
	}
	return c.home()
}

// test starts the test of a part that is not being tested yet.
func (s technical) test(c *step, value string) screen {
	part := Part(value)
	for _, p := range pageOrder {
		if known := c.m.parts.of(part); p.part == part && p.testable && known.test != "running" {
			known.part, known.test, known.detail = part, "running", ""
			c.m.parts = c.m.parts.with(known)
			c.act("test", string(part))
			c.do(TestPart{Part: part})
		}
	}
	return s
}

// stick moves files to or from a stick, one thing at a time.
func (s technical) stick(c *step, what string, a Action) screen {
	if s.busy == "" {
		c.act(what, "")
		c.do(a)
		s.busy, s.outcome, s.count = what, "", 0
	}
	return s
}

// act records what a member of staff did.
func (c *step) act(action, target string) {
	c.keep(record.Staff{Badge: c.Staff.Number, Action: action, Target: target})
}
