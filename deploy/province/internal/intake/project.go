package intake

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"chot/deploy/province/internal/db"
	"chot/kiosk/record"
)

// project hands the records to their projectors, kind by kind. Careful, it hands
// over one record at a time, each in a savepoint of its own: one that cannot be
// stored is undone, and its entry marked as [db.Unreadable], so that a record with
// unforeseen content does not block its journal for ever.
func (in *Intake) project(ctx context.Context, tx db.Writer, projected map[record.Kind][]Taken, careful bool) error {
	for _, kind := range slices.Sorted(maps.Keys(projected)) {
		for _, p := range in.projectors[kind] {
			if !careful {
				if err := p.Project(ctx, tx.Tx, projected[kind]); err != nil {
					return fmt.Errorf("projecting records of kind %d: %w", kind, err)
				}
				continue
			}
			for _, t := range projected[kind] {
				err := tx.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error { return p.Project(ctx, tx, []Taken{t}) })
				switch {
				case unstorable(err):
					t.Entry.State = db.Unreadable
					in.Log.Warn("a record cannot be stored", "kiosk", t.Kiosk.ID, "number", t.Entry.Number, "kind", kind)
					err = db.Note(ctx, tx.Tx, t.Kiosk.ID, t.Kiosk.Area, "record",
						fmt.Sprintf("entry %d of kind %d cannot be stored and was kept as it came", t.Entry.Number, kind), in.Now())
				case err != nil:
				}
				if err != nil {
					return fmt.Errorf("projecting entry %d of kiosk %s: %w", t.Entry.Number, t.Kiosk.ID, err)
				}
			}
		}
	}
	return nil
}

// unstorable says whether a database refused what it was given, rather than
// failed: PostgreSQL's classes 22 (data exception), 23 (constraint) and 54 (limit
// exceeded), SQLite's TOOBIG, CONSTRAINT and MISMATCH.
func unstorable(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return slices.Contains([]string{"22", "23", "54"}, pg.Code[:min(2, len(pg.Code))])
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return slices.Contains([]int{sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH}, lite.Code()&0xff)
	}
	return false
}
