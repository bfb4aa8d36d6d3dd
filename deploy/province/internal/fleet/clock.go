package fleet

import (
	"context"
	"crypto"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
	"chot/store/wire"
)

// SetClock makes a statement that it is now, by which a kiosk sets its clock, back
// too: for one that has believed a wrong time. It replaces the statement before.
func SetClock(ctx context.Context, d bun.IDB, kiosk string, now time.Time) error {
	_, err := d.NewInsert().Model(&db.Clock{Kiosk: kiosk, Serial: 1, Time: db.At(now)}).On("CONFLICT (kiosk) DO UPDATE").
		Set("serial = clock.serial + 1").Set("time = EXCLUDED.time").Exec(ctx)
	if err != nil {
		return fmt.Errorf("making a statement about the clock of kiosk %s: %w", kiosk, err)
	}
	return nil
}

// Clock returns the bytes of the latest statement about a kiosk's clock. Before the
// first the error is a [*wire.Error] with code [wire.None].
func Clock(ctx context.Context, d bun.IDB, key crypto.Signer, kiosk string) ([]byte, error) {
	row := db.Clock{Kiosk: kiosk}
	err := d.NewSelect().Model(&row).WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, &wire.Error{Code: wire.None, Text: "no statement was made about that clock"}
	}
	if err != nil {
		return nil, fmt.Errorf("looking up the statement about the clock of kiosk %s: %w", kiosk, err)
	}
	c := wire.Clock{Kiosk: row.Kiosk, Serial: uint64(row.Serial), Time: row.Time.Time}
	return c.Encode(key, nil)
}
