package checkpoint

import "time"

// VaccinationStatus is what the province knows.
type VaccinationStatus struct {
	Name       string // masked
	Doses      []DoseLine
	Invited    time.Time // zero without an invitation
	Place      string
	Registered bool
	CanShow    bool // there is a certificate to show
}

// DoseLine is one dose.
type DoseLine struct {
	Number  int
	Product string
	At      time.Time
	Place   string
}

func (VaccinationStatus) view() {}

// vaccinationShown shows what the province knows.
type vaccinationShown struct {
	form
	found VaccinationFound
}

var _ = register(taps[vaccinationShown]{
	TapShow: vaccinationShown.certificate,
	TapBack: vaccinationShown.home,
	TapDone: vaccinationShown.home,
}, VaccinationStatus{})

func (vaccinationShown) screenID() string { return "vaccination-shown" }

func (s vaccinationShown) view(*step) View {
	v := s.found.Status
	v.Name, v.CanShow = mask(s.found.Name), s.found.Certificate != ""
	return v
}

func (s vaccinationShown) on(*step, Event) screen { return s }

func (s vaccinationShown) certificate(*step, string) screen {
	if s.found.Certificate == "" {
		return s
	}
	return certificate{found: s.found}
}
