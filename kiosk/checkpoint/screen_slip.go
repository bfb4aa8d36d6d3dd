package checkpoint

// Slip is the outcome of a form: the verdict, the number, the signed code.
type Slip struct {
	Purpose  Purpose
	Level    Level // zero for a form without triage
	Reasons  []Reason
	Name     string // masked
	Number   string
	Code     string // text of the signed code, to be shown as a QR; "" where it could not be signed
	Printed  bool
	Problem  string // why nothing was printed: "paper-out", "no-printer"
	Party    int
	Assisted int // people declared for in assisted mode so far, 0 outside it
	Gate     Gate
}

func (Slip) view() {}

// slip is the outcome of a form on the screen.
type slip struct {
	plain
	shown Slip
	paper paper
}

var _ = register(taps[slip]{
	TapDone:  slip.home,
	TapPrint: slip.printAgain,
}, Slip{})

func (slip) screenID() string         { return "slip" }
func (slip) timeout(s *Setup) timeout { return timeout{after: s.Times.Slip} }

func (s slip) view(c *step) View {
	v := s.shown
	v.Assisted = c.m.assisted.done
	v.Code, v.Printed, v.Problem = s.paper.job.Code, s.paper.stage == onPaper, s.paper.problem
	return v
}

func (s slip) on(c *step, e Event) screen {
	s.paper = s.paper.on(c, e)
	if e, ok := e.(CodeSeen); ok && e.Text != s.paper.job.Code {
		return c.home().on(c, e)
	}
	return s
}

func (s slip) printAgain(c *step, _ string) screen {
	s.paper = s.paper.retry(c)
	return s
}
