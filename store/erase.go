package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// Erase erases the payloads of entries, leaving their digests, and appends the
// proof, all at once. Entries that are no longer kept, or were erased before, are
// passed over; one that no receipt covers is an error, because only the kiosk holds it.
// The file is then rewritten, so that not even the sealed bytes remain in it.
//
// The same erasure with the same proof is done once: repeated, it changes nothing.
func (j *Journal) Erase(ctx context.Context, journal ID, numbers []uint64, kind uint8, at time.Time, proof []byte) error {
	j.upkeep.Lock()
	defer j.upkeep.Unlock()
	digest := hashOf([]any{journal[:], numbers, kind, proof})
	mark := digest[:checkLen]
	if slices.ContainsFunc(j.state.Load().Erased, func(o []byte) bool { return bytes.Equal(o, mark) }) {
		return nil
	}
	err := j.locked(ctx, func() error { return j.checkAndRepair(leaves) })
	if err != nil {
		return fmt.Errorf("erasing entries: %w", err)
	}
	err = j.locked(ctx, func() error {
		return j.update(func(w *writer) (err error) {
			if err := w.erase(journal, numbers); err != nil {
				return err
			}
			w.s.Erased = append(w.s.Erased, mark)
			w.s.Erased = w.s.Erased[max(0, len(w.s.Erased)-maxErased):]
			_, err = w.seal(kind, at, compress(proof))
			return err
		})
	})
	if err == nil {
		err = j.compact(ctx)
	}
	if err != nil {
		return fmt.Errorf("erasing entries: %w", err)
	}
	return nil
}

// maxErased is how many erasures are remembered as done.
const maxErased = 32

func (w *writer) erase(journal ID, numbers []uint64) error {
	c, err := w.s.chain(journal)
	if err == nil {
		err = w.moveTail()
	}
	if err != nil {
		return err
	}
	for _, number := range numbers {
		if number > c.Covered.Number {
			return fmt.Errorf("entry %d: no receipt covers it", number)
		}
		if number <= c.Base.Number || c.lost(number, number) {
			continue
		}
		k, entries, err := c.chunkOf(w.tx, number)
		if err != nil {
			return err
		}
		e := &entries[number-entries[0].Number]
		if e.Kind == KindSegment {
			return fmt.Errorf("entry %d: it begins a segment and holds no person's data", number)
		}
		e.Sealed = nil
		if err := w.tx.Bucket(bucketEntries).Put(k, pack(entries)); err != nil {
			return err
		}
	}
	return nil
}

// chunkOf reads the chunk that an entry is in.
func (c *Chain) chunkOf(tx *bbolt.Tx, number uint64) (k []byte, entries []Entry, err error) {
	cursor := tx.Bucket(bucketEntries).Cursor()
	k, v := cursor.Seek(c.key(number))
	if string(k) != string(c.key(number)) {
		if k == nil {
			k, v = cursor.Last()
		} else {
			k, v = cursor.Prev()
		}
	}
	if len(k) == keySize {
		if place, first := splitKey(k); place == c.place {
			entries, err = chunk(v).unpackDamaged(first)
			if err != nil || entries[len(entries)-1].Number >= number {
				return slices.Clone(k), entries, err
			}
		}
	}
	return nil, nil, fmt.Errorf("%w: entry %d is missing", errDamaged, number)
}
