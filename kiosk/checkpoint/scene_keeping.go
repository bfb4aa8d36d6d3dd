package checkpoint

import (
	"strconv"

	"chot/kiosk/policy"
	"chot/kiosk/record"
)

// keeping carries a form out: record, temperature, slip, paper, one after the
// other. Nothing is on paper that is not in the journal.
type keeping struct {
	draft   draft
	add     bool // another person follows on the same slip
	number  string
	verdict policy.Verdict // of triage; zero where the form has none
	stage   stage
	id      int   // of the action that is waited for
	visit   visit // of the party, once all have declared
	gate    Gate
	visitID int
	slip    Slip // as far as it is known
	job     Job
}

// stage is what is waited for.
type stage string

const (
	recording stage = "recording"
	warming   stage = "measuring"
	signing   stage = "signing"
	printing  stage = "printing"
)

// submit keeps what a form says.
func (c *step) submit(d draft, add bool) scene {
	s := keeping{draft: d, add: add, stage: recording, number: c.draw()}
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

func (keeping) topic() string { return "" }

func (s keeping) rest(setup *Setup) rest {
	if s.stage == warming {
		return rest{after: setup.Times.Heat}
	}
	return rest{after: setup.Times.Answer}
}

func (s keeping) view(*step) View {
	if s.stage == warming {
		return Measuring{}
	}
	return Keeping{Purpose: s.draft.purpose, Stage: string(s.stage)}
}

func (s keeping) leave(c *step) {
	switch s.stage {
	case recording:
		c.partWay(s.draft)
	case warming:
		c.record(measuring{visit: s.visit}.unmeasured())
	}
}

func (s keeping) late(c *step) scene {
	switch s.stage {
	case recording:
		return consent{draft: s.draft, problem: "not-kept", slow: &s}
	case warming:
		return s.pass(c, measuring{visit: s.visit}.unmeasured())
	case signing:
		return s.end("unsigned")
	}
	return s.end("late")
}

func (s keeping) on(c *step, e Event) scene {
	switch e := e.(type) {
	case RecordKept:
		if s.visitID == e.ID && s.gate == Opening {
			s.gate = Open
		}
		if s.stage == recording && s.id == e.ID {
			return s.kept(c)
		}
	case RecordFailed:
		if s.stage == recording && s.id == e.ID {
			return consent{draft: s.draft, problem: "not-kept"}
		}
	case Temperature:
		if s.stage == warming {
			return s.pass(c, s.visit.measured(c, c.m.heat))
		}
	case Signed:
		if s.stage == signing && s.id == e.ID {
			return s.signed(c, e.Code)
		}
	case SignFailed:
		if s.stage == signing && s.id == e.ID {
			return s.end("unsigned")
		}
	case Printed:
		if s.stage == printing && s.id == e.ID {
			c.keep(record.Print{Layout: "slip", Number: s.slip.Number, Copies: 1, Staff: c.Staff.Number})
			s.slip.Printed = true
			return s.end("")
		}
	case PrintFailed:
		if s.stage == printing && s.id == e.ID {
			c.keep(record.Print{Layout: "slip", Number: s.slip.Number, Failed: e.Problem, Staff: c.Staff.Number})
			return s.end(e.Problem)
		}
	}
	return s
}

// kept goes on once the person's record is durable.
func (s keeping) kept(c *step) scene {
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
		return forWhom{draft: draft{purpose: d.purpose, form: d.form, party: p, proxy: true}}
	}
	s.draft.party = p
	s.visit = p.visit(c)
	if !c.measures(s.visit) {
		return s.pass(c, s.visit)
	}
	if h, ok := c.warm(); ok {
		return s.pass(c, s.visit.measured(c, h))
	}
	s.stage = warming
	return s
}

// pass counts the party's visit, shows its verdict and has the slip signed.
func (s keeping) pass(c *step, v visit) scene {
	p := s.draft.party
	s.visit = v
	s.visitID, s.gate = c.record(v)
	c.do(
		Lamp{Level: v.verdict.Level},
		Buzz{Pattern: v.verdict.Level.String()},
		c.say("slip."+v.verdict.Level.String()),
	)
	s.slip = Slip{
		Purpose: ForDeclaration, Level: v.verdict.Level, Reasons: reasonLines(v.verdict),
		Name: p.name, Number: p.number, Party: p.count,
	}
	return s.sign(c, SlipBody{Name: p.name, Birth: p.birth, Level: v.verdict.Level, Basis: "declaration", Party: p.count})
}

func (s keeping) sign(c *step, body SlipBody) scene {
	s.stage, s.id = signing, c.id()
	c.m.touched = c.Now
	until := c.Now.Add(c.m.setup.SlipValid)
	c.do(Sign{ID: s.id, Number: s.slip.Number, Until: until, Slip: &body})
	s.job = Job{
		Layout: "slip", Copies: 1,
		Fields: map[string]string{
			"number": s.slip.Number, "name": body.Name, "basis": body.Basis, "level": body.Level.String(),
			"party": strconv.Itoa(body.Party), "at": stamp(c.Now), "until": stamp(until),
		},
	}
	return s
}

// signed has the slip printed. What it says is shown as a QR code as well, for
// those with a phone; held up here, it is the visit that was counted just now.
func (s keeping) signed(c *step, code string) scene {
	s.slip.Code, s.job.Code = code, code
	c.count(code)
	c.m.touched = c.Now
	if !c.m.setup.Printer {
		return s.end("no-printer")
	}
	if code := c.m.parts.fault(PartPrinter); code != "" {
		return s.end(code)
	}
	s.stage, s.id = printing, c.id()
	c.do(Print{ID: s.id, Job: s.job})
	return s
}

// end shows the slip, and why it is not on paper where it is not.
func (s keeping) end(problem string) scene {
	s.slip.Problem, s.slip.Gate = problem, s.gate
	return slip{shown: s.slip, job: s.job, id: s.id, visit: s.visitID}
}

// slip is the outcome of a form on the screen.
type slip struct {
	plain
	shown Slip
	job   Job
	id    int // of the printing
	visit int // of the visit's record
}

func (slip) topic() string      { return "slip" }
func (slip) rest(s *Setup) rest { return rest{after: s.Times.Slip} }

func (s slip) view(c *step) View {
	s.shown.Assisted = c.m.assisted.done
	return s.shown
}

func (s slip) on(c *step, e Event) scene {
	switch e := e.(type) {
	case RecordKept:
		if e.ID == s.visit && s.shown.Gate == Opening {
			s.shown.Gate = Open
		}
	case RecordFailed:
		if e.ID == s.visit {
			return unchecked{problem: "not-kept"}
		}
	case Printed:
		if e.ID == s.id && !s.shown.Printed {
			c.keep(record.Print{Layout: "slip", Number: s.shown.Number, Copies: 1, Staff: c.Staff.Number})
			s.shown.Printed, s.shown.Problem = true, ""
		}
	case PrintFailed:
		if e.ID == s.id {
			s.shown.Problem = e.Problem
		}
	case CodeSeen:
		if e.Text != s.shown.Code {
			return c.home().on(c, e)
		}
	case Tapped:
		switch e.Tap {
		case TapDone, TapBack:
			return c.home()
		case TapPrint:
			if !s.shown.Printed && s.shown.Problem != "" && s.job.Code != "" && c.m.setup.Printer {
				s.id, s.shown.Problem = c.id(), ""
				c.do(Print{ID: s.id, Job: s.job})
			}
		case TapStaff:
			if c.Staff == (Badge{}) {
				return login{}
			}
		}
	}
	return s
}
