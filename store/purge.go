package store

import (
	"context"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// Cover records that the province has signed for everything up to p at a time;
// raw are the receipt's bytes. The caller has verified the signature.
//
// An older receipt than the one that is known changes nothing. An error wraps
// [ErrFork] when the province holds another entry under the number, [ErrAhead]
// when it claims entries that were never written: nothing is recorded then.
func (j *Journal) Cover(ctx context.Context, p Position, at time.Time, raw []byte) error {
	err := j.do(ctx, func() error {
		s := *j.state.Load()
		if p.Number <= s.Base.Number {
			return nil
		}
		var own Hash
		err := j.view(func(tx *bbolt.Tx) (err error) {
			own, err = hashAt(tx, &s, p.Number)
			return err
		})
		switch {
		case err != nil:
			return err
		case own != p.Hash:
			return fmt.Errorf("%w: at entry %d", ErrFork, p.Number)
		case p.Number <= s.Covered.Number:
			return nil
		}
		s.Covered, s.Receipt = p, raw
		if at.After(s.High) {
			s.High = at
		}
		if err := j.db.Update(s.put); err != nil {
			return err
		}
		j.state.Store(&s)
		j.clock.raise(at)
		return nil
	})
	if err != nil {
		return fmt.Errorf("recording a receipt up to %d: %w", p.Number, err)
	}
	return nil
}

// Receipt returns the bytes of the latest receipt, nil if there is none.
func (j *Journal) Receipt() []byte { return j.state.Load().Receipt }

// Witness raises the time that the journal never runs behind to one that was
// signed by someone trusted.
func (j *Journal) Witness(ctx context.Context, signed time.Time) error {
	return j.do(ctx, func() error {
		s := *j.state.Load()
		if !signed.After(s.High) {
			return nil
		}
		s.High = time.UnixMilli(signed.UnixMilli()).UTC()
		if err := j.db.Update(s.put); err != nil {
			return fmt.Errorf("recording a signed time: %w", err)
		}
		j.state.Store(&s)
		j.clock.raise(signed)
		return nil
	})
}

// purgeStep is how many entries are purged in one transaction: appends wait no
// longer than for one.
const purgeStep = 2048

// Purge deletes the entries that a receipt covers and that are older than
// before, and returns how many.
func (j *Journal) Purge(ctx context.Context, before time.Time) (purged int, err error) {
	for {
		var n int
		err := j.do(ctx, func() (err error) {
			n, err = j.purge(before)
			return err
		})
		purged += n
		if err != nil {
			return purged, fmt.Errorf("purging the journal: %w", err)
		}
		if n < purgeStep {
			return purged, nil
		}
	}
}

func (j *Journal) purge(before time.Time) (n int, err error) {
	s := *j.state.Load()
	err = j.db.Update(func(tx *bbolt.Tx) error {
		entries, hashes := tx.Bucket(bucketEntries), tx.Bucket(bucketHashes)
		n = 0
		for ; n < purgeStep && s.Base.Number < s.Covered.Number; n++ {
			k := key(s.Base.Number + 1)
			e, err := decodeStored(s.Base, entries.Get(k))
			if err != nil {
				return err
			}
			if !e.Time.Before(before) {
				break
			}
			s.Base = Position{Number: e.Number, Hash: e.Hash()}
			if err := entries.Delete(k); err != nil {
				return err
			}
			if e.Number%stride == 0 {
				if err := hashes.Delete(k); err != nil {
					return err
				}
			}
		}
		return s.put(tx)
	})
	if err != nil {
		return 0, err
	}
	j.state.Store(&s)
	return n, nil
}
