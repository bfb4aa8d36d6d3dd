package checkpoint

import (
	"slices"
	"time"
)

// gate is a barrier that waits for a record to be durable.
type gate struct {
	record int // ID of the Keep
	party  int
	until  time.Time // then the visitor has gone for staff, and it stays shut
}

// openAfter lets a party through once the record is kept. Without a barrier
// there is nothing to wait for.
func (c *step) openAfter(record, party int) Gate {
	if !c.m.setup.Barrier {
		return ""
	}
	c.m.gates = append(slices.Clone(c.m.gates), gate{record, max(party, 1), c.Now.Add(c.m.setup.Times.Answer)})
	return Opening
}

// opened opens the barrier that waited for a record.
func (c *step) opened(record int) {
	i := slices.IndexFunc(c.m.gates, func(g gate) bool { return g.record == record })
	if i < 0 {
		return
	}
	c.do(OpenBarrier{Party: c.m.gates[i].party})
	c.m.gates = slices.Delete(slices.Clone(c.m.gates), i, i+1)
}

// unopened gives up a barrier whose record could not be kept.
func (c *step) unopened(record int) {
	c.m.gates = slices.DeleteFunc(slices.Clone(c.m.gates), func(g gate) bool { return g.record == record })
}

// expire gives up barriers that waited too long.
func (c *step) expire() {
	if late := func(g gate) bool { return c.Now.After(g.until) }; slices.ContainsFunc(c.m.gates, late) {
		c.m.gates = slices.DeleteFunc(slices.Clone(c.m.gates), late)
	}
}
