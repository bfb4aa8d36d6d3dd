package checkpoint

import "chot/kiosk/credential"

// ResultLookUp asks for a slip and the last four digits of the phone.
type ResultLookUp struct {
	Slip    bool // has been read
	Digits  string
	Waiting bool
	Problem string // "offline", "no-such", "too-many", "not-a-slip"
}

func (ResultLookUp) view() {}

// resultLookUp asks for the slip of a test.
type resultLookUp struct {
	plain
	ask ask
}

var _ = register(taps[resultLookUp]{
	TapNext: resultLookUp.send,
	TapBack: resultLookUp.home,
}, ResultLookUp{})

func (resultLookUp) screenID() string               { return "result" }
func (s resultLookUp) timeout(setup *Setup) timeout { return s.ask.timeout(setup) }
func (s resultLookUp) onTimeout(*step) screen       { s.ask = s.ask.late(); return s }
func (s resultLookUp) view(c *step) View {
	return ResultLookUp{Slip: s.ask.checked, Digits: s.ask.digits, Waiting: s.ask.waiting, Problem: s.ask.orOffline(c)}
}

func (s resultLookUp) on(c *step, e Event) screen {
	if e, ok := e.(ResultFound); ok && s.ask.waiting && e.ID == s.ask.id {
		return resultShown{found: e}
	}
	s.ask = s.ask.on(c, e, "result", credential.Slip, credential.VNID, credential.VNQR, credential.VNBHYT)
	return s
}

func (s resultLookUp) send(c *step, _ string) screen {
	s.ask = s.ask.send(c, "result")
	return s
}

var _ = registerService(Results, service{open: func(*step) screen { return resultLookUp{} }})
