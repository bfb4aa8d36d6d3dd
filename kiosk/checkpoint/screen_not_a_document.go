package checkpoint

// NotADocument says that a code is that of no document that a kiosk can check, such
// as a menu's or a ticket's, and asks for another one. It is no verdict: no lamp is
// lit and no visit recorded.
type NotADocument struct{}

func (NotADocument) view() {}

type notADocument struct{ plain }

var _ = register(taps[notADocument]{}, NotADocument{})

func (notADocument) screenID() string         { return "not-a-document" }
func (notADocument) timeout(s *Setup) timeout { return timeout{after: s.Times.Unchecked} }
func (notADocument) view(*step) View          { return NotADocument{} }

func (s notADocument) on(c *step, e Event) screen {
	if e, ok := e.(CodeSeen); ok {
		return c.read(e.Text)
	}
	return s
}
