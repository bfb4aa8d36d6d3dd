package checkpoint

// Certificate shows a certificate as a QR code for a phone.
type Certificate struct {
	Name string // masked
	Code string // text of the certificate
}

func (Certificate) view() {}

// certificate shows the certificate that the province found.
type certificate struct {
	form
	found VaccinationFound
}

var _ = register(taps[certificate]{
	TapBack: certificate.home,
	TapDone: certificate.home,
}, Certificate{})

func (certificate) screenID() string { return "certificate" }

func (s certificate) view(*step) View {
	return Certificate{Name: mask(s.found.Name), Code: s.found.Certificate}
}

func (s certificate) on(*step, Event) screen { return s }
