package store

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// tail is the last chunk of the chain that grows. It stands beside the state, in
// the root page, which each commit writes in any case: an append changes that page
// and the list of free pages, and no leaf or branch of the entries.
type tail struct {
	first uint64
	value chunk
	time  time.Time // of its last entry
}

// writer is a transaction that changes the journal.
type writer struct {
	j    *Journal
	tx   *bbolt.Tx
	s    *state // as it will be
	tail *tail  // as it will be; nil until it has been read
	// tailChanged says that the tail is yet to be written: once for all the entries
	// of a group that it takes.
	tailChanged bool
}

// update runs a transaction and returns when it is durable. A file that proves to
// be damaged is repaired, and f is called again. The caller holds the write lock.
func (j *Journal) update(f func(*writer) error) error {
	if err := j.restore(); err != nil {
		return err
	}
	if err := j.syncName(); err != nil {
		return diskError(err)
	}
	if j.syncFailed {
		if err := j.rewriteAll(); err != nil {
			return diskError(err)
		}
	}
	j.incidents = append(j.incidents, j.clock.check()...)
	work := func(w *writer) error {
		if err := w.observeClock(); err != nil {
			return err
		}
		return f(w)
	}
	err := j.tryUpdate(work)
	if errors.Is(err, errDamaged) {
		j.handleLost = true
		if err := j.repair(err); err != nil {
			return diskError(err)
		}
		err = j.tryUpdate(work)
	}
	if err == nil {
		j.incidents = nil
		j.clock.adopt(j.state.Load().clock)
	}
	return err
}

// observeClock records what happened to the system's clock since the last commit.
func (w *writer) observeClock() error {
	c := &w.s.clock
	c.seen = w.j.o.Clock()
	for _, i := range w.j.incidents {
		c.jumped = c.jumped || i.What == ClockJump
		if err := w.note(i); err != nil {
			return err
		}
	}
	if w.j.o.Quality == nil {
		return nil
	}
	q := w.j.o.Quality()
	if c.qualityKnown && c.synchronised == q.Synchronised {
		return nil
	}
	now := w.j.clock.look().Now
	c.qualityKnown, c.synchronised, c.qualitySince = true, q.Synchronised, now
	return w.note(Incident{What: ClockSource, Time: now, Synchronised: q.Synchronised, MaxError: q.MaxError})
}

func (j *Journal) tryUpdate(f func(*writer) error) error {
	w := &writer{j: j, s: j.state.Load().clone(), tail: j.tail}
	committing := false
	err := guard(func() error {
		return j.db.Update(func(tx *bbolt.Tx) error {
			w.tx = tx
			if err := j.preallocate(tx.Size()); err != nil {
				return diskError(err)
			}
			tx.Bucket(bucketEntries).FillPercent = 1 // keys only grow: full pages never split again
			if err := f(w); err != nil {
				return err
			}
			if err := w.flush(); err != nil {
				return err
			}
			committing = true
			return w.s.put(tx)
		})
	})
	if err != nil {
		// The segment's key must not seal anything else under the numbers that
		// it may have used. A sync that failed may have dropped pages that a
		// later one will not write again.
		if w.s.live().Head != j.state.Load().live().Head {
			j.sealer = nil
		}
		j.tail = nil
		j.syncFailed = j.syncFailed || committing
		if committing {
			err = diskError(fmt.Errorf("writing the journal: %w", err))
		}
		return err
	}
	j.tail = w.tail
	j.state.Store(w.s)
	return nil
}

// note appends an incident.
func (w *writer) note(i Incident) error {
	kind, payload := w.j.o.Incident(i)
	_, err := w.seal(kind, i.Time, compress(payload))
	return err
}

// seal appends an entry, and before it that of a new segment where none is open.
func (w *writer) seal(kind uint8, at time.Time, packed []byte) (Entry, error) {
	c := w.s.live()
	if s := w.j.sealer; s == nil || s.journal != c.Journal {
		s, err := newSealer(w.j.o.SealKey, w.s.Kiosk, c.Journal)
		if err != nil {
			return Entry{}, err
		}
		if _, err := w.append(KindSegment, w.entryTime(at), s.payload); err != nil {
			return Entry{}, err
		}
		w.j.sealer = s
	}
	at = w.entryTime(at)
	return w.append(kind, at, w.j.sealer.seal(nil, c.Head.Number+1, at, kind, packed))
}

// entryTime is the time that the next entry bears: the event's, to the
// millisecond. Callers that append at once may come out of order: where one is
// late by no more than a clock may stray, its entry bears the time of the last.
func (w *writer) entryTime(at time.Time) time.Time {
	at = time.UnixMilli(min(max(at.UnixMilli(), 0), maxMilli)).UTC()
	if late := w.s.High.Sub(at); late > 0 && late <= jumpTolerance {
		return w.s.High
	}
	return at
}

// append writes the next entry of the chain that grows.
func (w *writer) append(kind uint8, at time.Time, sealed []byte) (Entry, error) {
	c := w.s.live()
	e := Entry{
		Number: c.Head.Number + 1, Time: at, Kind: kind,
		Prev: c.Head.Hash, Digest: sha256.Sum256(sealed), Sealed: sealed,
	}
	t, err := w.lastChunk()
	if err != nil {
		return Entry{}, err
	}
	// In a chunk, as in a batch, times never decrease: where the clock was set
	// back a new one begins.
	var grown chunk
	if t != nil && !at.Before(t.time) {
		grown = t.value.appendEntry(t.time, e)
	}
	if grown == nil || len(grown) > chunkSize {
		if err := w.moveTail(); err != nil {
			return Entry{}, err
		}
		t = &tail{first: e.Number}
		grown = newChunk(e.Prev, at).appendEntry(at, e)
	}
	w.tail, w.tailChanged = &tail{first: t.first, value: grown, time: at}, true
	w.s.High = at
	c.Head = Position{Number: e.Number, Hash: e.Hash()}
	return e, nil
}

// flush writes the tail where it has grown.
func (w *writer) flush() error {
	if !w.tailChanged {
		return nil
	}
	w.tailChanged = false
	return w.tx.Bucket(bucketMeta).Put(w.s.live().key(w.tail.first), w.tail.value)
}

// moveTail moves the tail, if there is one, to the other chunks: it is full, or
// they are about to be changed. The next entry begins a new one.
func (w *writer) moveTail() error {
	t, err := w.lastChunk()
	if t == nil || err != nil {
		return err
	}
	key := w.s.live().key(t.first)
	w.tail, w.tailChanged = nil, false
	if err := w.tx.Bucket(bucketMeta).Delete(key); err != nil {
		return err
	}
	return w.tx.Bucket(bucketEntries).Put(key, t.value)
}

// lastChunk returns the tail, which it reads where that was not done yet; nil for
// a chain whose tail is empty.
func (w *writer) lastChunk() (*tail, error) {
	if w.tail != nil {
		return w.tail, nil
	}
	k, v := tailOf(w.tx)
	if k == nil {
		return nil, nil
	}
	c := w.s.live()
	place, first := splitKey(k)
	entries, err := chunk(v).unpackDamaged(first)
	if err != nil {
		return nil, err
	}
	last := entries[len(entries)-1]
	if place != c.place || (Position{Number: last.Number, Hash: last.Hash()}) != c.Head {
		return nil, fmt.Errorf("%w: its last entry is not the one that was written", errDamaged)
	}
	w.tail = &tail{first: first, value: append(make(chunk, 0, chunkSize), v...), time: last.Time}
	return w.tail, nil
}
