package report

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
	"chot/kiosk/record"
)

// positive is the label of what positives counts.
const positive = "outcome/positive"

// positives counts the positive results that hold, of laboratories and those read
// on the spot, by where the specimen was taken. It asks for the results rather
// than for tallies, since one may be corrected long after it came. A positive
// pool is not counted: its members are, by the specimens taken when they are
// called back.
func positives(ctx context.Context, d bun.IDB, area db.Area, from, to db.Day) ([]tally, error) {
	tests := d.NewSelect().TableExpr("results AS r").
		Join("JOIN specimens AS s ON s.tube_key = r.tube_key AND s.kiosk = r.kiosk").
		Join("LEFT JOIN kiosks AS k ON k.id = s.kiosk").
		ColumnExpr("MIN(COALESCE(k.site, s.kiosk)) AS site, r.area").
		Where("r.outcome = ? AND r.at >= ? AND r.at < ?", int16(record.Positive), begin(from), begin(to+1)).
		Where("s.member = 0 AND s.voided = 0").Apply(area.Where("r.area")).
		// Two specimens that bear one number make one result.
		GroupExpr("r.tube_key, r.kiosk, r.technique, r.area")
	var sums []tally
	err := d.NewSelect().TableExpr("(?) AS t", tests).
		ColumnExpr("t.site, t.area, ? AS kind, ? AS label, COUNT(*) AS count", int(record.KindResult), positive).
		GroupExpr("t.site, t.area").Scan(ctx, &sums)
	if err != nil {
		return nil, fmt.Errorf("counting positive tests: %w", err)
	}
	return sums, nil
}

// begin is when a day begins in the province.
func begin(day db.Day) db.Time {
	t := day.Time()
	return db.At(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, db.Zone))
}
