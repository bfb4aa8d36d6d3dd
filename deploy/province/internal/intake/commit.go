package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"chot/deploy/province/internal/db"
	"chot/kiosk/record"
)

// errMoved means that the journal is no longer where the batch was prepared for.
var errMoved = errors.New("the journal has moved")

// What one transaction takes at most.
const (
	maxTakings = 64
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
	ctx    context.Context
	taking *taking
	done   chan error // buffered: the writer never waits for who gave up
}

func newCommitter(in *Intake) *committer {
	c := &committer{in: in, queue: make(chan *waiting, maxTakings)}
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

// commit returns when the batch is durable. When the context ends before, the
// batch may still be committed: the caller must not answer then.
func (c *committer) commit(ctx context.Context, t *taking) error {
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
		group, rows := []*waiting{first}, len(first.taking.entries)
	gather:
		for len(group) < maxTakings && rows < maxRows {
			select {
			case w, open := <-c.queue:
				if !open {
					break gather
				}
				group, rows = append(group, w), rows+len(w.taking.entries)
			default:
				break gather
			}
		}
		c.write(group)
	}
}

// write commits a group, and where that fails each of it alone, so that none
// pays for another's fault.
func (c *committer) write(group []*waiting) {
	// One order for all writers: no two wait for each other's rows.
	slices.SortFunc(group, func(a, b *waiting) int {
		return cmp.Or(cmp.Compare(a.taking.kiosk.ID, b.taking.kiosk.ID), slices.Compare(a.taking.before.ID, b.taking.before.ID),
			cmp.Compare(a.taking.before.Number, b.taking.before.Number))
	})
	moved, err := c.transact(group)
	if err != nil && len(group) > 1 {
		for _, w := range group {
			c.write([]*waiting{w})
		}
		return
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
func (c *committer) transact(group []*waiting) ([]bool, error) {
	ctx := context.Background() // a client that goes away must not fail the others
	if len(group) == 1 {
		ctx = group[0].ctx
	}
	moved := make([]bool, len(group))
	err := db.Transact(ctx, c.in.DB, func(ctx context.Context, tx db.Writer) error {
		advanced, err := advance(ctx, tx.Tx, group)
		if err != nil {
			return err
		}
		var taken []*taking
		for i, w := range group {
			ok := advanced[w.taking]
			if moved[i] = !ok; ok {
				taken = append(taken, w.taking)
			}
		}
		if len(taken) == 0 {
			return nil
		}
		return c.in.insert(ctx, tx, taken)
	})
	if err != nil {
		return nil, fmt.Errorf("committing %d batches: %w", len(group), err)
	}
	return moved, nil
}

// insert writes what the takings hold.
func (in *Intake) insert(ctx context.Context, tx db.Writer, taken []*taking) error {
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
	if err := touch(ctx, tx.Tx, taken); err != nil {
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
	if err := count(ctx, tx, tallies); err != nil {
		return err
	}
	for _, kind := range slices.Sorted(maps.Keys(projected)) {
		if err := in.Projectors[kind].Project(ctx, tx.Tx, projected[kind]); err != nil {
			return fmt.Errorf("projecting records of kind %d: %w", kind, err)
		}
	}
	return nil
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
