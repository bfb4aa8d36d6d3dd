package store

import (
	"context"
	"errors"
	"fmt"
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

// Append writes an entry and returns when it is durable. The time is the event's,
// and the entry bears it to the millisecond, whatever it is: numbers order entries.
// Only where callers append at once, and one comes up to 30 seconds late, the entry
// bears the time of the one before it.
//
// When ctx ends first, the entry may or may not be written. Errors wrap
// [ErrFull], [ErrTooLarge] or [ErrClosed] where they apply, then it is not, and
// [ErrDisk] where the disk is at fault, then the entry must not count as written.
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

// wait returns when the append is written. The first to get the write lock writes
// for all that wait: one append alone needs no other goroutine, and many share a
// sync (group commit).
func (j *Journal) wait(a *appending) error {
	for {
		select {
		case err := <-a.err:
			return err
		case <-a.ctx.Done():
			return a.ctx.Err()
		case j.writeLock <- struct{}{}:
			j.lockedAt.Store(int64(j.o.Uptime()) + 1)
		}
		select {
		case err := <-a.err:
			j.unlock()
			return err
		default:
		}
		j.commit(j.queue.take())
		j.unlock()
	}
}

// queue holds the appends that wait for the write lock.
type queue struct {
	mu      sync.Mutex
	waiting []*appending
	closed  bool
	want    int           // how many the holder of the write lock waits for; 0 if it does not wait
	full    chan struct{} // that many are there

	// The last group's size and how long it took to write: what to expect of
	// the next one. They are guarded by the write lock.
	lastSize     int
	lastDuration time.Duration
}

// maxGroup is how many appends can share a sync.
const maxGroup = 512

func newQueue() *queue { return &queue{full: make(chan struct{}, 1)} }

func (q *queue) add(a *appending) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	q.waiting = append(q.waiting, a)
	if q.want > 0 && len(q.waiting) >= q.want {
		q.want = 0
		q.full <- struct{}{}
	}
	return nil
}

// close lets no more appends in and reports whether some wait.
func (q *queue) close() (some bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	return len(q.waiting) > 0
}

// gather waits until as many appends are there as shared the last sync, for half
// of what it took at most: callers that it has just released are about to append
// again. One appender alone never waits.
func (q *queue) gather() {
	q.mu.Lock()
	if q.closed || len(q.waiting) >= q.lastSize {
		q.mu.Unlock()
		return
	}
	q.want = q.lastSize
	q.mu.Unlock()
	timer := time.NewTimer(q.lastDuration / 2)
	defer timer.Stop()
	select {
	case <-q.full:
		return
	case <-timer.C:
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.want == 0 {
		<-q.full // it came in the meantime
	}
	q.want = 0
}

// take returns the group to write next.
func (q *queue) take() []*appending {
	q.gather()
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
	j.queue.lastSize, j.queue.lastDuration = len(waiting), time.Since(start)
	for _, a := range waiting {
		a.err <- err
	}
}

func (j *Journal) write(group []*appending) error {
	if err := j.room(); err != nil {
		return err
	}
	return j.update(func(w *writer) (err error) {
		for _, a := range group {
			if a.entry, err = w.seal(a.kind, a.at, a.packed); err != nil {
				return err
			}
		}
		return nil
	})
}
