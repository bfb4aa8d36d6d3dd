package ui

import "chot/kiosk/checkpoint"

// draw puts the screen of a state on the page. It is true where the screen
// shows the camera's picture.
func (p *page) draw(s checkpoint.State) bool {
	switch v := s.View.(type) {
	case checkpoint.Idle:
		p.idle(v)
	case checkpoint.Checking:
		p.checking()
	case checkpoint.Gathering:
		p.gathering(v)
	case checkpoint.Measuring:
		p.measuring()
	case checkpoint.Shown:
		p.shown(v)
	case checkpoint.Unchecked:
		p.unchecked(v)
	case checkpoint.Away:
		p.away(v)
	case checkpoint.Help:
		p.help(v)
	case checkpoint.OutOfOrder:
		p.outOfOrder(v)
	case checkpoint.ForWhom:
		p.forWhom(v)
	case checkpoint.Question:
		p.question(v)
	case checkpoint.Review:
		p.review(v)
	case checkpoint.Consent:
		p.consent(v)
	case checkpoint.Keeping:
		p.keeping(v)
	case checkpoint.Slip:
		p.slip(v)
	case checkpoint.ResultLookUp:
		p.resultLookUp(v)
	case checkpoint.ResultShown:
		p.resultShown(v)
	case checkpoint.VaccinationDesk:
		p.vaccinationDesk()
	case checkpoint.VaccinationAsk:
		p.vaccinationAsk(v)
	case checkpoint.VaccinationStatus:
		p.vaccinationStatus(v)
	case checkpoint.Certificate:
		p.certificate(v)
	case checkpoint.Login:
		p.login(v)
	case checkpoint.StaffMenu:
		p.staffMenu(v)
	case checkpoint.SamplingDesk:
		p.samplingDesk(v)
	case checkpoint.Antigens:
		p.antigens(v)
	case checkpoint.AntigenReading:
		p.antigenReading(v)
	case checkpoint.Manual:
		p.manual(v)
	case checkpoint.Override:
		p.override(v)
	case checkpoint.RollCall:
		p.rollCall(v)
	case checkpoint.Reprint:
		p.reprint(v)
	case checkpoint.ShiftEnd:
		p.shiftEnd(v)
	case checkpoint.Technical:
		p.technical(v)
	case checkpoint.Series:
		p.series(v)
	case checkpoint.CameraAid:
		p.cameraAid(v)
	case checkpoint.Provision:
		p.provision(v)
	}
	return p.live
}
