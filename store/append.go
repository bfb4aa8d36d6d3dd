package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"
)

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
	err := j.queue.add(a)
	if err == nil {
		err = j.wait(a)
	}
	if err != nil {
		return Entry{}, fmt.Errorf("appending to the journal: %w", err)
	}
	return a.entry, nil
}

// wait returns when the append is written. Whoever gets the turn first writes for
// all who wait: one append alone needs no other goroutine, and many share a sync.
func (j *Journal) wait(a *appending) error {
	for {
		select {
		case err := <-a.err:
			return err
		case <-a.ctx.Done():
			return a.ctx.Err()
		case j.turn <- struct{}{}:
		}
		select {
		case err := <-a.err:
			<-j.turn
			return err
		default:
		}
		j.commit(j.queue.take())
		<-j.turn
	}
}

// queue holds the appends that wait for a turn.
type queue struct {
	mu      sync.Mutex
	waiting []*appending
	closed  bool

	// The last group's size and how long it took to write: what to expect of
	// the next one. They belong to whoever has the turn.
	lately int
	took   time.Duration
}

// maxGroup is the most appends that share a sync.
const maxGroup = 512

func (q *queue) add(a *appending) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	q.waiting = append(q.waiting, a)
	return nil
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}

// take returns the group to write next. Callers whom the last sync has just
// released are about to append again: take yields to them until as many wait as
// shared it, for a quarter of what it took at most. One appender alone never
// waits.
func (q *queue) take() []*appending {
	const mostYields = 1000
	start := time.Now()
	for yields := 0; yields < mostYields && q.len() < q.lately && time.Since(start) < q.took/4; yields++ {
		runtime.Gosched()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.waiting), maxGroup)
	group := q.waiting[:n:n]
	q.waiting = slices.Clone(q.waiting[n:])
	return group
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
	start := time.Now()
	err := j.write(waiting)
	j.queue.lately, j.queue.took = len(waiting), time.Since(start)
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
