package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"chot/deploy/province/internal/db"
	"chot/kiosk/record"
)

// errMoved means that the journal is no longer where the batch was prepared for.
var errMoved = errors.New("the journal has moved")

// What one transaction takes at most.
const (
	maxBatches = 64
	maxRows    = 16384
)

// committer writes batches. Those that wait while a transaction runs share the
// next one: a commit's cost, a sync to disk or a round trip to the replica, is
// paid once for all.
type committer struct {
	in      *Intake
	queue   chan *waiting
	writers sync.WaitGroup
}

type waiting struct {
	ctx     context.Context
	pending *pending
	done    chan error // buffered: the writer does not wait for a caller that gave up
}

func newCommitter(in *Intake) *committer {
	c := &committer{in: in, queue: make(chan *waiting, maxBatches)}
	writers := 1 // SQLite has one writer at a time
	if db.Postgres(in.DB) {
		writers = 2
	}
	for range writers {
		c.writers.Go(c.run)
	}
	return c
}

func (c *committer) close() {
	close(c.queue)
	c.writers.Wait()
}

// commit waits until the batch is durable.
func (in *Intake) commit(ctx context.Context, d *delivery) error {
	if d.pending == nil {
		return nil
	}
	if err := in.commits.commit(ctx, d.pending); err != nil {
		return err
	}
	d.journal = d.pending.after
	return nil
}

// commit returns when the batch is durable. When the context ends before, the
// batch may still be committed: the caller must not answer then.
func (c *committer) commit(ctx context.Context, t *pending) error {
	w := &waiting{ctx, t, make(chan error, 1)}
	select {
	case c.queue <- w:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *committer) run() {
	for first := range c.queue {
		group, rows := []*waiting{first}, len(first.pending.entries)
	gather:
		for len(group) < maxBatches && rows < maxRows {
			select {
			case w, open := <-c.queue:
				if !open {
					break gather
				}
				group, rows = append(group, w), rows+len(w.pending.entries)
			default:
				break gather
			}
		}
		c.write(group)
	}
}

// write commits a group. When that fails each batch is committed alone, so that
// one does not fail for another's fault; and a batch with a record that cannot be
// stored is committed with that record marked.
func (c *committer) write(group []*waiting) {
	// One order for all writers: no two wait for each other's rows.
	slices.SortFunc(group, func(a, b *waiting) int {
		return cmp.Or(cmp.Compare(a.pending.kiosk.ID, b.pending.kiosk.ID), slices.Compare(a.pending.before.ID, b.pending.before.ID),
			cmp.Compare(a.pending.before.Number, b.pending.before.Number))
	})
	moved, err := c.transact(group, false)
	if err != nil && len(group) > 1 {
		for _, w := range group {
			c.write([]*waiting{w})
		}
		return
	}
	if unstorable(err) {
		moved, err = c.transact(group, true)
	}
	for i, w := range group {
		switch {
		case err != nil:
			w.done <- err
		case moved[i]:
			w.done <- errMoved
		default:
			w.done <- nil
		}
	}
	if err == nil {
		c.in.Committed()
	}
}

// transact commits a group in one transaction and says which of it came too late.
// Careful, it projects record by record, see [Intake.project].
func (c *committer) transact(group []*waiting, careful bool) ([]bool, error) {
	ctx := context.Background() // a client that disconnects must not fail the others
	if len(group) == 1 {
		ctx = group[0].ctx
	}
	moved := make([]bool, len(group))
	err := db.Transact(ctx, c.in.DB, func(ctx context.Context, tx db.Writer) error {
		advanced, err := advance(ctx, tx.Tx, group)
		if err != nil {
			return err
		}
		var taken []*pending
		for i, w := range group {
			ok := advanced[w.pending]
			if moved[i] = !ok; ok {
				taken = append(taken, w.pending)
			}
		}
		if len(taken) == 0 {
			return nil
		}
		return c.in.insert(ctx, tx, taken, careful)
	})
	if err != nil {
		return nil, fmt.Errorf("committing %d batches: %w", len(group), err)
	}
	return moved, nil
}

// insert writes what the batches hold.
func (in *Intake) insert(ctx context.Context, tx db.Writer, taken []*pending, careful bool) error {
	if err := in.dropErased(ctx, tx.Tx, taken); err != nil {
		return err
	}
	var entries [][]db.Entry
	var arrivals []db.Arrival
	var lookups [][]db.Lookup
	var tallies []db.Tally
	projected := map[record.Kind][]Taken{}
	for _, t := range taken {
		entries = append(entries, t.entries)
		arrivals = append(arrivals, t.arrival)
		lookups = append(lookups, t.lookups)
		for key, n := range t.tallies {
			tallies = append(tallies, db.Tally{
				Day: key.day, Kiosk: t.kiosk.ID, Area: t.kiosk.Area, Kind: key.kind, Label: key.label.Value(), Count: n,
			})
		}
		for kind, rows := range t.projected {
			projected[kind] = append(projected[kind], rows...)
		}
	}
	if err := recordContact(ctx, tx.Tx, taken); err != nil {
		return err
	}
	if err := in.project(ctx, tx, projected, careful); err != nil { // first: it may mark entries
		return err
	}
	if err := db.Copy(ctx, tx, entries...); err != nil {
		return err
	}
	if err := db.Copy(ctx, tx, arrivals); err != nil {
		return err
	}
	if err := db.Copy(ctx, tx, lookups...); err != nil {
		return err
	}
	return count(ctx, tx, tallies)
}

// count adds to the tallies. All writers take them in one order.
func count(ctx context.Context, tx db.Writer, tallies []db.Tally) error {
	slices.SortFunc(tallies, func(a, b db.Tally) int {
		return cmp.Or(cmp.Compare(a.Kiosk, b.Kiosk), cmp.Compare(a.Area, b.Area), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Label, b.Label))
	})
	rows := tallies[:0]
	for _, t := range tallies {
		if n := len(rows); n > 0 && t.Same(rows[n-1]) {
			rows[n-1].Count += t.Count
		} else {
			rows = append(rows, t)
		}
	}
	return db.Count(ctx, tx, rows)
}
