package checkpoint

import (
	"slices"

	"chot/kiosk/record"
	"chot/kiosk/sampling"
)

// timers are the antigen tests on the table, the oldest first.
func (c *step) timers() []Timer {
	var timers []Timer
	for _, t := range c.m.ledger.Tubes(sampling.Tube.Unread) {
		timers = append(timers, c.timer(t))
	}
	return timers
}

func (c *step) timer(t sampling.Tube) Timer {
	taken := t.Taken.Time()
	timer := Timer{Tube: t.Number, From: taken.Add(c.m.setup.ReadFrom), Until: taken.Add(c.m.setup.ReadUntil), Phase: "read"}
	switch {
	case c.Now.Before(timer.From):
		timer.Phase = "wait"
	case c.Now.After(timer.Until):
		timer.Phase = "late"
	}
	return timer
}

// antigens lists the tests that wait to be read.
type antigens struct {
	staffed
	problem string
}

func (antigens) topic() string       { return "antigen" }
func (s antigens) view(c *step) View { return Antigens{Tests: c.timers(), Problem: s.problem} }
func (s antigens) on(c *step, e Event) scene {
	switch e := e.(type) {
	case CodeSeen:
		return s.open(c, e.Text)
	case Tapped:
		switch e.Tap {
		case TapOpen:
			return s.open(c, e.Value)
		case TapBack, TapDone:
			return c.home()
		}
	}
	return s
}

// open goes on with one test; none is read before its time.
func (s antigens) open(c *step, number string) scene {
	t, ok := c.m.ledger.Tube(number)
	if !ok || !t.Unread() {
		s.problem = string(sampling.TubeUnknown)
		return s
	}
	if c.timer(t).Phase == "wait" {
		s.problem = "too-early"
		return s
	}
	return reading{tube: number}
}

// reading takes the result of one antigen test.
type reading struct {
	staffed
	tube    string
	outcome Outcome
	person  record.Person // where the paper was shown again, for the slip
	stage   readingStage
	number  string
	id      int
	checks  int
	code    string
	printed bool
	problem string
}

type readingStage string

const (
	choosing   readingStage = "choose"
	confirming readingStage = "confirm"
	resulting  readingStage = "keeping"
	resulted   readingStage = "done"
)

func (reading) topic() string { return "reading" }

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
		Timer: timer, Outcome: s.outcome, Person: mask(s.person.Name), Stage: string(s.stage),
		Code: s.code, Printed: s.printed, Problem: s.problem, Outcomes: s.outcomes(timer),
	}
	if s.stage == "" {
		v.Stage = string(choosing)
	}
	return v
}

func (s reading) on(c *step, e Event) scene {
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
	case Signed:
		if s.stage == resulted && e.ID == s.id {
			s.code = e.Code
			return s.print(c)
		}
	case SignFailed:
		if s.stage == resulted && e.ID == s.id {
			s.problem = "unsigned"
		}
	case Printed:
		if s.stage == resulted && e.ID == s.id {
			s.printed, s.problem = true, ""
			c.keep(record.Print{Layout: "result", Number: s.number, Copies: 1, Staff: c.Staff.Number})
		}
	case PrintFailed:
		if s.stage == resulted && e.ID == s.id {
			s.problem = e.Problem
			c.keep(record.Print{Layout: "result", Number: s.number, Failed: e.Problem, Staff: c.Staff.Number})
		}
	case Tapped:
		return s.tapped(c, e)
	}
	return s
}

// shownBy names the person on the slip where the paper is that of whose specimen is
// in the tube.
func (s reading) shownBy(c *step, p record.Person) scene {
	t, _ := c.m.ledger.Tube(s.tube)
	mark := sampling.MarkOf(s.tube, identity(p))
	if !slices.ContainsFunc(t.Members, func(m sampling.Member) bool { return m.Mark == mark }) {
		s.problem = "another-person"
		return s
	}
	s.person, s.problem = p, ""
	return s
}

func (s reading) tapped(c *step, e Tapped) scene {
	t, _ := c.m.ledger.Tube(s.tube)
	switch e.Tap {
	case TapOutcome:
		o := record.ParseOutcome(e.Value)
		if (s.stage == "" || s.stage == confirming) && slices.Contains(s.outcomes(c.timer(t)), o) {
			s.outcome, s.stage = o, confirming
		}
	case TapAgree, TapNext:
		if s.stage == confirming && slices.Contains(s.outcomes(c.timer(t)), s.outcome) {
			s.stage, s.problem, s.number = resulting, "", c.draw()
			s.id = c.keep(record.Result{
				Number: s.number, Tube: s.tube, Technique: t.Technique, Outcome: s.outcome, Sampled: t.Taken, Staff: c.Staff.Number,
			})
		}
	case TapPrint:
		if s.stage == resulted && s.code != "" && s.problem != "" {
			return s.print(c)
		}
	case TapBack, TapDone:
		if s.stage == resulting {
			return s
		}
		if s.stage == confirming && e.Tap == TapBack {
			s.stage, s.outcome = "", 0
			return s
		}
		c.forget()
		return antigens{}
	}
	return s
}

// kept has the result signed once it is durable.
func (s reading) kept(c *step) scene {
	ledger, t, err := c.m.ledger.MarkRead(s.tube)
	if err == nil {
		c.m.ledger = ledger
		c.saveTube(t)
	}
	s.stage, s.id = resulted, c.id()
	c.do(Sign{ID: s.id, Number: s.number, Until: c.Now.Add(c.m.setup.SlipValid), Result: &ResultBody{
		Name: mask(s.person.Name), Birth: s.person.Birth, Tube: s.tube,
		Technique: t.Technique, Outcome: s.outcome, Sampled: t.Taken.Time(),
	}})
	return s
}

func (s reading) print(c *step) scene {
	if !c.m.setup.Printer {
		s.problem = "no-printer"
		return s
	}
	t, _ := c.m.ledger.Tube(s.tube)
	s.id, s.problem = c.id(), ""
	c.do(Print{ID: s.id, Job: Job{Layout: "result", Code: s.code, Copies: 1, Fields: map[string]string{
		"number": s.number, "tube": s.tube, "name": mask(s.person.Name), "outcome": s.outcome.String(),
		"technique": t.Technique.String(), "sampled": stamp(t.Taken.Time().In(c.Now.Location())), "at": stamp(c.Now),
	}}})
	return s
}
