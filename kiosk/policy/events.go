package policy

import (
	mathbits "math/bits"
	"slices"
	"time"

	"chot/kiosk/credential"
)

// failure is why the latest event of a kind does not count.
type failure struct {
	code string
	at   time.Time
}

// evaluate holds a proven credential against the rules and its events against the
// limits. Where a rule does not hold, its events prove nothing, though a positive
// test still speaks against the holder.
func (c *evaluation) evaluate(cred *credential.Credential) {
	held := c.held
	c.events(cred)
	if !c.rules(cred) {
		c.held = held
	}
}

// events holds each event of a proven credential against the limits.
func (c *evaluation) events(cred *credential.Credential) {
	if len(cred.Events) == 0 && slices.Contains(c.regime.Accept, cred.Family) {
		c.pass = true
	}
	for i := range cred.Events {
		e := &cred.Events[i]
		if e.Disease != "" && !slices.Contains(c.regime.Diseases, e.Disease) {
			c.other = OtherDisease
			continue
		}
		switch e.Kind {
		case credential.Dose:
			c.dose(e, ordinal(cred.Events, i))
		case credential.Test:
			c.test(e)
		case credential.Recovery:
			c.recovery(e)
		case credential.Visited:
			c.visit(e)
		}
	}
}

// ordinal is the number of a dose: as it says, or its place in time among the
// doses of the same certificate.
func ordinal(events []credential.Event, i int) int {
	if events[i].Number > 0 {
		return events[i].Number
	}
	n := 1
	for j, e := range events {
		if j != i && e.Kind == credential.Dose && e.Disease == events[i].Disease && e.At.Before(events[i].At) {
			n++
		}
	}
	return n
}

func (c *evaluation) dose(e *credential.Event, number int) {
	series := e.Of
	if series == 0 {
		series = c.regime.Series.Doses
		if n, known := c.regime.Series.Products[e.Product]; known {
			series = n
		}
	}
	if code := c.outside(e.At, c.regime.Dose, DoseTooRecent, DoseTooOld); code != "" {
		c.fail(doseBit, code, e.At)
		c.fail(partialBit, code, e.At)
		return
	}
	c.held |= partialBit
	if number < series {
		c.fail(doseBit, DoseIncomplete, e.At)
		return
	}
	c.held |= doseBit
}

// outcomes as events have them.
const (
	negative = "negative"
	positive = "positive"
)

func (c *evaluation) test(e *credential.Event) {
	code := c.outside(e.At, c.regime.Test, TestTooRecent, TestTooOld)
	switch {
	case e.Result == positive && code != TestTooRecent && !c.in.Now.After(c.regime.PositiveFor.After(e.At)):
		c.addReason(TestPositive, "")
	case code != "":
		c.fail(testBit, code, e.At)
	case e.Result != negative:
		c.fail(testBit, TestInconclusive, e.At)
	default:
		c.held |= testBit
	}
}

func (c *evaluation) recovery(e *credential.Event) {
	code := c.outside(e.At, c.regime.Recovery, RecoveryTooNew, RecoveryTooOld)
	if code == "" && !e.Until.IsZero() && c.in.Now.After(e.Until) {
		code = RecoveryTooOld
	}
	if code != "" {
		c.fail(recoveryBit, code, e.At)
		return
	}
	c.held |= recoveryBit
}

func (c *evaluation) visit(e *credential.Event) {
	switch e.Result {
	case Green.String():
		c.held |= visitBit
	case Red.String():
		c.addReason(SlipRed, "")
	default:
		c.addReason(SlipAmber, "")
	}
}

// outside says by which code an event lies outside its limits.
func (c *evaluation) outside(at time.Time, l Limits, tooRecent, tooOld string) string {
	switch {
	case at.IsZero() || !l.Most.IsZero() && c.in.Now.After(l.Most.After(at)):
		return tooOld
	case at.After(c.regime.Skew.After(c.in.Now)) || !l.Least.IsZero() && c.in.Now.Before(l.Least.After(at)):
		return tooRecent
	}
	return ""
}

func (c *evaluation) fail(bit kinds, code string, at time.Time) {
	if f := &c.failed[mathbits.TrailingZeros8(uint8(bit))]; f.code == "" || at.After(f.at) {
		*f = failure{code, at}
	}
}

// conclude holds what the events prove against the requirements.
func (c *evaluation) conclude() {
	best, missing := kinds(0), len(kindOrder)
	for _, want := range c.regime.require {
		if n := mathbits.OnesCount8(uint8(want &^ c.held)); want&c.held != 0 && n < missing {
			best, missing = want, n
		}
	}
	if best == 0 { // nothing that is asked for holds
		if c.pass {
			c.addReason(PassAccepted, "")
			return
		}
		c.reasons = append(c.reasons, c.pending...)
		c.failures()
		return
	}
	if missing > 0 {
		c.reasons = append(c.reasons, c.pending...)
	}
	for i, k := range kindOrder {
		switch {
		case best&k.bit == 0:
		case c.held&k.bit != 0:
			c.addReason(k.holds, "")
		case c.failed[i].code != "":
			c.addReason(c.failed[i].code, "")
		default:
			c.addReason(k.needs, "")
		}
	}
}

// failures says why nothing holds.
func (c *evaluation) failures() {
	for i := range kindOrder {
		if code := c.failed[i].code; code != "" {
			c.addReason(code, "")
		}
	}
	switch {
	case len(c.reasons) > 0:
	case c.held != 0:
		c.addReason(NotAccepted, "")
	case c.other != "":
		c.addReason(c.other, "")
	default:
		c.addReason(NoEvent, "")
	}
}
