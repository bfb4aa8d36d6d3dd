package checkpoint

import (
	"slices"

	"chot/kiosk/record"
	"chot/kiosk/sampling"
)

// AntigenReading takes the result of one test.
type AntigenReading struct {
	Timer    Timer
	Outcome  Outcome // chosen so far
	Person   string  // masked, where the paper was shown again
	Stage    string  // "choose", "confirm", "recording", "done"
	Code     string  // text of the signed result
	Printed  bool
	Problem  string
	Outcomes []Outcome
}

func (AntigenReading) view() {}

// reading takes the result of one antigen test.
type reading struct {
	staffed
	tube    string
	outcome Outcome
	person  record.Person // where the paper was shown again, for the slip
	stage   readingStage
	id      int // of the result's record
	checks  int
	number  string
	paper   paper
	problem string
}

var _ = register(taps[reading]{
	TapOutcome: reading.choose,
	TapNext:    reading.confirm,
	TapPrint:   reading.printAgain,
	TapBack:    reading.back,
	TapDone:    reading.done,
}, AntigenReading{})

type readingStage string

const (
	choosing   readingStage = "choose"
	confirming readingStage = "confirm"
	resulting  readingStage = "recording"
	resulted   readingStage = "done"
)

func (reading) screenID() string { return "reading" }

// outcomes are those that may be chosen: a strip that was left too long says
// nothing.
func (s reading) outcomes(t Timer) []Outcome {
	if t.Phase == "late" {
		return []Outcome{record.Unfit, record.Resample}
	}
	return Outcomes[:]
}

func (s reading) view(c *step) View {
	t, _ := c.m.ledger.Tube(s.tube)
	timer := c.timer(t)
	v := AntigenReading{
		Timer: timer, Outcome: s.outcome, Person: mask(s.person.Name), Stage: string(s.stage), Code: s.paper.job.Code,
		Printed: s.paper.stage == onPaper, Problem: s.problem, Outcomes: s.outcomes(timer),
	}
	if s.stage == "" {
		v.Stage = string(choosing)
	}
	if s.stage == resulted {
		v.Problem = s.paper.problem
	}
	return v
}

func (s reading) on(c *step, e Event) screen {
	s.paper = s.paper.on(c, e)
	switch e := e.(type) {
	case CodeSeen:
		if s.stage != resulting && s.stage != resulted {
			s.checks = c.check(e.Text)
		}
	case Checked:
		if cred := shownLast(e.Credentials); e.ID == s.checks && cred != nil && identifies(cred) && s.stage != resulted {
			return s.shownBy(c, personOf(c, cred))
		}
	case RecordKept:
		if s.stage == resulting && e.ID == s.id {
			return s.kept(c)
		}
	case RecordFailed:
		if s.stage == resulting && e.ID == s.id {
			s.stage, s.problem = confirming, "not-kept"
		}
	}
	return s
}

// shownBy names the person on the slip where the paper is that of whose specimen is
// in the tube.
func (s reading) shownBy(c *step, p record.Person) screen {
	t, _ := c.m.ledger.Tube(s.tube)
	mark := sampling.MarkOf(s.tube, identity(p))
	if !slices.ContainsFunc(t.Members, func(m sampling.Member) bool { return m.Mark == mark }) {
		s.problem = "another-person"
		return s
	}
	s.person, s.problem = p, ""
	return s
}

func (s reading) choose(c *step, value string) screen {
	t, _ := c.m.ledger.Tube(s.tube)
	o := record.ParseOutcome(value)
	if (s.stage == "" || s.stage == confirming) && slices.Contains(s.outcomes(c.timer(t)), o) {
		s.outcome, s.stage = o, confirming
	}
	return s
}

func (s reading) confirm(c *step, _ string) screen {
	t, _ := c.m.ledger.Tube(s.tube)
	if s.stage == confirming && slices.Contains(s.outcomes(c.timer(t)), s.outcome) {
		s.stage, s.problem, s.number = resulting, "", c.draw()
		s.id = c.keep(record.Result{
			Number: s.number, Tube: s.tube, Technique: t.Technique, Outcome: s.outcome, Sampled: t.Taken, Staff: c.Staff.Number,
		})
	}
	return s
}

func (s reading) printAgain(c *step, _ string) screen {
	s.paper = s.paper.retry(c)
	return s
}

func (s reading) back(c *step, value string) screen {
	if s.stage == confirming {
		s.stage, s.outcome = "", 0
		return s
	}
	return s.done(c, value)
}

// done goes back to the list, but not while the result is on its way into the
// journal.
func (s reading) done(c *step, _ string) screen {
	if s.stage == resulting {
		return s
	}
	c.forget()
	return antigens{}
}

// kept has the result signed and printed once it is durable.
func (s reading) kept(c *step) screen {
	ledger, t, err := c.m.ledger.MarkRead(s.tube)
	if err == nil {
		c.m.ledger = ledger
		c.saveTube(t)
	}
	s.stage = resulted
	s.paper = c.resultPaper(ResultBody{
		Name: mask(s.person.Name), Birth: s.person.Birth, Tube: s.tube,
		Technique: t.Technique, Outcome: s.outcome, Sampled: t.Taken.Time(),
	}, s.number, "").start(c)
	return s
}
