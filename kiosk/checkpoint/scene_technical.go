package checkpoint

import "chot/kiosk/record"

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

func (technical) topic() string { return "technical" }

func (s technical) view(c *step) View {
	v := Technical{Busy: s.busy, Outcome: s.outcome, Count: s.count, Leave: s.leaving}
	for _, p := range pageOrder {
		line := c.m.parts.of(p.part).line()
		line.Part, line.Testable = p.part, p.testable
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
	case TapSeries:
		c.act("series", "")
		c.do(MakeSeries{})
		return series{making: true}
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

// act records what a member of staff did.
func (c *step) act(action, target string) {
	c.keep(record.Staff{Badge: c.Staff.Number, Action: action, Target: target})
}
