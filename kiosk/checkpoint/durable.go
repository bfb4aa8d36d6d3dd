package checkpoint

import (
	"slices"
	"time"

	"chot/kiosk/condition"
	"chot/kiosk/record"
)

// pendingKeep is a record that the journal has not answered for. What hangs on its
// being durable hangs on this: the barrier that follows, and the codes that are
// counted by it. It outlives the screen that asked for it, and names no one.
type pendingKeep struct {
	id    int // of the Keep
	at    time.Time
	codes [][8]byte // digests of what is counted by it
	party int       // people whom the barrier lets through; 0: it stays shut
	until time.Time // then they have gone for staff, and it stays shut
}

func (c *step) keep(body record.Body) int {
	id := c.id()
	c.m.keeps = append(slices.Clone(c.m.keeps), pendingKeep{id: id, at: c.Now})
	c.do(Keep{ID: id, Record: record.Record{Time: c.Now, Body: body}})
	return id
}

// follow says what hangs on a record that was just asked for.
func (c *step) follow(id int, set func(*pendingKeep)) {
	i := slices.IndexFunc(c.m.keeps, func(p pendingKeep) bool { return p.id == id })
	if i < 0 {
		return
	}
	c.m.keeps = slices.Clone(c.m.keeps)
	set(&c.m.keeps[i])
}

// openAfter lets a party through once a record is kept.
func (c *step) openAfter(id, party int) {
	if c.m.setup.Barrier {
		c.follow(id, func(p *pendingKeep) {
			p.party, p.until = max(party, 1), c.Now.Add(c.m.setup.Times.Answer)
		})
	}
}

// countAfter counts codes by a record: not a second time while it is pending or
// kept, and as never seen where it fails.
func (c *step) countAfter(id int, texts []string) {
	c.count(texts...)
	c.follow(id, func(p *pendingKeep) {
		for _, t := range texts {
			p.codes = append(p.codes, c.digest(t))
		}
	})
}

// pendingOf finds the record by which one of the codes is being counted, 0 if there
// is no such record.
func (c *step) pendingOf(texts []string) int {
	for _, p := range c.m.keeps {
		for _, t := range texts {
			if slices.Contains(p.codes, c.digest(t)) {
				return p.id
			}
		}
	}
	return 0
}

// answered takes the journal's answer: the barrier opens for what is durable, and
// what is not has not been counted.
func (c *step) answered(id int, kept bool) {
	i := slices.IndexFunc(c.m.keeps, func(p pendingKeep) bool { return p.id == id })
	if i < 0 {
		return
	}
	p := c.m.keeps[i]
	c.m.keeps = slices.Delete(slices.Clone(c.m.keeps), i, i+1)
	if !kept {
		c.m.sightings = slices.DeleteFunc(slices.Clone(c.m.sightings), func(s sighting) bool { return slices.Contains(p.codes, s.digest) })
	} else if p.party > 0 && !c.Now.After(p.until) {
		c.do(OpenBarrier{Party: p.party})
	}
	c.watchJournal()
}

// JournalStalled is the condition of a kiosk whose journal does not answer: what
// cannot be kept is not served.
var JournalStalled = condition.JournalStalled.Code

// watchJournal puts the kiosk out of order while a record waits too long, and back
// once the journal answers.
func (c *step) watchJournal() {
	var since time.Time
	for _, p := range c.m.keeps {
		if t := c.m.setup.Times.Stalled; t > 0 && !c.Now.Before(p.at.Add(t)) && (since.IsZero() || p.at.Before(since)) {
			since = p.at
		}
	}
	if was := c.m.stalled; !was.Equal(since) {
		c.m.stalled = since
		c.Conditions = c.conditions()
	}
}

// conditions lists what is wrong: what the parts report, and what the checkpoint
// itself finds.
func (c *step) conditions() []Condition {
	all := c.m.parts
	journal := all.of(PartJournal)
	known := slices.ContainsFunc(journal.conditions, func(d Condition) bool { return d.Code == JournalStalled })
	if !c.m.stalled.IsZero() && !known { // the journal's writer says so itself
		journal.conditions = append(slices.Clone(journal.conditions), Condition{Code: JournalStalled, Severity: Blocking, Since: c.m.stalled})
		all = all.with(journal)
	}
	return all.conditions()
}
