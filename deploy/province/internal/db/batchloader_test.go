package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"chot/deploy/province/internal/db"
)

// asked is a table that has a row for each key but "none", and remembers the
// queries. A query takes 10 ms.
type asked struct {
	mu      sync.Mutex
	queries [][]string
	err     error
}

func (a *asked) loader() *db.BatchLoader[string] {
	return db.NewBatchLoader(
		func(row *string) string { return (*row)[len("row "):] },
		func(ctx context.Context, keys []string) (rows []string, err error) {
			a.mu.Lock()
			a.queries = append(a.queries, slices.Sorted(slices.Values(keys)))
			a.mu.Unlock()
			select {
			case <-time.After(10 * time.Millisecond):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			for _, key := range keys {
				if key == "panic" {
					panic("the driver is broken")
				}
				if key != "none" {
					rows = append(rows, "row "+key)
				}
			}
			return rows, a.err
		},
	)
}

// sizes are how many keys each query had.
func (a *asked) sizes() (n []int) {
	for _, q := range a.queries {
		n = append(n, len(q))
	}
	return n
}

func TestWhoAsksTogetherIsAnsweredByOneQuery(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		at   []int // when each asks, in milliseconds
		want []int // keys of each query
		slow int   // how long the slowest waits
	}{
		"alone":             {[]int{0}, []int{1}, 10},
		"one after another": {[]int{0, 100, 200}, []int{1, 1, 1}, 10},
		"a burst":           {[]int{0, 1, 2, 3, 20, 25}, []int{1, 5}, 35},
		"two gatherings":    {[]int{0, 1, 20, 27, 40}, []int{1, 2, 2}, 35},
		"a crowd":           {slices.Repeat([]int{0}, 130), []int{1, 64, 64, 1}, 35},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := &asked{}
				look := a.loader()
				var all sync.WaitGroup
				for i, at := range c.at {
					all.Go(func() {
						time.Sleep(time.Duration(at) * time.Millisecond)
						began, key := time.Now(), fmt.Sprint(i)
						row, err := look.Row(t.Context(), key)
						if err != nil || row != "row "+key {
							t.Errorf("the row of %s is %q: %v", key, row, err)
						}
						if took := time.Since(began); took > time.Duration(c.slow)*time.Millisecond {
							t.Errorf("%s waited for %s", key, took)
						}
					})
				}
				all.Wait()
				if got := a.sizes(); !slices.Equal(got, c.want) {
					t.Errorf("the queries had %v keys, not %v", got, c.want)
				}
			})
		})
	}
}

func TestWhatOneOfAGroupMeetsIsItsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		look := (&asked{}).loader()
		if _, err := look.Row(t.Context(), "first"); err != nil { // those below gather after it
			t.Fatal(err)
		}
		gone, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		ask := func(ctx context.Context, key string, want error) {
			all.Go(func() {
				if _, err := look.Row(ctx, key); !errors.Is(err, want) {
					t.Errorf("%s: %v, not %v", key, err, want)
				}
			})
			synctest.Wait()
		}
		ask(gone, "who asks for all and leaves", nil) // is answered all the same
		ask(gone, "who leaves", context.Canceled)
		ask(t.Context(), "none", sql.ErrNoRows)
		ask(t.Context(), "who stays", nil)
		leave()
		all.Wait()
	})
}

func TestAFaultOfTheQueryIsEverybodys(t *testing.T) {
	t.Parallel()
	broken := errors.New("the database is gone")
	for key, want := range map[string]error{"any": broken, "panic": nil} {
		synctest.Test(t, func(t *testing.T) {
			look := (&asked{err: want}).loader()
			look.Row(t.Context(), "first")
			var all sync.WaitGroup
			for range 3 {
				all.Go(func() {
					defer func() { recover() }() // as net/http does, of who asks for all
					if _, err := look.Row(t.Context(), key); err == nil || want != nil && !errors.Is(err, want) {
						t.Errorf("the error is %v", err)
					}
				})
			}
			all.Wait()
		})
	}
}
