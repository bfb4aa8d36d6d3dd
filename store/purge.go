package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// Cover records that the province has signed for a journal up to a position, at a
// time; until is the end of the validity of the key that signed, and raw are the
// receipt's bytes. The caller has verified the signature. The clock's floor rises
// as by [Journal.RaiseFloor].
//
// An older receipt than the one that is known changes nothing. An error wraps
// [ErrFork] when the province holds another entry under the number, [ErrAhead]
// when it claims entries that were never written, [ErrUnknown] when the journal
// is another's: nothing is recorded then.
func (j *Journal) Cover(ctx context.Context, journal ID, p Position, at, until time.Time, raw []byte) error {
	err := j.locked(ctx, func() error {
		return j.update(func(w *writer) error {
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
			if signed := evidence(at, until); !signed.IsZero() {
				w.raise(signed)
			}
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("recording a receipt up to %d: %w", p.Number, err)
	}
	return nil
}

// purgeStep is how many chunks are purged or copied at a time: appends wait no
// longer than for that.
const purgeStep = 256

// Purge deletes the entries that a receipt covers and that are older than
// before, and returns how many. An entry is not younger than any that follows it,
// whatever time it bears. A file that has become mostly empty by that is rewritten
// smaller.
//
// An error wraps [ErrClock] while the clock cannot be trusted: nothing was deleted
// then.
func (j *Journal) Purge(ctx context.Context, before time.Time) (purged int, err error) {
	j.upkeep.Lock()
	defer j.upkeep.Unlock()
	err = j.locked(ctx, func() error {
		if err := j.clockDoubt(); err != nil {
			return err
		}
		return j.checkAndRepair(leaves)
	})
	if err != nil {
		return 0, fmt.Errorf("purging the journal: %w", err)
	}
	cuts, err := j.cuts(ctx, before)
	if err != nil {
		return 0, fmt.Errorf("purging the journal: %w", err)
	}
	for more := true; more; {
		var n int
		err := j.locked(ctx, func() error {
			return j.update(func(w *writer) (err error) {
				n, more, err = w.purge(cuts)
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

// cuts returns, for each chain, the last entry that is covered and older than
// before: it and all before it are old.
func (j *Journal) cuts(ctx context.Context, before time.Time) (cuts map[ID]uint64, err error) {
	err = j.viewRepaired(ctx, func(tx *bbolt.Tx, s *state) error {
		cuts = map[ID]uint64{}
		for i := range s.Chains {
			c := &s.Chains[i]
			if cuts[c.Journal], err = c.lastBefore(tx, before); err != nil {
				return err
			}
		}
		return nil
	})
	return cuts, err
}

// lastBefore is the number of the last entry of the chain that is covered and
// older than before; 0 if none is. It reads from the end: what is young is kept,
// and what is old can be as much as there is.
func (c *Chain) lastBefore(tx *bbolt.Tx, before time.Time) (number uint64, err error) {
	if c.Covered.Number <= c.Base.Number {
		return 0, nil
	}
	cursor := newCursor(tx)
	cursor.seek(c.key(c.Covered.Number + 1))
	for k, v := cursor.prev(); len(k) == keySize && placeOf(k) == c.place; k, v = cursor.prev() {
		_, first := splitKey(k)
		entries, err := chunk(v).unpackDamaged(first)
		if err != nil {
			return 0, err
		}
		for _, e := range slices.Backward(entries) {
			if e.Number <= c.Covered.Number && e.Time.Before(before) {
				return e.Number, nil
			}
		}
	}
	return 0, nil
}

// purge deletes from a few chunks and reports whether there may be more.
func (w *writer) purge(cuts map[ID]uint64) (n int, more bool, err error) {
	if err := w.moveTail(); err != nil {
		return 0, false, err
	}
	for i := 0; i < len(w.s.Chains); {
		c := &w.s.Chains[i]
		m, more, err := w.purgeChain(c, cuts[c.Journal])
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

func (w *writer) purgeChain(c *Chain, cut uint64) (n int, more bool, err error) {
	if cut = min(cut, c.Covered.Number); cut <= c.Base.Number {
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
			return e.Number > cut
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
