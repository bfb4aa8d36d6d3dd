package intake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"

	"chot/deploy/province/internal/db"
	"chot/store"
)

// order finds where the batch's journal stands and which of its entries are new.
func (in *Intake) order(ctx context.Context, d *delivery) (err error) {
	if d.journal, err = in.journal(ctx, d.author.ID, d.batch.Journal); err != nil {
		return err
	}
	d.entries, err = d.batch.After(position(d.journal), func(number uint64) (store.Hash, error) {
		return in.hashAt(ctx, d.journal.ID, number)
	})
	return err
}

func position(j db.Journal) store.Position {
	p := store.Position{Number: uint64(j.Number)}
	copy(p.Hash[:], j.Hash)
	return p
}

// journalKey is what a kiosk's journal is looked up by.
func journalKey(kiosk string, id store.ID) string { return string(id[:]) + kiosk }

// journal returns the row of a kiosk's journal, with number 0 when nothing of it
// is held.
func (in *Intake) journal(ctx context.Context, kiosk string, id store.ID) (db.Journal, error) {
	j, err := in.journals.Row(ctx, journalKey(kiosk, id))
	if errors.Is(err, sql.ErrNoRows) {
		return db.Journal{ID: db.JournalID(kiosk, id[:]), Kiosk: kiosk, Journal: id[:]}, nil
	}
	if err != nil {
		return j, fmt.Errorf("looking up journal %s: %w", id, err)
	}
	return j, nil
}

// hashAt returns the hash of a held entry; the zero hash, which differs from any,
// for one that is not held.
func (in *Intake) hashAt(ctx context.Context, journal []byte, number uint64) (hash store.Hash, err error) {
	if number > math.MaxInt64 {
		return hash, nil
	}
	e := db.Entry{Journal: journal, Number: int64(number)}
	err = in.DB.NewSelect().Model(&e).Column("hash").WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return hash, nil
	}
	copy(hash[:], e.Hash)
	return hash, err
}
