package checkpoint

import (
	"slices"

	"chot/kiosk/record"
	"chot/kiosk/sampling"
)

// Reprint prints a label or slip again.
type Reprint struct {
	Tube    string
	Recent  []TubeLine // the last tubes, the newest first: one of them may have lost its label
	Reasons []string
	Reason  string
	Stage   LabelStage
	Problem string
}

func (Reprint) view() {}

// reprint prints a tube's label again.
type reprint struct {
	staffed
	tube    string
	reason  string
	label   paper
	problem string
}

var _ = register(taps[reprint]{
	TapOpen:   reprint.choose,
	TapReason: reprint.because,
	TapPrint:  reprint.print,
	TapBack:   reprint.home,
	TapDone:   reprint.home,
}, Reprint{})

var _ = registerTask(task{
	id: TaskReprint, rank: 30, roles: []Role{Sampler, Supervisor},
	open: func(*step) screen { return reprint{} },
})

func (reprint) screenID() string { return "reprint" }

func (s reprint) view(c *step) View {
	v := Reprint{
		Tube: s.tube, Reasons: c.m.setup.ReprintReasons, Reason: s.reason,
		Stage: s.label.labelStage(), Problem: s.problem,
	}
	if s.label.problem != "" {
		v.Problem = s.label.problem
	}
	if s.tube == "" {
		v.Recent = c.recentTubes()
	}
	return v
}

// recentTubes lists the last tubes of the shift, the newest first.
func (c *step) recentTubes() []TubeLine {
	all := c.m.ledger.Tubes(func(t sampling.Tube) bool { return t.Stage != sampling.Voided })
	slices.Reverse(all)
	var lines []TubeLine
	for _, t := range all[:min(len(all), c.rows())] {
		lines = append(lines, tubeLine(t))
	}
	return lines
}

func (s reprint) on(c *step, e Event) screen {
	s.label = s.label.on(c, e)
	switch e := e.(type) {
	case CodeSeen:
		return s.choose(c, e.Text)
	case Typed:
		return s.choose(c, e.Text)
	}
	return s
}

func (s reprint) choose(c *step, number string) screen {
	if s.label.busy() {
		return s
	}
	t, ok := c.m.ledger.Tube(number)
	if !ok || t.Stage == sampling.Voided {
		s.tube, s.label, s.problem = "", paper{}, string(sampling.TubeUnknown)
		return s
	}
	return reprint{tube: t.Number, reason: s.reason}
}

func (s reprint) because(c *step, reason string) screen {
	if slices.Contains(c.m.setup.ReprintReasons, reason) {
		s.reason = reason
	}
	return s
}

func (s reprint) print(c *step, _ string) screen {
	t, ok := c.m.ledger.Tube(s.tube)
	if !ok || s.reason == "" || s.label.busy() {
		return s
	}
	s.problem = ""
	s.label = c.tubeLabel(t, record.Person{}, 1, s.reason).start(c)
	return s
}
