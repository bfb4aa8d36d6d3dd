package checkpoint

// VaccinationDesk offers registration, status and the certificate.
type VaccinationDesk struct{}

func (VaccinationDesk) view() {}

// vaccinationDesk offers registration, status and the certificate.
type vaccinationDesk struct{ form }

var _ = register(taps[vaccinationDesk]{
	TapRegister: vaccinationDesk.register,
	TapStatus:   vaccinationDesk.status,
	TapShow:     vaccinationDesk.certificate,
}, VaccinationDesk{})

func (vaccinationDesk) screenID() string { return "vaccination" }
func (vaccinationDesk) view(*step) View  { return VaccinationDesk{} }

func (s vaccinationDesk) on(*step, Event) screen { return s }

func (vaccinationDesk) register(c *step, _ string) screen { return c.begin(ForVaccination) }
func (vaccinationDesk) status(*step, string) screen       { return vaccinationAsk{} }
func (vaccinationDesk) certificate(*step, string) screen  { return vaccinationAsk{certificate: true} }

var _ = registerService(Vaccination, service{open: func(*step) screen { return vaccinationDesk{} }})
