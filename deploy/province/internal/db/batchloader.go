package db

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"
)

// Together looks rows up by their keys, those that are wanted at about the same
// time by one query: when a whole province comes back at once, asking for each
// kiosk's row alone would cost the database and this program more than writing
// what the kiosk brings. Who asks after a pause is not kept waiting. It is safe
// for concurrent use.
type Together[R any] struct {
	ask func(ctx context.Context, keys []string) ([]R, error)
	key func(*R) string

	mu    sync.Mutex
	group *group[R] // that still takes keys, nil for none
	last  time.Time // when one was asked
}

// How long a query waits for more keys, how many it takes, and how long it may
// take.
const (
	gathering  = 25 * time.Millisecond
	mostKeys   = 64
	answerTime = 10 * time.Second
)

// group is some keys and, when answered is closed, their rows or why there are none.
type group[R any] struct {
	keys     []string
	full     chan struct{} // closed when it takes no more
	answered chan struct{}
	rows     map[string]R
	err      error
}

// NewTogether makes look-ups of what ask finds for some keys. A key without a row
// is left out of what it returns.
func NewTogether[R any](key func(*R) string, ask func(ctx context.Context, keys []string) ([]R, error)) *Together[R] {
	return &Together[R]{ask: ask, key: key}
}

// Row returns the row of a key, and [sql.ErrNoRows] where there is none.
func (t *Together[R]) Row(ctx context.Context, key string) (row R, err error) {
	g, first := t.join(key)
	if first {
		t.gather(g)
		t.answer(context.WithoutCancel(ctx), g) // for all, though it may have left itself
	} else {
		select {
		case <-g.answered:
		case <-ctx.Done():
			return row, ctx.Err()
		}
	}
	if g.err != nil {
		return row, g.err
	}
	row, ok := g.rows[key]
	if !ok {
		return row, sql.ErrNoRows
	}
	return row, nil
}

// join adds a key to the group that takes keys, and says whether it is the first.
func (t *Together[R]) join(key string) (g *group[R], first bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if first = t.group == nil; first {
		t.group = &group[R]{full: make(chan struct{}), answered: make(chan struct{}), err: errors.New("the database was not asked")}
	}
	g = t.group
	if g.keys = append(g.keys, key); len(g.keys) == mostKeys || first && time.Since(t.last) >= gathering {
		t.close(g)
	}
	return g, first
}

// gather returns when the group takes no more keys.
func (t *Together[R]) gather(g *group[R]) {
	timer := time.NewTimer(gathering)
	defer timer.Stop()
	select {
	case <-g.full:
	case <-timer.C:
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.group == g { // it was not filled meanwhile
			t.close(g)
		}
	}
}

// close ends the gathering of a group. The lock is held.
func (t *Together[R]) close(g *group[R]) {
	t.group, t.last = nil, time.Now()
	close(g.full)
}

func (t *Together[R]) answer(ctx context.Context, g *group[R]) {
	ctx, stop := context.WithTimeout(ctx, answerTime)
	defer stop()
	defer close(g.answered)
	rows, err := t.ask(ctx, g.keys)
	g.err = err
	g.rows = make(map[string]R, len(rows))
	for i := range rows {
		g.rows[t.key(&rows[i])] = rows[i]
	}
}
