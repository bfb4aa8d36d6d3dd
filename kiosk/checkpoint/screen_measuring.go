package checkpoint

// Measuring waits for a temperature: the visitor steps before the thermometer.
type Measuring struct{}

func (Measuring) view() {}

// measuring waits for a temperature.
type measuring struct{ visit visit }

var _ = register(taps[measuring]{}, Measuring{})

func (measuring) screenID() string         { return "" }
func (measuring) timeout(s *Setup) timeout { return timeout{after: s.Times.Heat} }
func (measuring) view(*step) View          { return Measuring{} }

func (s measuring) onTimeout(c *step) screen { return c.conclude(s.visit.unmeasured(c)) }

// onExit records the visit all the same: a visitor stood here.
func (s measuring) onExit(c *step) { c.record(s.visit.unmeasured(c)) }

func (s measuring) on(c *step, e Event) screen {
	switch e.(type) {
	case Temperature:
		return c.conclude(s.visit.measured(c, c.m.temperature))
	case DeviceChanged:
		if !c.m.parts.works(PartThermometer) {
			return c.conclude(s.visit.unmeasured(c))
		}
	}
	return s
}
