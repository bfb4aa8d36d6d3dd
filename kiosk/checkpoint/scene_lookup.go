package checkpoint

import (
	"chot/kiosk/credential"
)

// ask is what a look-up needs from a visitor: a code and the last four digits of
// the phone.
type ask struct {
	text    string // of the code that was shown
	id      int    // of the check or look-up
	checked bool
	digits  string
	waiting bool
	problem string
}

const lastDigits = 4

// on handles what all look-ups have in common; families are the codes that do.
func (a ask) on(c *step, e Event, what string, families ...credential.FamilyID) ask {
	switch e := e.(type) {
	case CodeSeen:
		if !a.waiting {
			a.text, a.checked, a.problem = e.Text, false, ""
			a.id = c.check(e.Text)
		}
	case Checked:
		if cred := shownLast(e.Credentials); e.ID == a.id && !a.waiting && cred != nil {
			a = a.take(cred, families)
		}
	case Unreadable, SheetRead:
		if !a.waiting && !a.checked {
			a.problem = "unreadable"
		}
	case Typed:
		if !a.waiting && digits(e.Text) && len(e.Text) <= lastDigits {
			a.digits, a.problem = e.Text, ""
		}
	case LookUpFailed:
		if a.waiting && e.ID == a.id {
			a.waiting, a.problem = false, e.Problem
		}
	case Tapped:
		if e.Tap == TapNext && a.checked && !a.waiting {
			return a.send(c, what)
		}
	}
	return a
}

// take accepts a code of one of the families: a slip only where a kiosk of ours
// signed it.
func (a ask) take(cred *credential.Credential, families []credential.FamilyID) ask {
	for _, f := range families {
		if cred.Family == f && (f != credential.Slip || cred.Standing == credential.Signed) {
			a.checked, a.problem = true, ""
			return a
		}
	}
	a.problem = "not-a-slip"
	return a
}

func (a ask) send(c *step, what string) ask {
	switch {
	case len(a.digits) != lastDigits:
		a.problem = "digits"
	case c.Offline:
		a.problem = "offline"
	default:
		a.waiting, a.problem, a.id = true, "", c.id()
		c.do(LookUp{ID: a.id, What: what, Slip: a.text, Digits: a.digits})
	}
	return a
}

// late gives up waiting for the province.
func (a ask) late() ask {
	a.waiting, a.problem = false, "offline"
	return a
}

// resting waits for the visitor, or a little while for the province.
func (a ask) resting(setup *Setup) rest {
	if a.waiting {
		return rest{after: setup.Times.Answer}
	}
	return rest{after: setup.Times.Form, ask: true}
}

// resultLookUp asks for the slip of a test.
type resultLookUp struct {
	plain
	ask ask
}

func (resultLookUp) topic() string            { return "result" }
func (s resultLookUp) rest(setup *Setup) rest { return s.ask.resting(setup) }
func (s resultLookUp) late(*step) scene       { s.ask = s.ask.late(); return s }
func (s resultLookUp) view(c *step) View {
	return ResultLookUp{Slip: s.ask.checked, Digits: s.ask.digits, Waiting: s.ask.waiting, Problem: s.ask.orOffline(c)}
}

// orOffline says at once that nothing can be looked up just now.
func (a ask) orOffline(c *step) string {
	if a.problem == "" && c.Offline {
		return "offline"
	}
	return a.problem
}

func (s resultLookUp) on(c *step, e Event) scene {
	switch e := e.(type) {
	case ResultFound:
		if s.ask.waiting && e.ID == s.ask.id {
			return resultShown{found: e}
		}
	case Tapped:
		if e.Tap == TapBack || e.Tap == TapDone {
			return c.home()
		}
	}
	s.ask = s.ask.on(c, e, "result", credential.Slip)
	return s
}

// resultShown shows what the province answered.
type resultShown struct {
	plain
	found   ResultFound
	id      int
	printed bool
	problem string
}

func (resultShown) topic() string          { return "result-shown" }
func (resultShown) rest(setup *Setup) rest { return rest{after: setup.Times.Form, ask: true} }

func (s resultShown) view(c *step) View {
	v := ResultShown{
		Name: mask(s.found.Name), Results: s.found.Results, Code: s.found.Code,
		CanPrint: s.found.Code != "" && c.m.setup.Printer && c.m.parts.works(PartPrinter),
		Printed:  s.printed, Problem: s.problem,
	}
	if n := len(s.found.Results); n > 0 {
		v.Technique = s.found.Results[n-1].Technique
	}
	return v
}

func (s resultShown) on(c *step, e Event) scene {
	switch e := e.(type) {
	case Printed:
		if s.id != 0 && e.ID == s.id {
			s.printed = true
		}
	case PrintFailed:
		if e.ID == s.id {
			s.problem = e.Problem
		}
	case Tapped:
		switch e.Tap {
		case TapPrint:
			if s.view(c).(ResultShown).CanPrint && !s.printed && (s.id == 0 || s.problem != "") {
				return s.print(c)
			}
		case TapBack, TapDone:
			return c.home()
		}
	}
	return s
}

func (s resultShown) print(c *step) scene {
	fields := map[string]string{"name": mask(s.found.Name), "at": stamp(c.Now)}
	if n := len(s.found.Results); n > 0 {
		r := s.found.Results[n-1]
		fields["tube"], fields["technique"], fields["outcome"] = r.Tube, r.Technique.String(), r.Outcome.String()
		fields["sampled"] = stamp(r.Sampled.In(c.Now.Location()))
	}
	s.id, s.problem = c.id(), ""
	c.do(Print{ID: s.id, Job: Job{Layout: "result", Code: s.found.Code, Fields: fields, Copies: 1}})
	return s
}

// vaccinationDesk offers registration, status and the certificate.
type vaccinationDesk struct{ plain }

func (vaccinationDesk) topic() string          { return "vaccination" }
func (vaccinationDesk) rest(setup *Setup) rest { return rest{after: setup.Times.Form, ask: true} }
func (vaccinationDesk) view(*step) View        { return VaccinationDesk{} }

func (s vaccinationDesk) on(c *step, e Event) scene {
	t, ok := e.(Tapped)
	if !ok {
		return s
	}
	switch t.Tap {
	case TapRegister:
		return c.begin(ForVaccination)
	case TapStatus:
		return vaccinationAsk{}
	case TapShow:
		return vaccinationAsk{certificate: true}
	case TapBack, TapDone:
		return c.home()
	}
	return s
}

// vaccinationAsk waits for an identity paper or a slip to look up with.
type vaccinationAsk struct {
	plain
	certificate bool
	ask         ask
}

func (vaccinationAsk) topic() string            { return "vaccination-ask" }
func (s vaccinationAsk) rest(setup *Setup) rest { return s.ask.resting(setup) }
func (s vaccinationAsk) late(*step) scene       { s.ask = s.ask.late(); return s }

func (s vaccinationAsk) view(c *step) View {
	return VaccinationAsk{
		Certificate: s.certificate, Read: s.ask.checked, Digits: s.ask.digits,
		Waiting: s.ask.waiting, Problem: s.ask.orOffline(c),
	}
}

func (s vaccinationAsk) on(c *step, e Event) scene {
	switch e := e.(type) {
	case VaccinationFound:
		if s.ask.waiting && e.ID == s.ask.id {
			return s.found(e)
		}
	case Tapped:
		if e.Tap == TapBack || e.Tap == TapDone {
			return vaccinationDesk{}
		}
	}
	s.ask = s.ask.on(c, e, "vaccination", credential.Slip, credential.VNID, credential.VNQR, credential.VNBHYT)
	return s
}

func (s vaccinationAsk) found(e VaccinationFound) scene {
	if s.certificate && e.Certificate == "" {
		s.ask.waiting, s.ask.problem = false, "no-certificate"
		return s
	}
	return vaccinationShown{found: e, certificate: s.certificate}
}

// vaccinationShown shows the status, or the certificate as a QR code.
type vaccinationShown struct {
	plain
	found       VaccinationFound
	certificate bool
}

func (vaccinationShown) topic() string          { return "vaccination-shown" }
func (vaccinationShown) rest(setup *Setup) rest { return rest{after: setup.Times.Form, ask: true} }

func (s vaccinationShown) view(*step) View {
	if s.certificate {
		return Certificate{Name: mask(s.found.Name), Code: s.found.Certificate}
	}
	v := s.found.Status
	v.Name = mask(s.found.Name)
	return v
}

func (s vaccinationShown) on(c *step, e Event) scene {
	t, ok := e.(Tapped)
	if !ok {
		return s
	}
	switch t.Tap {
	case TapShow:
		if s.found.Certificate != "" {
			s.certificate = true
		}
	case TapStatus:
		s.certificate = false
	case TapBack, TapDone:
		return c.home()
	}
	return s
}
