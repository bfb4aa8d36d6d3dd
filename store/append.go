package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime"
	"time"

	"go.etcd.io/bbolt"
)

// maxGroup is the most appends that share a sync.
const maxGroup = 512

// appending is an append that waits.
type appending struct {
	ctx    context.Context
	kind   uint8
	at     time.Time
	packed []byte
	entry  Entry
	err    chan error
}

// Append writes an entry and returns when it is durable. The time is the event's;
// the entry bears it to the millisecond, or the time of the entry before it where
// that is later.
//
// When ctx ends first, the entry may or may not be written. Errors wrap
// [ErrFull], [ErrTooLarge] or [ErrClosed] where they apply: then it is not.
func (j *Journal) Append(ctx context.Context, kind uint8, at time.Time, payload []byte) (Entry, error) {
	switch {
	case kind == KindSegment:
		return Entry{}, errors.New("appending to the journal: kind 0 is the journal's own")
	case len(payload) > MaxPayload:
		return Entry{}, fmt.Errorf("appending to the journal: %w: %d bytes of %d", ErrTooLarge, len(payload), MaxPayload)
	}
	a := &appending{ctx: ctx, kind: kind, at: at, packed: compress(payload), err: make(chan error, 1)}
	select {
	case <-j.closing:
		return Entry{}, fmt.Errorf("appending to the journal: %w", ErrClosed)
	default:
	}
	select {
	case j.appends <- a:
	case <-ctx.Done():
		return Entry{}, fmt.Errorf("appending to the journal: %w", ctx.Err())
	case <-j.closing:
		return Entry{}, fmt.Errorf("appending to the journal: %w", ErrClosed)
	}
	select {
	case err := <-a.err:
		if err != nil {
			return Entry{}, fmt.Errorf("appending to the journal: %w", err)
		}
		return a.entry, nil
	case <-ctx.Done():
		return Entry{}, fmt.Errorf("appending to the journal: %w", ctx.Err())
	case <-j.closed:
		// The goroutine that writes has gone; it may have served this one last.
		select {
		case err := <-a.err:
			return a.entry, err
		default:
			return Entry{}, fmt.Errorf("appending to the journal: %w", ErrClosed)
		}
	}
}

// group gathers the appends that wait. It yields until no more arrive, so that
// callers which the last sync has just released join the next one.
func (j *Journal) group(first *appending) []*appending {
	g := []*appending{first}
	for quiet := 0; quiet < 2 && len(g) < maxGroup; {
		select {
		case a := <-j.appends:
			g, quiet = append(g, a), 0
		default:
			quiet++
			runtime.Gosched()
		}
	}
	return g
}

// commit writes a group in one transaction and tells those who wait.
func (j *Journal) commit(group []*appending) {
	waiting := group[:0]
	for _, a := range group {
		if err := a.ctx.Err(); err != nil {
			a.err <- err
			continue
		}
		waiting = append(waiting, a)
	}
	if len(waiting) == 0 {
		return
	}
	err := j.write(waiting)
	for _, a := range waiting {
		a.err <- err
	}
}

func (j *Journal) write(group []*appending) error {
	if err := j.room(); err != nil {
		return err
	}
	w, err := j.writer()
	if err != nil {
		return err
	}
	defer w.tx.Rollback()
	for _, i := range j.clock.check() {
		kind, payload := j.o.Incident(i)
		if _, err := w.seal(kind, i.Time, compress(payload)); err != nil {
			return err
		}
	}
	for _, a := range group {
		if a.entry, err = w.seal(a.kind, a.at, a.packed); err != nil {
			return err
		}
	}
	return w.commit()
}

// writer is a transaction that appends.
type writer struct {
	j  *Journal
	tx *bbolt.Tx
	s  state // after what was appended so far
}

func (j *Journal) writer() (*writer, error) {
	tx, err := j.db.Begin(true)
	if err != nil {
		return nil, err
	}
	tx.Bucket(bucketEntries).FillPercent = 1 // keys only grow: full pages never split again
	tx.Bucket(bucketHashes).FillPercent = 1
	return &writer{j: j, tx: tx, s: *j.state.Load()}, nil
}

// seal appends an entry, and before it that of a new segment where none is open.
func (w *writer) seal(kind uint8, at time.Time, packed []byte) (Entry, error) {
	if w.j.sealer == nil {
		s, err := newSealer(w.j.o.SealKey, w.s.Kiosk, w.s.Journal)
		if err != nil {
			return Entry{}, err
		}
		if _, err := w.put(KindSegment, w.follow(at), s.payload); err != nil {
			return Entry{}, err
		}
		w.j.sealer = s
	}
	at = w.follow(at)
	return w.put(kind, at, w.j.sealer.seal(nil, w.s.Head.Number+1, at, kind, packed))
}

// follow is the time to the millisecond, or that of the entry before where it is
// later.
func (w *writer) follow(at time.Time) time.Time {
	at = time.UnixMilli(at.UnixMilli()).UTC()
	if at.Before(w.s.High) {
		return w.s.High
	}
	return at
}

func (w *writer) put(kind uint8, at time.Time, sealed []byte) (Entry, error) {
	e := Entry{
		Number: w.s.Head.Number + 1, Time: at, Kind: kind,
		Prev: w.s.Head.Hash, Digest: sha256.Sum256(sealed), Sealed: sealed,
	}
	entries := w.tx.Bucket(bucketEntries)
	if err := entries.Put(key(e.Number), appendStored(nil, at, kind, sealed)); err != nil {
		return Entry{}, err
	}
	w.s.Head = Position{Number: e.Number, Hash: e.Hash()}
	w.s.High = at
	if e.Number%stride == 0 {
		if err := w.tx.Bucket(bucketHashes).Put(key(e.Number), w.s.Head.Hash[:]); err != nil {
			return Entry{}, err
		}
	}
	return e, nil
}

// commit makes what was appended durable. After an error the segment is given
// up: its key must not seal anything else under the numbers that it has used.
func (w *writer) commit() error {
	err := w.s.put(w.tx)
	if err == nil {
		err = w.tx.Commit()
	}
	if err != nil {
		w.j.sealer = nil
		return fmt.Errorf("writing the journal: %w", err)
	}
	w.j.state.Store(&w.s)
	return nil
}
