package store

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Cover records that the province has signed for a journal up to a position, at a
// time; raw are the receipt's bytes. The caller has verified the signature.
//
// An older receipt than the one that is known changes nothing. An error wraps
// [ErrFork] when the province holds another entry under the number, [ErrAhead]
// when it claims entries that were never written, [ErrUnknown] when the journal
// is another's: nothing is recorded then.
func (j *Journal) Cover(ctx context.Context, journal ID, p Position, at time.Time, raw []byte) error {
	err := j.locked(ctx, func() error {
		fresh := false
		err := j.update(func(w *writer) error {
			c, err := w.s.chain(journal)
			if err != nil || p.Number < c.Base.Number {
				return err
			}
			own, err := c.hashAt(w.tx, p.Number)
			switch {
			case err != nil:
				return err
			case own != p.Hash:
				return fmt.Errorf("%w: at entry %d", ErrFork, p.Number)
			case p.Number <= c.Covered.Number:
				return nil
			}
			c.Covered, c.receipt = p, slices.Clone(raw)
			if at = time.UnixMilli(at.UnixMilli()).UTC(); at.After(w.s.High) {
				w.s.High = at
			}
			fresh = true
			return nil
		})
		if err == nil && fresh {
			j.clock.raise(at)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("recording a receipt up to %d: %w", p.Number, err)
	}
	return nil
}

// Witness raises the time that the journal never runs behind to one that was
// signed by someone trusted.
func (j *Journal) Witness(ctx context.Context, signed time.Time) error {
	return j.locked(ctx, func() error {
		if !signed.After(j.state.Load().High) {
			return nil
		}
		err := j.update(func(w *writer) error {
			w.s.High = time.UnixMilli(signed.UnixMilli()).UTC()
			return nil
		})
		if err != nil {
			return fmt.Errorf("recording a signed time: %w", err)
		}
		j.clock.raise(signed)
		return nil
	})
}

// purgeStep is how many chunks are purged or copied at a time: appends wait no
// longer than for that.
const purgeStep = 256

// Purge deletes the entries that a receipt covers and that are older than
// before, and returns how many. A file that has become mostly empty by that is
// rewritten smaller.
func (j *Journal) Purge(ctx context.Context, before time.Time) (purged int, err error) {
	j.upkeep.Lock()
	defer j.upkeep.Unlock()
	if err := j.locked(ctx, func() error { return j.checkAndRepair(leaves) }); err != nil {
		return 0, fmt.Errorf("purging the journal: %w", err)
	}
	for more := true; more; {
		var n int
		err := j.locked(ctx, func() error {
			return j.update(func(w *writer) (err error) {
				n, more, err = w.purge(before)
				return err
			})
		})
		if err != nil {
			return purged, fmt.Errorf("purging the journal: %w", err)
		}
		purged += n
	}
	if err := j.compactIfWorth(ctx); err != nil {
		return purged, fmt.Errorf("compacting the journal: %w", err)
	}
	return purged, nil
}

// purge deletes from a few chunks and reports whether there may be more.
func (w *writer) purge(before time.Time) (n int, more bool, err error) {
	if err := w.moveTail(); err != nil {
		return 0, false, err
	}
	for i := 0; i < len(w.s.Chains); {
		c := &w.s.Chains[i]
		m, more, err := w.purgeChain(c, before)
		n += m
		if err != nil || more {
			return n, more, err
		}
		// An older chain that has nothing left is forgotten.
		if c != w.s.live() && c.Base.Number == c.Head.Number {
			w.s.Chains = slices.Delete(w.s.Chains, i, i+1)
			continue
		}
		i++
	}
	return n, false, nil
}

func (w *writer) purgeChain(c *Chain, before time.Time) (n int, more bool, err error) {
	if c.Base == c.Covered {
		return 0, false, nil
	}
	cursor := w.tx.Bucket(bucketEntries).Cursor()
	k, v := cursor.Seek(c.key(c.Base.Number + 1))
	var gone [][]byte
	for ; len(k) == keySize; k, v = cursor.Next() {
		place, first := splitKey(k)
		if place != c.place {
			break
		}
		if len(gone) == purgeStep {
			more = true
			break
		}
		entries, err := chunk(v).unpackDamaged(first)
		if err != nil {
			return n, false, err
		}
		keep := slices.IndexFunc(entries, func(e Entry) bool {
			return e.Number > c.Covered.Number || !e.Time.Before(before)
		})
		if keep == 0 {
			break
		}
		gone = append(gone, slices.Clone(k))
		last := len(entries) - 1
		if keep > 0 {
			last = keep - 1
		}
		n += last + 1
		c.Base = Position{Number: entries[last].Number, Hash: entries[last].Hash()}
		if keep > 0 {
			rest := entries[keep:]
			if err := w.tx.Bucket(bucketEntries).Put(c.key(rest[0].Number), pack(rest)); err != nil {
				return n, false, err
			}
			break
		}
	}
	for _, k := range gone {
		if err := w.tx.Bucket(bucketEntries).Delete(k); err != nil {
			return n, false, err
		}
	}
	c.Lost = slices.DeleteFunc(c.Lost, func(l Span) bool { return l.Last <= c.Base.Number })
	return n, more, nil
}
