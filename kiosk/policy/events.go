package policy

import (
	mathbits "math/bits"
	"slices"
	"time"

	"chot/kiosk/credential"
)

// failure is why the latest event of a kind does not count.
type failure struct {
	code, detail string
	event        time.Time
	at           time.Time // see Reason.At
}

// proven is what the events show for one disease.
type proven struct {
	held   kinds
	failed [len(kindOrder)]failure
}

// evaluate holds a proven credential against the rules and its events against the
// limits. Where a rule does not hold, its events prove nothing, though a positive
// test still speaks against the holder.
func (c *evaluation) evaluate(cred *credential.Credential) {
	held := make([]kinds, len(c.proven))
	for i := range c.proven {
		held[i] = c.proven[i].held
	}
	c.events(cred)
	if !c.businessRules(cred) {
		for i := range c.proven {
			c.proven[i].held = held[i]
		}
	}
}

// events holds each event of a proven credential against the limits.
func (c *evaluation) events(cred *credential.Credential) {
	if len(cred.Events) == 0 && slices.Contains(c.regime.Accept, cred.Family) {
		c.pass = true
	}
	for i := range cred.Events {
		e := &cred.Events[i]
		answer := c.event(e, ordinal(cred.Events, i))
		if c.explains() {
			c.ask("event", describeEvent(e), answer)
		}
	}
}

// event holds an event against the limits of its disease and gives the code of
// the answer.
func (c *evaluation) event(e *credential.Event, number int) string {
	if e.Kind == credential.Visited {
		return c.visit(e)
	}
	if e.Disease == "" && e.Unread.Has(credential.FieldDisease) {
		return c.addReason(Reason{Code: ContentUnreadable, Detail: "disease"})
	}
	of := c.regime.of(e.Disease)
	if of < 0 {
		c.other = true
		return OtherDisease
	}
	s := subject{disease: &c.regime.Diseases[of], proven: &c.proven[of], event: e}
	switch e.Kind {
	case credential.Dose:
		return c.dose(s, number)
	case credential.Test:
		return c.test(s)
	case credential.Recovery:
		return c.recovery(s)
	}
	return NotAccepted
}

// subject is an event with the disease that it is about.
type subject struct {
	disease *Disease
	proven  *proven
	event   *credential.Event
}

// holds notes what the event proves.
func (s subject) holds(k kinds, code string) string {
	s.proven.held |= k
	return code
}

// unreadable notes that a field that the verdict needs cannot be read: a person
// must look, for it may be as it should.
func (s subject) unreadable(k kinds, field string) string {
	return s.fail(k, failure{code: ContentUnreadable, detail: field})
}

// fail notes why an event does not count. Of several events the latest counts,
// and before all one that cannot be read.
func (s subject) fail(k kinds, f failure) string {
	f.event = s.event.At
	for i, kind := range kindOrder {
		known := &s.proven.failed[i]
		if k&kind.bit == 0 || known.code == ContentUnreadable {
			continue
		}
		if known.code == "" || f.code == ContentUnreadable || f.event.After(known.event) {
			*known = f
		}
	}
	return f.code
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

func (c *evaluation) dose(s subject, number int) string {
	e, d := s.event, s.disease
	const both = doseBit | partialBit
	if !d.counts(e.Product) {
		return s.fail(both, failure{code: VaccineUnlisted, detail: e.Product})
	}
	if answer := c.within(s, both, d.Dose, DoseTooRecent, DoseTooOld); answer != "" {
		return answer
	}
	s.holds(partialBit, "")
	series := e.Of
	if series == 0 && e.Unread.Has(credential.FieldOf) {
		return s.unreadable(doseBit, "of")
	}
	if series == 0 {
		series = d.Series.Doses
		if n, known := d.Series.Products[e.Product]; known {
			series = n
		}
	}
	switch {
	case number >= series:
		return s.holds(doseBit, DoseValid)
	case e.Number == 0 && e.Unread.Has(credential.FieldNumber):
		return s.unreadable(doseBit, "number")
	}
	return s.fail(doseBit, failure{code: DoseIncomplete})
}

// outcomes as events have them.
const (
	negative = "negative"
	positive = "positive"
)

func (c *evaluation) test(s subject) string {
	e, d := s.event, s.disease
	if e.Result == positive && !e.At.IsZero() && !e.At.After(c.latest) && !c.in.Now.After(d.PositiveFor.After(e.At)) {
		return c.addReason(Reason{Code: TestPositive, Disease: d.ID, At: d.PositiveFor.After(e.At)})
	}
	if answer := c.within(s, testBit, d.Test, TestTooRecent, TestTooOld); answer != "" {
		return answer
	}
	switch {
	case e.Result == negative:
		return s.holds(testBit, TestNegative)
	case e.Result == "" && e.Unread.Has(credential.FieldResult):
		return s.unreadable(testBit, "result")
	}
	return s.fail(testBit, failure{code: TestInconclusive})
}

func (c *evaluation) recovery(s subject) string {
	if answer := c.within(s, recoveryBit, s.disease.Recovery, RecoveryTooNew, RecoveryTooOld); answer != "" {
		return answer
	}
	return s.holds(recoveryBit, RecoveryValid)
}

// visit hears a slip, which is about no disease.
func (c *evaluation) visit(e *credential.Event) string {
	switch e.Result {
	case Green.String():
		for i := range c.proven {
			c.proven[i].held |= visitBit
		}
		return SlipAccepted
	case Red.String():
		return c.addReason(Reason{Code: SlipRed})
	}
	return c.addReason(Reason{Code: SlipAmber})
}

// within holds an event's time against the policy's limits and against what the
// certificate itself says; "" where it lies within both.
func (c *evaluation) within(s subject, k kinds, l Limits, tooRecent, tooOld string) string {
	e := s.event
	limited := !l.Least.IsZero() || !l.Most.IsZero()
	switch from, until := l.Least.After(e.At), l.Most.After(e.At); {
	case e.At.IsZero() && limited:
		return s.unreadable(k, "at")
	case !e.At.IsZero() && e.At.After(c.latest):
		return s.fail(k, failure{code: tooRecent, at: from})
	case !e.At.IsZero() && !l.Most.IsZero() && c.in.Now.After(until):
		return s.fail(k, failure{code: tooOld, at: until})
	case !e.At.IsZero() && !l.Least.IsZero() && c.in.Now.Before(from):
		return s.fail(k, failure{code: tooRecent, at: from})
	case c.in.Now.Before(e.From):
		return s.fail(k, failure{code: tooRecent, at: e.From})
	case !e.Until.IsZero() && c.in.Now.After(e.Until):
		return s.fail(k, failure{code: tooOld, at: e.Until})
	case e.From.IsZero() && e.Unread.Has(credential.FieldFrom):
		return s.unreadable(k, "from")
	case e.Until.IsZero() && e.Unread.Has(credential.FieldUntil):
		return s.unreadable(k, "until")
	}
	return ""
}

// conclude holds what the events prove against the requirements of each disease.
// The requirement that lacks least decides.
func (c *evaluation) conclude() {
	best, missing, of := kinds(0), len(kindOrder), 0
	for i := range c.proven {
		held := c.proven[i].held
		for _, want := range c.regime.Diseases[i].require {
			n := mathbits.OnesCount8(uint8(want &^ held))
			c.askRequirement(c.regime.Diseases[i].ID, want, n)
			if want&held != 0 && n < missing {
				best, missing, of = want, n, i
			}
		}
	}
	if best == 0 { // nothing that is asked for holds
		if c.pass {
			c.addReason(Reason{Code: PassAccepted})
			return
		}
		c.reasons = append(c.reasons, c.pending...)
		c.failures()
		return
	}
	if missing > 0 {
		c.reasons = append(c.reasons, c.pending...)
	}
	disease, p := c.regime.Diseases[of].ID, &c.proven[of]
	for i, k := range kindOrder {
		switch f := p.failed[i]; {
		case best&k.bit == 0:
		case p.held&k.bit != 0:
			c.addReason(Reason{Code: k.holds, Disease: disease})
		case f.code != "":
			c.addReason(Reason{Code: f.code, Detail: f.detail, Disease: disease, At: f.at})
		default:
			c.addReason(Reason{Code: k.needs, Disease: disease})
		}
	}
}

// failures says why nothing holds.
func (c *evaluation) failures() {
	held := false
	for i := range c.proven {
		held = held || c.proven[i].held != 0
		for _, f := range c.proven[i].failed {
			if f.code != "" {
				c.addReason(Reason{Code: f.code, Detail: f.detail, Disease: c.regime.Diseases[i].ID, At: f.at})
			}
		}
	}
	switch {
	case len(c.reasons) > 0:
	case held:
		c.addReason(Reason{Code: NotAccepted})
	case c.other:
		c.addReason(Reason{Code: OtherDisease})
	default:
		c.addReason(Reason{Code: NoEvent})
	}
}
