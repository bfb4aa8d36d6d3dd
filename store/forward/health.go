package forward

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"time"
)

// problemError is an error that has a name.
type problemError struct {
	problem Problem
	err     error
}

func (t *problemError) Error() string { return t.err.Error() }
func (t *problemError) Unwrap() error { return t.err }

func broken(err error) error { return &problemError{Broken, err} }

func (f *Forwarder) worked() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.health.Problem, f.health.Text, f.health.Since = "", "", time.Time{}
	f.health.Spent = f.budget.spent
}

func (f *Forwarder) failed(err error, wait time.Duration) {
	p := Unreachable
	if t := (*problemError)(nil); errors.As(err, &t) {
		p = t.problem
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.health.Problem != p {
		f.o.Log.Warn("entries wait", "problem", p, "error", err, "wait", wait)
		f.health.Since = f.o.Journal.Now()
	}
	f.health.Problem, f.health.Text, f.health.Spent = p, err.Error(), f.budget.spent
}

// backoff doubles the longest wait after each failure and waits for any part of
// it, so that kiosks which lost the province together do not come back together.
type backoff struct {
	random   io.Reader
	min, max time.Duration
	failed   int
}

const (
	minWait = time.Second
	maxWait = 5 * time.Minute
)

func (b *backoff) reset() { b.failed = 0 }

// next is how long to wait after an error: what the province asks for, and a
// random part of what the number of failures allows.
func (b *backoff) next(err error) time.Duration {
	limit := b.max
	if b.failed < 9 {
		limit = min(b.min<<b.failed, b.max)
	}
	b.failed++
	var wait time.Duration
	if p := (*refusal)(nil); errors.As(err, &p) {
		wait = p.after
	}
	if o := (*overBudget)(nil); errors.As(err, &o) {
		wait = min(o.until, time.Hour)
	}
	if t := (*problemError)(nil); errors.As(err, &t) && (t.problem == Forked || t.problem == Refused) {
		limit = b.max // only people can help
	}
	return wait + part(b.random, limit)
}

// part is a random part of d.
func part(random io.Reader, d time.Duration) time.Duration {
	var b [8]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		rand.Read(b[:])
	}
	return time.Duration(binary.BigEndian.Uint64(b[:]) % uint64(d))
}
