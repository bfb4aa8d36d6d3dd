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
	}
	return p.live
}
