package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// errDamaged means that the file does not hold what was written to it.
var errDamaged = errors.New("the journal is damaged")

// decodeStored reads an entry at its place in the chain.
func decodeStored(at Position, value []byte) (Entry, error) {
	var w stored
	var err error
	if len(value) > 0 && value[0] == erasedMark {
		var e storedErased
		err = strict.Unmarshal(value, &e)
		w = stored{Time: e.Time, Kind: e.Kind}
		if err == nil && len(e.Digest) != sha256.Size {
			err = errors.New("the digest has the wrong size")
		}
		w.Sealed = e.Digest
	} else if err = strict.Unmarshal(value, &w); err == nil && w.Sealed == nil {
		err = errors.New("there is no payload")
	}
	if err != nil {
		return Entry{}, fmt.Errorf("%w: entry %d: %w", errDamaged, at.Number+1, err)
	}
	e := Entry{Number: at.Number + 1, Time: time.UnixMilli(w.Time).UTC(), Kind: w.Kind, Prev: at.Hash}
	if value[0] == erasedMark {
		e.Digest = Hash(w.Sealed)
	} else {
		e.Sealed, e.Digest = w.Sealed, sha256.Sum256(w.Sealed)
	}
	return e, nil
}

// walk reads the entries after at, checking each hash that is kept, until yield
// returns false. Once yield has done so it reads on, for checking alone, up to
// the next hash.
func walk(tx *bbolt.Tx, s *state, at Position, yield func(Entry) bool) error {
	cursor := tx.Bucket(bucketEntries).Cursor()
	hashes := tx.Bucket(bucketHashes)
	wanted := true
	for k, v := cursor.Seek(key(at.Number + 1)); at.Number < s.Head.Number; k, v = cursor.Next() {
		if string(k) != string(key(at.Number+1)) {
			return fmt.Errorf("%w: entry %d is missing", errDamaged, at.Number+1)
		}
		e, err := decodeStored(at, v)
		if err != nil {
			return err
		}
		if wanted {
			wanted = yield(e)
		}
		at = Position{Number: e.Number, Hash: e.Hash()}
		known := at.Number == s.Head.Number
		sum := s.Head.Hash[:]
		if !known && at.Number%stride == 0 {
			known, sum = true, hashes.Get(key(at.Number))
		}
		if known && string(sum) != string(at.Hash[:]) {
			return fmt.Errorf("%w: the chain up to entry %d is broken", errDamaged, at.Number)
		}
		if known && !wanted {
			return nil
		}
	}
	return nil
}

// nearest is the last position at or before number whose hash is kept.
func nearest(tx *bbolt.Tx, s *state, number uint64) (Position, error) {
	for _, p := range []Position{s.Head, s.Covered} {
		if p.Number == number {
			return p, nil
		}
	}
	n := number - number%stride
	if n <= s.Base.Number {
		return s.Base, nil
	}
	sum := tx.Bucket(bucketHashes).Get(key(n))
	if len(sum) != sha256.Size {
		return Position{}, fmt.Errorf("%w: the hash of entry %d is missing", errDamaged, n)
	}
	return Position{Number: n, Hash: Hash(sum)}, nil
}

// checkTail reads the entries since the last hash that is kept.
func checkTail(db *bbolt.DB, s *state) error {
	return db.View(func(tx *bbolt.Tx) error {
		if s.Head.Number == s.Base.Number {
			return nil
		}
		at, err := nearest(tx, s, s.Head.Number-1)
		if err != nil {
			return err
		}
		return walk(tx, s, at, func(Entry) bool { return true })
	})
}

// Batch returns the entries from a number on whose sealed payloads fit into
// maxBytes, at least one; none where there is no such entry yet. It wraps
// [ErrPurged] where they are no longer kept.
func (j *Journal) Batch(ctx context.Context, from uint64, maxBytes int) (entries []Entry, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = j.view(func(tx *bbolt.Tx) error {
		s, err := stateOf(tx)
		if err != nil {
			return err
		}
		switch {
		case from > s.Head.Number:
			return nil
		case from <= s.Base.Number:
			return fmt.Errorf("%w: entry %d and those before %d", ErrPurged, from, s.Base.Number+1)
		}
		at, err := nearest(tx, s, from-1)
		if err != nil {
			return err
		}
		size := 0
		return walk(tx, s, at, func(e Entry) bool {
			if e.Number < from {
				return true
			}
			size += max(len(e.Sealed), sha256.Size)
			if len(entries) > 0 && size > maxBytes {
				return false
			}
			entries = append(entries, e)
			return true
		})
	})
	if err != nil {
		return nil, fmt.Errorf("reading the journal from entry %d: %w", from, err)
	}
	return entries, nil
}

// stateOf is the state as the transaction sees it.
func stateOf(tx *bbolt.Tx) (*state, error) { return decodeState(tx.Bucket(bucketMeta).Get(keyState)) }

// hashAt returns the hash of an entry that is kept, or of the base.
func hashAt(tx *bbolt.Tx, s *state, number uint64) (Hash, error) {
	switch {
	case number < s.Base.Number:
		return Hash{}, fmt.Errorf("%w: entry %d", ErrPurged, number)
	case number > s.Head.Number:
		return Hash{}, fmt.Errorf("%w: entry %d of %d", ErrAhead, number, s.Head.Number)
	}
	at, err := nearest(tx, s, number)
	if err != nil || at.Number == number {
		return at.Hash, err
	}
	err = walk(tx, s, at, func(e Entry) bool {
		at = Position{Number: e.Number, Hash: e.Hash()}
		return e.Number < number
	})
	return at.Hash, err
}

// Status is the journal's state for people and programs.
type Status struct {
	Kiosk   string
	Journal ID
	Base    Position  // up to here everything was purged
	Covered Position  // up to here the province has signed
	Head    Position  // the last entry
	Oldest  time.Time // of the first entry that waits for a receipt; zero if none
	Free    int64     // bytes left on the disk
	Full    bool      // Append refuses
}

// Waiting is the number of entries that no receipt covers.
func (s Status) Waiting() uint64 { return s.Head.Number - s.Covered.Number }

// Status reads the journal's state.
func (j *Journal) Status() (Status, error) {
	s := j.state.Load()
	st := Status{Kiosk: s.Kiosk, Journal: s.Journal, Base: s.Base, Covered: s.Covered, Head: s.Head}
	if s.Head.Number > s.Covered.Number {
		err := j.view(func(tx *bbolt.Tx) error {
			e, err := decodeStored(s.Covered, tx.Bucket(bucketEntries).Get(key(s.Covered.Number+1)))
			st.Oldest = e.Time
			return err
		})
		if err != nil {
			return st, fmt.Errorf("reading the journal's state: %w", err)
		}
	}
	free, err := j.o.Free(j.path)
	if err != nil {
		return st, err
	}
	st.Free, st.Full = free, free < j.o.Reserve
	return st, nil
}

// Now is the time that the kiosk goes by: never behind the highest time that
// the journal has seen, whatever the wall clock says.
func (j *Journal) Now() time.Time { return j.clock.now() }
