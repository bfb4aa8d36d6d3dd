package forward

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"time"
)

// trouble is an error that has a name.
type trouble struct {
	problem Problem
	err     error
}

func (t *trouble) Error() string { return t.err.Error() }
func (t *trouble) Unwrap() error { return t.err }

func broken(err error) error { return &trouble{Broken, err} }

func (f *Forwarder) worked() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.health.Problem, f.health.Text, f.health.Since = "", "", time.Time{}
	f.health.Spent = f.budget.spent
}

func (f *Forwarder) failed(err error, wait time.Duration) {
	p := Unreachable
	if t := (*trouble)(nil); errors.As(err, &t) {
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
	random      io.Reader
	least, most time.Duration
	failed      int
}

const (
	leastWait = time.Second
	mostWait  = 5 * time.Minute
)

func (b *backoff) reset() { b.failed = 0 }

// next is how long to wait after an error: what the province asks for, and a
// random part of what the number of failures allows.
func (b *backoff) next(err error) time.Duration {
	most := b.most
	if b.failed < 9 {
		most = min(b.least<<b.failed, b.most)
	}
	b.failed++
	var least time.Duration
	if p := (*problem)(nil); errors.As(err, &p) {
		least = p.after
	}
	if o := (*overBudget)(nil); errors.As(err, &o) {
		least = min(o.until, time.Hour)
	}
	if t := (*trouble)(nil); errors.As(err, &t) && (t.problem == Forked || t.problem == Refused) {
		most = b.most // only people can help
	}
	return least + part(b.random, most)
}

// part is a random part of d.
func part(random io.Reader, d time.Duration) time.Duration {
	var b [8]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		rand.Read(b[:])
	}
	return time.Duration(binary.BigEndian.Uint64(b[:]) % uint64(d))
}
