package checkpoint

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"

	"chot/kiosk/sampling"
)

// lock counts wrong PINs of a badge.
type lock struct {
	Failures int   `cbor:"1,keyasint"`
	Until    int64 `cbor:"2,keyasint,omitempty"` // seconds since 1970; locked until then
}

// locks are the badges with wrong PINs, by number.
type locks map[string]lock

const lockKey = "lock/"

func (l lock) until() time.Time {
	if l.Until == 0 {
		return time.Time{}
	}
	return time.Unix(l.Until, 0).UTC()
}

// remember takes up what Save stored in earlier runs.
func (c *step) remember(memory map[string][]byte) error {
	ledger, err := sampling.Load(memory)
	c.m.ledger = ledger
	errs := []error{err}
	c.m.locks = locks{}
	for key, value := range memory {
		badge, ok := strings.CutPrefix(key, lockKey)
		if !ok {
			continue
		}
		var l lock
		if err := cbor.Unmarshal(value, &l); err != nil {
			errs = append(errs, fmt.Errorf("reading the lock of a badge: %w", err))
			continue
		}
		c.m.locks[badge] = l
	}
	return errors.Join(errs...)
}

// lock stores how often a badge's PIN was wrong; the zero lock forgets it.
func (c *step) lock(badge string, l lock) {
	next := maps.Clone(c.m.locks)
	if next == nil {
		next = locks{}
	}
	if next[badge] = l; l == (lock{}) {
		delete(next, badge)
		c.do(Save{Key: lockKey + badge})
	} else {
		value, err := cbor.Marshal(l)
		if err != nil {
			panic(err) // two numbers always encode
		}
		c.do(Save{Key: lockKey + badge, Value: value})
	}
	c.m.locks = next
}

// saveTube stores a tube that changed.
func (c *step) saveTube(t sampling.Tube) {
	key, value := t.Stored()
	c.do(Save{Key: key, Value: value})
}

// saveDesk stores the desk's counters.
func (c *step) saveDesk() {
	key, value := c.m.ledger.Stored()
	c.do(Save{Key: key, Value: value})
}
