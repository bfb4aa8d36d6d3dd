package checkpoint

import "chot/kiosk/record"

// pageOrder is the order of the parts on the technician's page, and which can be
// tested there.
var pageOrder = []struct {
	part     Part
	testable bool
}{
	{PartCamera, true}, {PartScanner, true}, {PartPrinter, true}, {PartLamp, true}, {PartBuzzer, true},
	{PartBarrier, true}, {PartButton, true}, {PartThermometer, true}, {PartNetwork, true}, {PartServer, true},
	{PartClock, false}, {PartDisk, false}, {PartJournal, true}, {PartBacklog, false}, {PartTrust, false}, {PartVersion, false},
}

// technical is the technician's page.
type technical struct {
	staffed
	busy    string
	outcome string
	count   int
	leaving bool
}

func (technical) topic() string { return "technical" }

func (s technical) view(c *step) View {
	v := Technical{Busy: s.busy, Outcome: s.outcome, Count: s.count, Leave: s.leaving}
	for _, p := range pageOrder {
		known := c.m.parts.of(p.part)
		line := PartLine{Part: p.part, Value: known.value, Test: known.test, Detail: known.detail, Testable: p.testable}
		for _, d := range (parts{known}).conditions() {
			line.Codes = append(line.Codes, d.Code)
			line.Severity = max(line.Severity, d.Severity)
		}
		v.Parts = append(v.Parts, line)
	}
	return v
}

func (s technical) on(c *step, e Event) scene {
	switch e := e.(type) {
	case StickDone:
		if s.busy != "" {
			s.outcome, s.count = s.busy+"-done", e.Count
			if e.Problem != "" {
				s.outcome = e.Problem
			}
			s.busy = ""
		}
	case Tapped:
		return s.tapped(c, e)
	}
	return s
}

func (s technical) tapped(c *step, e Tapped) scene {
	if e.Tap != TapLeave {
		s.leaving = false
	}
	switch e.Tap {
	case TapTest:
		s.test(c, Part(e.Value))
	case TapCamera:
		c.do(MeasureFocus{On: true})
		return cameraAid{}
	case TapExport:
		return s.stick(c, "export", Export{})
	case TapReceipts:
		return s.stick(c, "receipts", TakeReceipts{})
	case TapLogs:
		return s.stick(c, "logs", SaveLogs{})
	case TapLeave:
		if !s.leaving {
			s.leaving = true
			return s
		}
		c.act("leave", "")
		c.do(Quit{})
		s.leaving = false
	case TapBack, TapDone:
		return c.home()
	}
	return s
}

// test starts the test of a part that is not being tested yet.
func (s technical) test(c *step, part Part) {
	for _, p := range pageOrder {
		if known := c.m.parts.of(part); p.part == part && p.testable && known.test != "running" {
			known.part, known.test, known.detail = part, "running", ""
			c.m.parts = c.m.parts.with(known)
			c.act("test", string(part))
			c.do(TestPart{Part: part})
		}
	}
}

// stick moves files to or from a stick, one thing at a time.
func (s technical) stick(c *step, what string, a Action) scene {
	if s.busy == "" {
		c.act(what, "")
		c.do(a)
		s.busy, s.outcome, s.count = what, "", 0
	}
	return s
}

// cameraAid helps to focus the camera.
type cameraAid struct {
	staffed
	seen FocusMeasured
}

func (cameraAid) topic() string { return "camera" }
func (cameraAid) leave(c *step) { c.do(MeasureFocus{}) }

func (s cameraAid) view(*step) View {
	return CameraAid{Focus: s.seen.Focus, Exposure: s.seen.Exposure, Advice: s.seen.Advice}
}

func (s cameraAid) on(c *step, e Event) scene {
	switch e := e.(type) {
	case FocusMeasured:
		s.seen = e
	case Tapped:
		if e.Tap == TapBack || e.Tap == TapDone {
			s.leave(c)
			return technical{}
		}
	}
	return s
}

// provision brings up a new kiosk from a technician's sheet.
type provision struct {
	plain
	stage   ProvisionStage
	sheet   string
	read    SheetRead
	id      int
	problem string
}

func (provision) topic() string    { return "provision" }
func (provision) rest(*Setup) rest { return rest{} }

func (s provision) view(*step) View {
	return Provision{Stage: s.stage, Site: s.read.Site, Server: s.read.Server, Key: s.read.Key, Problem: s.problem}
}

func (s provision) on(c *step, e Event) scene {
	switch e := e.(type) {
	case CodeSeen:
		if s.stage == ShowSheet {
			s.sheet, s.id, s.problem = e.Text, c.check(e.Text), ""
		}
	case Checked, BadgeRead:
		if s.stage == ShowSheet {
			s.problem = "not-a-sheet"
		}
	case Unreadable:
		if s.stage == ShowSheet && e.ID == s.id {
			s.problem = "not-a-sheet"
		}
	case SheetRead:
		if s.stage == ShowSheet && e.ID == s.id {
			return s.sheetRead(c, e)
		}
	case ProvisionMoved:
		return s.moved(e)
	case Tapped:
		switch {
		case s.stage == Confirm && (e.Tap == TapAgree || e.Tap == TapNext):
			return s.join(c)
		case s.stage == Confirm && (e.Tap == TapDecline || e.Tap == TapBack):
			return provision{stage: ShowSheet}
		case s.stage == Ready && (e.Tap == TapDone || e.Tap == TapNext):
			return c.idle()
		}
	}
	return s
}

// sheetRead goes on where the sheet's signature could be checked; where there is
// no key yet, the technician compares it first.
func (s provision) sheetRead(c *step, e SheetRead) scene {
	s.read, s.problem = e, e.Problem
	switch {
	case e.Problem != "":
		s.sheet = ""
		return s
	case !e.Signed:
		s.stage = Confirm
		return s
	}
	return s.join(c)
}

func (s provision) join(c *step) scene {
	c.do(ProvisionBy{Sheet: s.sheet})
	s.stage, s.sheet = Joining, ""
	return s
}

// moved follows provisioning. A problem leads back to the sheet: it may be used
// once more where it was not consumed, and another one is needed where it was.
func (s provision) moved(e ProvisionMoved) scene {
	switch {
	case s.stage == ShowSheet || s.stage == Confirm:
		return s
	case e.Problem != "":
		return provision{stage: ShowSheet, read: s.read, problem: e.Problem}
	}
	s.stage = e.Stage
	return s
}

// act records what a member of staff did.
func (c *step) act(action, target string) {
	c.keep(record.Staff{Badge: c.Staff.Number, Action: action, Target: target})
}
