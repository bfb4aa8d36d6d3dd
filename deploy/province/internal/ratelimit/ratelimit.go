// Package ratelimit counts attempts in the database, so that all instances of the
// server count together and a restart forgets nothing.
//
// An attempt is counted before it is answered: of many at the same time, exactly
// the limit get through. One that turns out to be legitimate is given back.
package ratelimit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
)

// Limit is how many attempts a subject has within a time that begins with the
// first of them.
type Limit struct {
	Most   int64
	Within time.Duration
}

// Longest is the longest time that a limit may have: older counts are deleted.
const Longest = 24 * time.Hour

// Limiter counts attempts by subjects. It is safe for concurrent use.
type Limiter struct {
	DB  *bun.DB
	Now func() time.Time

	mu   sync.Mutex
	full map[string]time.Time // subjects without attempts left, and until when
}

// maxFull bounds how many subjects are remembered without asking the database.
const maxFull = 10_000

// Take counts an attempt of a subject and says whether it is within the limit.
// One beyond it writes nothing.
func (l *Limiter) Take(ctx context.Context, subject string, limit Limit) (bool, error) {
	now := l.Now()
	if l.isFull(subject, now) {
		return false, nil
	}
	var row struct {
		Began db.Time
		Count int64
	}
	since := db.At(now.Add(-limit.Within))
	// A row beyond the limit is left as it is, and is not returned.
	err := l.DB.NewRaw("INSERT INTO tries (subject, began, count) VALUES (?, ?, 1) ON CONFLICT (subject) DO UPDATE SET "+
		"count = CASE WHEN tries.began <= ? THEN 1 ELSE tries.count + 1 END, "+
		"began = CASE WHEN tries.began <= ? THEN EXCLUDED.began ELSE tries.began END "+
		"WHERE tries.began <= ? OR tries.count < ? RETURNING began, count",
		subject, db.At(now), since, since, since, limit.Most).Scan(ctx, &row.Began, &row.Count)
	if errors.Is(err, sql.ErrNoRows) {
		return false, l.remember(ctx, subject, limit)
	}
	if err != nil {
		return false, fmt.Errorf("counting an attempt: %w", err)
	}
	return true, nil
}

func (l *Limiter) isFull(subject string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	until, known := l.full[subject]
	if known && !now.Before(until) {
		delete(l.full, subject)
	}
	return known && now.Before(until)
}

// remember notes until when a subject has no attempts left.
func (l *Limiter) remember(ctx context.Context, subject string, limit Limit) error {
	var began db.Time
	err := l.DB.NewRaw("SELECT began FROM tries WHERE subject = ?", subject).Scan(ctx, &began)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return fmt.Errorf("reading the count of attempts: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full == nil || len(l.full) >= maxFull {
		l.full = map[string]time.Time{}
	}
	l.full[subject] = began.Add(limit.Within)
	return nil
}

// Return gives an attempt of each subject back.
func (l *Limiter) Return(ctx context.Context, subjects ...string) error {
	l.mu.Lock()
	for _, subject := range subjects {
		delete(l.full, subject)
	}
	l.mu.Unlock()
	_, err := l.DB.NewRaw("UPDATE tries SET count = count - 1 WHERE subject IN (?) AND count > 0", bun.List(subjects)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("giving back an attempt: %w", err)
	}
	return nil
}

// Reset forgets the counts of subjects.
func (l *Limiter) Reset(ctx context.Context, subjects ...string) error {
	l.mu.Lock()
	for _, subject := range subjects {
		delete(l.full, subject)
	}
	l.mu.Unlock()
	if _, err := l.DB.NewRaw("DELETE FROM tries WHERE subject IN (?)", bun.List(subjects)).Exec(ctx); err != nil {
		return fmt.Errorf("forgetting attempts: %w", err)
	}
	return nil
}

// Sweep deletes counts whose time is over.
func (l *Limiter) Sweep(ctx context.Context) error {
	_, err := l.DB.NewRaw("DELETE FROM tries WHERE began < ?", db.At(l.Now().Add(-Longest))).Exec(ctx)
	if err != nil {
		return fmt.Errorf("deleting old counts of attempts: %w", err)
	}
	return nil
}
