package db

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// rowsPerInsert bounds a statement's length.
const rowsPerInsert = 500

// Insert writes rows of a model, as many a statement as is good for both databases.
func Insert[R any](ctx context.Context, tx bun.IDB, rows []R) error {
	for len(rows) > 0 {
		n := min(len(rows), rowsPerInsert)
		part := rows[:n]
		if _, err := tx.NewInsert().Model(&part).Exec(ctx); err != nil {
			return fmt.Errorf("inserting %d of %T: %w", n, part[0], err)
		}
		rows = rows[n:]
	}
	return nil
}

// Note counts an incident of a kiosk. A settled one opens again.
func Note(ctx context.Context, d bun.IDB, kiosk string, area Area, kind, text string, now time.Time) error {
	row := &Incident{Kiosk: kiosk, Kind: kind, Area: area, Text: text, First: At(now), Last: At(now), Count: 1}
	_, err := d.NewInsert().Model(row).On("CONFLICT (kiosk, kind) DO UPDATE").
		Set("last = EXCLUDED.last").Set("text = EXCLUDED.text").Set("area = EXCLUDED.area").
		Set("count = incident.count + 1").Set("done = ''").Exec(ctx)
	if err != nil {
		return fmt.Errorf("noting the incident %s of kiosk %s: %w", kind, kiosk, err)
	}
	return nil
}
