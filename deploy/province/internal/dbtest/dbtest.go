// Package dbtest has databases for tests: empty ones, and ones that fail.
package dbtest

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
)

// Open opens an empty SQLite database until the test ends.
func Open(t testing.TB) *bun.DB {
	t.Helper()
	d, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "province.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// Faults makes queries of a database fail.
type Faults struct {
	calls, at atomic.Int64
}

// Break lets the database's queries fail when they are told to.
func Break(d *bun.DB) *Faults {
	f := &Faults{}
	*d = *d.WithQueryHook(f)
	return f
}

// At lets the n-th query from now fail, from 1; 0 lets none.
func (f *Faults) At(n int) { f.calls.Store(0); f.at.Store(int64(n)) }

// Happened says whether the query that was to fail was made.
func (f *Faults) Happened() bool { return f.calls.Load() >= f.at.Load() }

// BeforeQuery implements bun.QueryHook.
func (f *Faults) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	if e.Query == "COMMIT" || e.Query == "ROLLBACK" {
		return ctx // database/sql ends a transaction without a context
	}
	if n := f.calls.Add(1); n != f.at.Load() {
		return ctx
	}
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return ctx
}

// AfterQuery implements bun.QueryHook.
func (*Faults) AfterQuery(context.Context, *bun.QueryEvent) {}

// EachFault runs do with its first query failing, then with its second, and so on
// until it makes no further one: each time it must return an error. The last run is
// without a fault and must return none.
func EachFault(t *testing.T, f *Faults, name string, do func() error) {
	t.Helper()
	defer f.At(0)
	for n := 1; n < 100; n++ {
		f.At(n)
		err := do()
		if !f.Happened() {
			if err != nil {
				t.Errorf("%s: without a fault: %v", name, err)
			}
			return
		}
		if err == nil {
			t.Errorf("%s: query %d failed, and no error is returned", name, n)
		}
	}
	t.Errorf("%s: it does not end", name)
}
