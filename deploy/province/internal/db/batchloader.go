package db

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"
)

// BatchLoader looks rows up by their keys and coalesces concurrent look-ups into
// one query: when all kiosks of a province reconnect at once, a query for each
// would cost the database and this program more than writing what they bring. A
// look-up that comes alone is not delayed. It is safe for concurrent use.
type BatchLoader[R any] struct {
	ask func(ctx context.Context, keys []string) ([]R, error)
	key func(*R) string

	mu    sync.Mutex
	group *group[R] // that still accepts keys, or nil
	last  time.Time // when the last group was closed
}

const (
	collectTime  = 25 * time.Millisecond // how long a query waits for more keys
	maxKeys      = 64                    // keys of one query
	queryTimeout = 10 * time.Second
)

// group is the keys of one query and, once answered is closed, its rows or its error.
type group[R any] struct {
	keys     []string
	full     chan struct{} // closed when it accepts no more keys
	answered chan struct{}
	rows     map[string]R
	err      error
}

// NewBatchLoader returns a loader of the rows that ask finds for some keys; ask
// leaves out keys without a row, and key returns the key of a row.
func NewBatchLoader[R any](key func(*R) string, ask func(ctx context.Context, keys []string) ([]R, error)) *BatchLoader[R] {
	return &BatchLoader[R]{ask: ask, key: key}
}

// Row returns the row of a key. The error is [sql.ErrNoRows] for a key without one.
func (l *BatchLoader[R]) Row(ctx context.Context, key string) (row R, err error) {
	g, first := l.join(key)
	if first {
		l.collect(g)
		l.query(context.WithoutCancel(ctx), g) // the others wait for it too
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

// join adds a key to the open group and reports whether it is the first.
func (l *BatchLoader[R]) join(key string) (g *group[R], first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if first = l.group == nil; first {
		l.group = &group[R]{full: make(chan struct{}), answered: make(chan struct{}), err: errors.New("the database was not asked")}
	}
	g = l.group
	if g.keys = append(g.keys, key); len(g.keys) == maxKeys || first && time.Since(l.last) >= collectTime {
		l.close(g)
	}
	return g, first
}

// collect returns when the group accepts no more keys.
func (l *BatchLoader[R]) collect(g *group[R]) {
	timer := time.NewTimer(collectTime)
	defer timer.Stop()
	select {
	case <-g.full:
	case <-timer.C:
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.group == g { // it was not filled meanwhile
			l.close(g)
		}
	}
}

// close closes a group to further keys. The lock is held.
func (l *BatchLoader[R]) close(g *group[R]) {
	l.group, l.last = nil, time.Now()
	close(g.full)
}

func (l *BatchLoader[R]) query(ctx context.Context, g *group[R]) {
	ctx, stop := context.WithTimeout(ctx, queryTimeout)
	defer stop()
	defer close(g.answered)
	rows, err := l.ask(ctx, g.keys)
	g.err = err
	g.rows = make(map[string]R, len(rows))
	for i := range rows {
		g.rows[l.key(&rows[i])] = rows[i]
	}
}
