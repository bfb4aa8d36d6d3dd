package checkpoint

import (
	"errors"
	"slices"

	"chot/kiosk/record"
	"chot/kiosk/sampling"
)

// problemOf words what the ledger refused.
func problemOf(err error) string {
	var p sampling.Problem
	if errors.As(err, &p) {
		return string(p)
	}
	return ""
}

// tubeSeen reads a label back, goes on with an open tube, or takes on a new one.
func (s desk) tubeSeen(c *step, number string) screen {
	t, known := c.m.ledger.Tube(number)
	inWork, working := c.m.ledger.Tube(s.tube)
	switch {
	case number == s.tube && t.Stage == sampling.Given:
		return s.verified(c)
	case number == s.tube && t.Stage == sampling.Ready:
		return s
	case working && inWork.Open() && !inWork.Unread():
		s.problem = "wrong-label"
		c.do(Buzz{Pattern: "red"})
		return s
	case known && t.Open() && !t.Unread():
		return s.work(t).tubeSeen(c, number)
	}
	ledger, t, err := c.m.ledger.Adopt(number, c.Now, s.technique, s.pooling, s.reason)
	if err != nil {
		s.problem = problemOf(err)
		c.do(Buzz{Pattern: "red"})
		return s
	}
	c.m.ledger = ledger
	c.saveTube(t)
	return s.work(t).ready(c, t)
}

// verified notes that the label was scanned back: from now on the tube counts.
func (s desk) verified(c *step) screen {
	ledger, t, err := c.m.ledger.Verify(s.tube)
	if err != nil {
		s.problem = problemOf(err)
		return s
	}
	c.m.ledger = ledger
	c.saveTube(t)
	return s.ready(c, t)
}

// ready goes on with a tube that takes specimens.
func (s desk) ready(c *step, t sampling.Tube) screen {
	c.do(Buzz{Pattern: "read"})
	if t.Pool && len(t.Members) == 0 {
		c.keep(record.Pool{Tube: t.Number, Step: record.Opened, Technique: t.Technique, Staff: c.Staff.Number})
	}
	if s.person != (record.Person{}) {
		return s.take(c, false)
	}
	return s
}

// take counts the person's specimen. The ledger's copy that outlives a crash
// follows the record, so that a crash between the two loses no person.
func (s desk) take(c *step, sure bool) screen {
	mark := sampling.MarkOf(s.tube, identity(s.person))
	t, _ := c.m.ledger.Tube(s.tube)
	if c.busy(s.tube) {
		s.problem = "not-kept"
		return s
	}
	if !sure && slices.ContainsFunc(s.earlier(t), func(m sampling.Member) bool { return m.Mark == mark }) {
		// A mark is shared by several people: staff know who stands there.
		s.doubt = true
		return s
	}
	ledger, taken, err := c.m.ledger.Take(s.tube, mark, c.m.setup.PoolMost, c.Now)
	if err != nil {
		s.problem, s.person, s.order = problemOf(err), record.Person{}, ""
		return s.withoutOrder()
	}
	body := record.Sample{
		Tube: s.tube, Person: s.person, Order: s.order, Technique: taken.Technique, Reason: s.reason, Staff: c.Staff.Number,
	}
	if taken.Pool {
		body.Member = taken.Places
	}
	c.m.ledger = ledger
	s.pending = c.keep(body)
	c.m.samples = append(slices.Clone(c.m.samples), pendingSample{s.pending, t})
	s.members = append(slices.Clone(s.members), member{place: taken.Places, person: s.person})
	s.doubt = false
	return s
}

// pendingSample is a sample whose record is not durable yet.
type pendingSample struct {
	record int           // ID of the Keep
	before sampling.Tube // to go back to, should it fail
}

// busy says whether a sample of the tube is on its way into the journal.
func (c *step) busy(tube string) bool {
	return slices.ContainsFunc(c.m.samples, func(p pendingSample) bool { return p.before.Number == tube })
}

// sampled stores the tube, or takes the specimen out again, once it is known
// whether its record was kept; also when the desk was left meanwhile.
func (c *step) sampled(record int, kept bool) {
	i := slices.IndexFunc(c.m.samples, func(p pendingSample) bool { return p.record == record })
	if i < 0 {
		return
	}
	before := c.m.samples[i].before
	c.m.samples = slices.Delete(slices.Clone(c.m.samples), i, i+1)
	if !kept {
		c.m.ledger = c.m.ledger.With(before)
		return
	}
	t, _ := c.m.ledger.Tube(before.Number)
	c.saveTube(t)
}

// kept goes on once the sample's record is durable.
func (s desk) kept(c *step) screen {
	t, _ := c.m.ledger.Tube(s.tube)
	s.pending = 0
	s.members = slices.Clone(s.members)
	s.members[len(s.members)-1].kept = true
	s.taken = append(slices.Clone(s.taken), taken{s.person, s.order, t.Technique, s.tube})
	s.taken = s.taken[max(0, len(s.taken)-remembered):]
	s.person, s.order = record.Person{}, ""
	s = s.withoutOrder()
	c.do(Buzz{Pattern: "green"})
	if !t.Pool {
		done := s.clearTube(c)
		before := t
		before.Stage, before.Members, before.Taken = sampling.Ready, nil, 0
		done.last = lastSample{tube: before, person: s.members[len(s.members)-1].person}
		return done
	}
	return s
}

// clearTube is the desk for the next person. Where tubes come with numbers, one
// pool follows another; labels of one's own are asked for one by one.
func (s desk) clearTube(c *step) desk {
	s.tube = ""
	s = s.withoutOrder()
	return desk{technique: s.technique, reason: s.reason, copies: s.copies, pooling: s.pooling && !c.m.setup.Labels, taken: s.taken}
}

// remembered is how many specimens a session remembers, to warn of a second one.
const remembered = 500

// refused takes a sample back that could not be recorded.
func (s desk) refused() screen {
	s.members = slices.Clone(s.members[:len(s.members)-1])
	s.pending, s.problem = 0, "not-kept"
	return s
}

// inWork finds the tube in work, and says whether it still takes anything.
func (s desk) inWork(c *step) (t sampling.Tube, open bool) {
	t, working := c.m.ledger.Tube(s.tube)
	return t, working && t.Open()
}

func (s desk) chooseTechnique(c *step, value string) screen {
	_, open := s.inWork(c)
	if t := record.ParseTechnique(value); !open && slices.Contains(c.m.setup.Techniques, t) {
		s.technique, s.own.technique = t, t
		s.pooling = s.pooling && t != record.Antigen
	}
	return s
}

func (s desk) chooseReason(c *step, value string) screen {
	if slices.Contains(c.m.setup.TestReasons, value) {
		s.reason, s.own.reason = value, value
	}
	return s
}

func (s desk) chooseCopies(_ *step, value string) screen {
	s.copies = counted(s.copies, value, 1, 5)
	return s
}

// open goes on with a tube that waits.
func (s desk) open(c *step, number string) screen {
	_, open := s.inWork(c)
	if t, ok := c.m.ledger.Tube(number); ok && t.Open() && !t.Unread() && !open {
		s = s.work(t)
		s.pooling = t.Pool
	}
	return s
}

// sure takes a person who was sampled before, or who may be in the pool already.
func (s desk) sure(c *step, _ string) screen {
	if s.before != "" {
		s.doubt, s.before = false, ""
		return s.proceed(c)
	}
	if s.doubt {
		return s.take(c, true)
	}
	return s
}

// drop lets the person go who was to be sampled.
func (s desk) drop(*step, string) screen {
	s.person, s.order, s.doubt, s.before, s.problem = record.Person{}, "", false, "", ""
	return s.withoutOrder()
}

func (s desk) void(c *step, _ string) screen {
	if _, open := s.inWork(c); open {
		return shiftEnd{voiding: s.tube, desk: true}
	}
	return s
}

func (desk) leave(c *step, _ string) screen { return c.home() }

// pool turns pooling on and off for the next tube; on, with labels of one's own,
// its label is printed at once.
func (s desk) pool(c *step, _ string) screen {
	if _, open := s.inWork(c); open || s.person != (record.Person{}) || s.technique == record.Antigen {
		return s // an antigen test is read on the spot, for one person
	}
	if s.pooling = !s.pooling; s.pooling && c.m.setup.Labels {
		return s.give(c)
	}
	return s
}

// print gives out a tube before a person, or tries a label again that was not
// printed.
func (s desk) print(c *step, _ string) screen {
	t, open := s.inWork(c)
	switch {
	case !open && c.m.setup.Labels:
		return s.give(c)
	case open && t.Stage == sampling.Given && s.label.stage == unprinted:
		return s.printLabel(c, t)
	}
	return s
}

// byHand asks for the person with the test form.
func (s desk) byHand(c *step, _ string) screen {
	form := c.form(ForTest)
	if form == nil {
		return s
	}
	d := newDraft(ForSample, form)
	d.desk, d.proxy = &s, true // the staff ask, whom it is about is clear
	return c.ask(d, -1, 1)
}

// undo takes the last member out of an open pool.
func (s desk) undo(c *step, _ string) screen {
	if s.tube == "" && s.last.tube.Number != "" {
		return s.undoLast(c)
	}
	before, _ := c.m.ledger.Tube(s.tube)
	ledger, t, err := c.m.ledger.Undo(s.tube)
	if err != nil {
		s.problem = problemOf(err)
		return s
	}
	place := before.Members[len(before.Members)-1].Place
	s.members = slices.Clone(s.members[:max(len(s.members)-1, 0)])
	c.m.ledger = ledger
	c.saveTube(t)
	c.keep(record.Staff{Badge: c.Staff.Number, Action: "undo", Target: s.tube, Member: place})
	s.problem = ""
	return s
}

// undoLast takes the last single sample back: its tube is on the desk again.
func (s desk) undoLast(c *step) screen {
	t := s.last.tube
	if now, ok := c.m.ledger.Tube(t.Number); !ok || now.Stage != sampling.Sampled || now.Read {
		s.last, s.problem = lastSample{}, string(sampling.TubeUnknown)
		return s
	}
	c.m.ledger = c.m.ledger.With(t)
	c.saveTube(t)
	c.keep(record.Staff{Badge: c.Staff.Number, Action: "undo", Target: t.Number})
	s.last = lastSample{}
	s.taken = slices.DeleteFunc(slices.Clone(s.taken), func(taken taken) bool { return taken.tube == t.Number })
	return s.work(t)
}

// seal closes the pool for good.
func (s desk) seal(c *step, _ string) screen {
	ledger, t, err := c.m.ledger.Seal(s.tube, c.m.setup.PoolLeast, c.Now)
	if err != nil {
		s.problem = problemOf(err)
		return s
	}
	c.m.ledger = ledger
	c.saveTube(t)
	c.keep(record.Pool{Tube: t.Number, Step: record.Closed, Size: len(t.Members), Technique: t.Technique, Staff: c.Staff.Number})
	c.do(Buzz{Pattern: "green"})
	return s.clearTube(c)
}
