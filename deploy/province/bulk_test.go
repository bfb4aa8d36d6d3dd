package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sync/errgroup"

	"chot/deploy/province/internal/db"
)

// Writers that add to the same counters at once lose nothing and do not wait for
// each other for ever, as they take them in one order.
func TestCountersAddUp(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "province.db") },
		"postgres": func(t *testing.T) string { return postgres(t)[1] },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := db.Open(t.Context(), place(t))
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			want := map[db.Tally]int64{}
			var writers errgroup.Group
			for range 4 {
				var turns [][]db.Tally
				for range 8 {
					turn := some(130)
					for _, tally := range turn {
						n := tally.Count
						tally.Count = 0
						want[tally] += n
					}
					turns = append(turns, turn)
				}
				writers.Go(func() error {
					for _, turn := range turns {
						err := db.Transact(t.Context(), d, func(ctx context.Context, tx db.Writer) error { return db.Count(ctx, tx, turn) })
						if err != nil {
							return err
						}
					}
					return nil
				})
			}
			if err := writers.Wait(); err != nil {
				t.Fatal(err)
			}
			var rows []db.Tally
			if err := d.NewSelect().Model(&rows).Scan(t.Context()); err != nil {
				t.Fatal(err)
			}
			got := map[db.Tally]int64{}
			for _, row := range rows {
				n := row.Count
				row.Count = 0
				got[row] = n
			}
			if !maps.Equal(got, want) {
				t.Errorf("%d counters, not %d, or others", len(got), len(want))
			}
		})
	}
}

// some makes counters in order, of which a second call makes many again.
func some(n int) (tallies []db.Tally) {
	for i := range n {
		if rand.IntN(3) > 0 {
			tallies = append(tallies, db.Tally{
				Day: db.Day(i % 3), Kiosk: fmt.Sprintf("kiosk-%03d", i), Area: `30/298/"11194", \ {}`, Kind: int16(i % 5), Label: "reason/ñ'x", Count: 1 + rand.Int64N(9),
			})
		}
	}
	slices.SortFunc(tallies, func(a, b db.Tally) int { return cmp.Compare(a.Kiosk, b.Kiosk) })
	return tallies
}
