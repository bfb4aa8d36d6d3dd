package checkpoint

import (
	"chot/kiosk/policy"
	"chot/kiosk/record"
)

// Submitting waits until the record is kept, the slip signed and printed.
type Submitting struct {
	Purpose Purpose
	Stage   string // "recording", "signing", "printing"
}

func (Submitting) view() {}

// submitting carries a form out: record, temperature, slip, paper, one after the
// other. Nothing is on paper that is not in the journal.
type submitting struct {
	draft   draft
	add     bool // another person follows on the same slip
	number  string
	verdict policy.Verdict // of triage; zero where the form has none
	stage   submitStage
	id      int   // of the record that is waited for
	visit   visit // of the party, once all have declared
	slip    Slip  // as far as it is known
	paper   paper
}

var _ = register(taps[submitting]{}, Submitting{}, Measuring{})

// submitStage is what is waited for.
type submitStage uint8

const (
	recording submitStage = iota
	takingTemperature
	recordingVisit
	makingSlip
)

// submit keeps what a form says.
func (c *step) submit(d draft, add bool) screen {
	s := submitting{draft: d, add: add, number: c.draw()}
	set := c.m.setup.Units.Set()
	switch d.purpose {
	case ForDeclaration:
		s.verdict = sound(d.form.Assess(d.answers, c.Now))
		body := d.form.Declaration(d.answers, set)
		body.Number, body.Head, body.Document = s.number, d.party.number, d.family
		body.Level, body.Reasons = record.Level(s.verdict.Level), reasonsOf(s.verdict)
		body.Proxy, body.Staff = d.proxy, c.Staff.Number
		s.id = c.keep(body)
	case ForVaccination:
		body := d.form.Vaccination(d.answers, set)
		body.Number, body.Staff = s.number, c.Staff.Number
		s.id = c.keep(body)
	default:
		body := d.form.Order(d.answers, set)
		body.Number, body.Staff = s.number, c.Staff.Number
		s.id = c.keep(body)
	}
	return s
}

func (submitting) screenID() string { return "" }

func (s submitting) timeout(setup *Setup) timeout {
	if s.stage == takingTemperature {
		return timeout{after: setup.Times.Heat}
	}
	return timeout{after: setup.Times.Answer}
}

func (s submitting) view(*step) View {
	if s.stage == takingTemperature {
		return Measuring{}
	}
	v := Submitting{Purpose: s.draft.purpose, Stage: "recording"}
	switch s.paper.stage {
	case signing:
		v.Stage = "signing"
	case printing:
		v.Stage = "printing"
	}
	return v
}

func (s submitting) onExit(c *step) {
	switch s.stage {
	case recording:
		c.partWay(s.draft)
	case takingTemperature:
		c.record(s.visit.unmeasured(c))
	}
}

func (s submitting) onTimeout(c *step) screen {
	switch s.stage {
	case recording:
		return review{draft: s.draft, page: lastPage, seen: lastPage, problem: "not-kept", slow: &s}
	case takingTemperature:
		return s.pass(c, s.visit.unmeasured(c))
	case recordingVisit:
		return unchecked{problem: "not-kept"}
	}
	s.paper = s.paper.late()
	return s.end()
}

func (s submitting) on(c *step, e Event) screen {
	if s.stage == makingSlip {
		was := s.paper.stage
		if s.paper = s.paper.on(c, e); was == signing && s.paper.job.Code != "" {
			c.count(s.paper.job.Code) // held up here, the slip is the visit that was counted just now
			c.m.touched = c.Now
		}
		if !s.paper.busy() {
			return s.end()
		}
	}
	switch e := e.(type) {
	case RecordKept:
		switch {
		case e.ID != s.id:
		case s.stage == recording:
			return s.kept(c)
		case s.stage == recordingVisit:
			return s.tell(c)
		}
	case RecordFailed:
		switch {
		case e.ID != s.id:
		case s.stage == recording:
			return review{draft: s.draft, page: lastPage, seen: lastPage, problem: "not-kept"}
		case s.stage == recordingVisit:
			return unchecked{problem: "not-kept"}
		}
	case Tick:
		if !c.m.stalled.IsZero() && s.stage == recordingVisit {
			return c.home() // out of order, for a visitor
		}
	case Temperature:
		if s.stage == takingTemperature {
			return s.pass(c, s.visit.measured(c, c.m.temperature))
		}
	}
	return s
}

// kept goes on once the person's record is durable.
func (s submitting) kept(c *step) screen {
	d := s.draft
	c.m.touched = c.Now
	person := d.form.Person(d.answers, "")
	if c.m.assisted.on {
		c.m.assisted.done++
	}
	if d.desk != nil {
		order := d.form.Order(d.answers, c.m.setup.Units.Set())
		order.Number = s.number
		return d.desk.registered(c, order)
	}
	if d.purpose != ForDeclaration {
		c.count(d.codes...)
		s.slip = Slip{Purpose: d.purpose, Name: mask(person.Name), Number: s.number, Party: 1}
		return s.sign(c, SlipBody{Name: mask(person.Name), Birth: person.Birth, Level: Amber, Basis: string(d.purpose), Party: 1})
	}
	p := d.party.with(s.number, mask(person.Name), person.Birth, s.verdict, d.codes)
	if s.add {
		next := newDraft(d.purpose, d.form)
		next.party, next.proxy = p, true
		return forWhom{draft: next}
	}
	s.draft.party = p
	s.visit = p.visit(c)
	return s.measure(c)
}

// measure takes the temperature of a party that has declared, where one is taken.
func (s submitting) measure(c *step) screen {
	if !c.measures(s.visit) {
		return s.pass(c, s.visit)
	}
	if !c.m.parts.works(PartThermometer) {
		return s.pass(c, s.visit.unmeasured(c))
	}
	if h, ok := c.warm(); ok {
		return s.pass(c, s.visit.measured(c, h))
	}
	s.stage = takingTemperature
	return s
}

// pass counts the party's visit.
func (s submitting) pass(c *step, v visit) screen {
	s.visit = v
	if s.stage, s.id = recordingVisit, c.record(v); s.id == 0 {
		return s.tell(c)
	}
	return s
}

// tell shows the verdict over the party, which is durable, and has the slip made.
func (s submitting) tell(c *step) screen {
	p, v := s.draft.party, s.visit
	c.do(
		Lamp{Level: v.verdict.Level},
		Buzz{Pattern: v.verdict.Level.String()},
		c.say("slip."+v.verdict.Level.String()),
	)
	s.slip = Slip{
		Purpose: ForDeclaration, Level: v.verdict.Level, Reasons: reasonLines(v.verdict),
		Name: p.name, Number: p.number, Party: p.count, Gate: c.gateOf(v),
	}
	return s.sign(c, SlipBody{Name: p.name, Birth: p.birth, Level: v.verdict.Level, Basis: "declaration", Party: p.count})
}

// sign has the slip signed and printed. What it says is shown as a QR code as
// well, for those with a phone.
func (s submitting) sign(c *step, body SlipBody) screen {
	c.m.touched = c.Now
	s.stage, s.paper = makingSlip, c.slipPaper(body, s.slip.Number).start(c)
	if !s.paper.busy() {
		return s.end()
	}
	return s
}

// end shows the slip, and why it is not on paper where it is not.
func (s submitting) end() screen {
	return slip{shown: s.slip, paper: s.paper}
}
