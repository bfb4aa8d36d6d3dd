package checkpoint

import "chot/kiosk/credential"

// VaccinationAsk waits for an identity paper or slip to look up with.
type VaccinationAsk struct {
	Certificate bool // the certificate is asked for, else the status
	Read        bool
	Digits      string
	Waiting     bool
	Problem     string
}

func (VaccinationAsk) view() {}

// vaccinationAsk waits for an identity paper or a slip to look up with.
type vaccinationAsk struct {
	plain
	certificate bool
	ask         ask
}

var _ = register(taps[vaccinationAsk]{
	TapNext: vaccinationAsk.send,
	TapBack: vaccinationAsk.back,
}, VaccinationAsk{})

func (vaccinationAsk) screenID() string               { return "vaccination-ask" }
func (s vaccinationAsk) timeout(setup *Setup) timeout { return s.ask.timeout(setup) }
func (s vaccinationAsk) onTimeout(*step) screen       { s.ask = s.ask.late(); return s }

func (s vaccinationAsk) view(c *step) View {
	return VaccinationAsk{
		Certificate: s.certificate, Read: s.ask.checked, Digits: s.ask.digits,
		Waiting: s.ask.waiting, Problem: s.ask.orOffline(c),
	}
}

func (s vaccinationAsk) on(c *step, e Event) screen {
	if e, ok := e.(VaccinationFound); ok && s.ask.waiting && e.ID == s.ask.id {
		return s.found(e)
	}
	s.ask = s.ask.on(c, e, "vaccination", credential.Slip, credential.VNID, credential.VNQR, credential.VNBHYT)
	return s
}

func (s vaccinationAsk) found(e VaccinationFound) screen {
	if s.certificate && e.Certificate == "" {
		s.ask.waiting, s.ask.problem = false, "no-certificate"
		return s
	}
	if s.certificate {
		return certificate{found: e}
	}
	return vaccinationShown{found: e}
}

func (s vaccinationAsk) send(c *step, _ string) screen {
	s.ask = s.ask.send(c, "vaccination")
	return s
}

func (vaccinationAsk) back(*step, string) screen { return vaccinationDesk{} }
