package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"
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
	incidents := j.clock.check()
	err := j.update(func(w *writer) (err error) {
		for _, i := range incidents {
			if err := w.note(i); err != nil {
				return err
			}
		}
		for _, a := range group {
			if a.entry, err = w.seal(a.kind, a.at, a.packed); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		j.clock.raise(group[len(group)-1].entry.Time)
	}
	return err
}
