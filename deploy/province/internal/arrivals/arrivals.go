// Package arrivals tells what has just arrived, to those who watch. It names no person.
//
// Watchers ask the database, each for its own area, when this instance has
// committed something and every two seconds for what others have. A transaction
// may become visible after a later one, so each question overlaps the one before.
package arrivals

import (
	"context"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
)

// Row is one record that arrived.
type Row struct {
	Journal []byte
	Number  int64
	Kiosk   string
	Area    db.Area
	Kind    int16
	Level   int16
	State   db.State
	At      db.Time // by the kiosk's clock
	Came    db.Time
}

// ID names the row within a page.
func (r Row) ID() string { return fmt.Sprintf("e%s-%d", hex.EncodeToString(r.Journal[:6]), r.Number) }

// Feed wakes watchers.
type Feed struct {
	DB    *bun.DB
	Now   func() time.Time
	Ended <-chan struct{} // closed when the server ends; watchers go home then

	mu   sync.Mutex
	wake chan struct{}
}

// Wake tells the watchers that something was committed.
func (f *Feed) Wake() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.wake != nil {
		close(f.wake)
		f.wake = nil
	}
}

func (f *Feed) woken() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.wake == nil {
		f.wake = make(chan struct{})
	}
	return f.wake
}

// Latest returns the newest records of an area that came at or after since, the
// newest first.
func (f *Feed) Latest(ctx context.Context, area db.Area, since time.Time, limit int) ([]Row, error) {
	// The newest batches first, so that the join touches few entries.
	batches := f.DB.NewSelect().Model((*db.Arrival)(nil)).Column("journal", "first", "last", "kiosk", "area", "at").
		Where("at >= ?", db.At(since)).Apply(area.Where("area")).OrderExpr("at DESC").Limit(int64(limit))
	var rows []Row
	err := f.DB.NewSelect().TableExpr("(?) AS a", batches).
		Join("JOIN entries AS e ON e.journal = a.journal AND e.number BETWEEN a.first AND a.last").
		ColumnExpr("e.journal, e.number, a.kiosk, a.area, e.kind, e.level, e.state, e.at, a.at AS came").
		Where("e.kind <> 0").OrderExpr("a.at DESC, e.number DESC").Limit(int64(limit)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("looking up what arrived: %w", err)
	}
	return rows, nil
}

const (
	overlap = 5 * time.Second
	pause   = 250 * time.Millisecond // between two questions of one watcher
	others  = 2 * time.Second
	most    = 100
)

// Watch calls show with what arrives in an area, the newest first, until the
// context ends or show fails. An empty call comes now and then, so that show
// finds out that the watcher is gone.
func (f *Feed) Watch(ctx context.Context, area db.Area, show func([]Row) error) error {
	seen := map[string]time.Time{}
	since := f.Now()
	tick := time.NewTicker(others)
	defer tick.Stop()
	for {
		woken := f.woken()
		rows, err := f.Latest(ctx, area, since.Add(-overlap), most)
		if err != nil {
			return err
		}
		fresh := rows[:0]
		for _, r := range rows {
			if _, known := seen[r.ID()]; !known {
				seen[r.ID()] = r.Came.Time
				fresh = append(fresh, r)
			}
			if r.Came.After(since) {
				since = r.Came.Time
			}
		}
		for id, came := range seen {
			if came.Before(since.Add(-2 * overlap)) {
				delete(seen, id)
			}
		}
		if err := show(fresh); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-f.Ended:
			return nil
		case <-time.After(pause):
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-f.Ended:
			return nil
		case <-woken:
		case <-tick.C:
		}
	}
}

// Figures counts the records of a day, by kind and label, in an area.
func (f *Feed) Figures(ctx context.Context, area db.Area, day db.Day) ([]db.Tally, error) {
	var rows []db.Tally
	err := f.DB.NewSelect().Model(&rows).ColumnExpr("kind, label, SUM(count) AS count").
		Where("day = ?", day).Apply(area.Where("area")).GroupExpr("kind, label").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("counting a day: %w", err)
	}
	return rows, nil
}
