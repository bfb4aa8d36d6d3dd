package checkpoint

import "time"

// ResultShown is what the province answered.
type ResultShown struct {
	Name      string // masked
	Results   []ResultLine
	CanPrint  bool
	Printed   bool
	Problem   string
	Code      string // text of the signed result, to be shown as a QR
	Technique Technique
}

// ResultLine is one result.
type ResultLine struct {
	Tube      string
	Technique Technique
	Outcome   Outcome // zero while the laboratory has not reported
	Sampled   time.Time
	Corrected time.Time // when what was said before was corrected or withdrawn: older slips are void
	Before    Outcome   // what was said before
}

func (ResultShown) view() {}

// resultShown shows what the province answered.
type resultShown struct {
	form
	found ResultFound
	paper paper
}

var _ = register(taps[resultShown]{
	TapPrint: resultShown.print,
	TapDone:  resultShown.home,
}, ResultShown{})

func (resultShown) screenID() string { return "result-shown" }

func (s resultShown) view(c *step) View {
	v := ResultShown{
		Name: mask(s.found.Name), Results: s.found.Results, Code: s.found.Code, CanPrint: s.canPrint(c),
		Printed: s.paper.stage == onPaper, Problem: s.paper.problem,
	}
	if n := len(s.found.Results); n > 0 {
		v.Technique = s.found.Results[n-1].Technique
	}
	return v
}

func (s resultShown) canPrint(c *step) bool {
	return s.found.Code != "" && c.m.setup.Printer && c.m.parts.works(PartPrinter)
}

func (s resultShown) on(c *step, e Event) screen {
	s.paper = s.paper.on(c, e)
	return s
}

// print has the latest result printed, once.
func (s resultShown) print(c *step, _ string) screen {
	if !s.canPrint(c) || s.paper.busy() || s.paper.stage == onPaper {
		return s
	}
	var latest ResultLine // the one that the code is of
	for _, l := range s.found.Results {
		if l.Outcome != 0 {
			latest = l
		}
	}
	s.paper = c.resultPaper(ResultBody{
		Name: mask(s.found.Name), Tube: latest.Tube, Technique: latest.Technique, Outcome: latest.Outcome, Sampled: latest.Sampled,
	}, latest.Tube, s.found.Code).start(c)
	return s
}
