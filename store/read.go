package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// Run is a run of consecutive entries of one journal.
type Run struct {
	Kiosk   string
	Journal ID
	Lost    uint64 // entries right before the first that are lost for good
	Entries []Entry
}

// read reads the entries of a chain from a number on and checks that they are
// one, until yield returns false; then up to the next place whose hash is known.
// Entries that are lost are skipped.
func (c *Chain) read(tx *bbolt.Tx, from uint64, yield func(Entry) bool) error {
	if from > c.Head.Number {
		return nil
	}
	cursor := newCursor(tx)
	k, v := cursor.seek(c.key(from))
	if string(k) != string(c.key(from)) {
		// The chunk that holds it begins before it, unless it is lost.
		if pk, pv := cursor.prev(); pk != nil && placeOf(pk) == c.place {
			k, v = pk, pv
		} else {
			k, v = cursor.seek(c.key(from))
		}
	}
	var at Position
	for wanted, begun := true, false; ; k, v = cursor.next() {
		if len(k) != keySize {
			return fmt.Errorf("%w: entries after %d are missing", errDamaged, max(at.Number, from-1))
		}
		place, first := splitKey(k)
		if place != c.place {
			return fmt.Errorf("%w: entries after %d are missing", errDamaged, max(at.Number, from-1))
		}
		entries, err := chunk(v).unpackDamaged(first)
		if err != nil {
			return err
		}
		switch {
		case !begun && first > from && first-1 != c.Base.Number && !c.lost(from, first-1),
			begun && first != at.Number+1 && !c.lost(at.Number+1, first-1):
			return fmt.Errorf("%w: entry %d follows entry %d", errDamaged, first, max(at.Number, from-1))
		case begun && first == at.Number+1 && entries[0].Prev != at.Hash,
			first-1 == c.Base.Number && entries[0].Prev != c.Base.Hash:
			return fmt.Errorf("%w: the chain is broken before entry %d", errDamaged, first)
		}
		if !wanted {
			return nil // the hash before this chunk has proven what was yielded
		}
		begun = true
		for _, e := range entries {
			if wanted && e.Number >= from {
				wanted = yield(e)
			}
		}
		last := entries[len(entries)-1]
		at = Position{Number: last.Number, Hash: last.Hash()}
		if at.Number >= c.Head.Number {
			if at != c.Head {
				return fmt.Errorf("%w: its last entry is not the one that was written", errDamaged)
			}
			return nil
		}
	}
}

// lost reports whether all entries from first to last are known to be lost.
func (c *Chain) lost(first, last uint64) bool {
	for _, l := range c.Lost {
		if l.First <= first && first <= l.Last {
			first = l.Last + 1
		}
	}
	return first > last
}

// Batch returns the entries of a journal from a number on whose sealed payloads
// fit into maxBytes, at least one; none where there is no such entry yet. It ends
// before entries that are lost, and before one that bears an earlier time than the
// entry before it. Errors wrap [ErrPurged] where the entries are no
// longer kept and [ErrUnknown] for a journal that is not here.
func (j *Journal) Batch(ctx context.Context, journal ID, from uint64, maxBytes int) (run Run, err error) {
	err = j.viewRepaired(ctx, func(tx *bbolt.Tx, s *state) error {
		c, err := s.chain(journal)
		if err != nil {
			return err
		}
		if from <= c.Base.Number {
			return fmt.Errorf("%w: entry %d and those before %d", ErrPurged, from, c.Base.Number+1)
		}
		run = Run{Kiosk: s.Kiosk, Journal: journal}
		size := 0
		return c.read(tx, from, func(e Entry) bool {
			size += max(len(e.Sealed), sha256.Size)
			if n := len(run.Entries); n > 0 && (size > maxBytes || !follows(run.Entries[n-1], e)) {
				return false
			} else if n == 0 {
				run.Lost = e.Number - from
			}
			run.Entries = append(run.Entries, e)
			return true
		})
	})
	if err != nil {
		return Run{}, fmt.Errorf("reading the journal from entry %d: %w", from, err)
	}
	return run, nil
}

// follows says whether an entry can be in one run with the one before it: no
// entries are lost between them, and the clock was not set back.
func follows(before, e Entry) bool {
	return e.Number == before.Number+1 && !e.Time.Before(before.Time)
}

// hashAt returns the hash of an entry that is kept.
func (c *Chain) hashAt(tx *bbolt.Tx, number uint64) (h Hash, err error) {
	for _, p := range []Position{c.Head, c.Covered, c.Base} {
		if p.Number == number {
			return p.Hash, nil
		}
	}
	if number > c.Head.Number {
		return Hash{}, fmt.Errorf("%w: entry %d of %d", ErrAhead, number, c.Head.Number)
	}
	if c.lost(number, number) {
		return Hash{}, fmt.Errorf("entry %d is lost", number)
	}
	err = c.read(tx, number, func(e Entry) bool {
		h = e.Hash()
		return false
	})
	return h, err
}

// Status is the journal's state for people and programs.
type Status struct {
	Kiosk  string
	Chain            // the one that grows
	Older  []Chain   // of files that were set aside
	Oldest time.Time // of the first entry that waits for a receipt; zero if none
	Free   int64     // bytes left on the disk
	Full   bool      // Append refuses
	Clock  Clock
}

// Chains are all chains, the oldest first.
func (s Status) Chains() []Chain { return append(s.Older[:len(s.Older):len(s.Older)], s.Chain) }

// Backlog is the number of entries in all chains that no receipt covers.
func (s Status) Backlog() (n uint64) {
	for _, c := range s.Chains() {
		n += c.Waiting()
	}
	return n
}

// Status reads the journal's state.
func (j *Journal) Status() (st Status, err error) {
	err = j.viewRepaired(context.Background(), func(tx *bbolt.Tx, s *state) error {
		older := s.Chains[:len(s.Chains)-1]
		st = Status{Kiosk: s.Kiosk, Chain: *s.live(), Older: older}
		for i := range s.Chains {
			c := &s.Chains[i]
			if c.Waiting() == 0 {
				continue
			}
			return c.read(tx, c.Covered.Number+1, func(e Entry) bool {
				st.Oldest = e.Time
				return false
			})
		}
		return nil
	})
	if err != nil {
		return st, fmt.Errorf("reading the journal's state: %w", err)
	}
	if st.Free, err = j.o.Free(j.path); err != nil {
		return st, err
	}
	st.Full, st.Clock = st.Free < j.o.Reserve, j.Clock()
	return st, nil
}
