package person

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
)

// Retention deletes every hour what has been kept long enough.
//
// It distrusts the clock: one wrong reading would delete everything. When more
// time has passed since its last run than a server is off for, or the time has
// gone back, it deletes nothing and raises the incident "time". It goes on when an
// officer has settled that: a person says that the time is right.
type Retention struct {
	DB     *bun.DB
	Finder *Finder
	Sweep  func(context.Context) error // deletes what others keep for a time
	Keep   time.Duration               // since a record came
	Now    func() time.Time
	Log    *slog.Logger
}

const (
	retentionEvery = time.Hour
	// maxPause is the longest time between two runs that is not doubted.
	maxPause = 72 * time.Hour
	// maxBack is by how much the time may go back, as NTP sets it.
	maxBack = 10 * time.Minute
)

// lastRun names the setting with the time of the last run, and timeIncident what
// an officer settles.
const (
	lastRun      = "retention"
	timeIncident = "time"
)

// Run works until the context ends.
func (r *Retention) Run(ctx context.Context) {
	for {
		n, err := r.Once(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			r.Log.Error("expired data was not deleted", "error", err)
		case n > 0:
			r.Log.Info("retention is over", "entries", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(retentionEvery):
		}
	}
}

// Once deletes what has expired, and returns how many entries these were.
func (r *Retention) Once(ctx context.Context) (int, error) {
	now := r.Now()
	trusted, err := r.trusted(ctx, now)
	if err != nil || !trusted {
		return 0, err
	}
	n, err := r.Finder.Expire(ctx, r.Keep, now)
	return n, errors.Join(err, r.Sweep(ctx))
}

// trusted says whether the time may be believed, and remembers it then.
func (r *Retention) trusted(ctx context.Context, now time.Time) (bool, error) {
	last, err := db.ReadTime(ctx, r.DB, lastRun)
	if err != nil {
		return false, err
	}
	if gap := now.Sub(last); last.IsZero() || gap <= maxPause && gap >= -maxBack {
		return true, db.WriteTime(ctx, r.DB, lastRun, now)
	}
	row := db.Incident{Kind: timeIncident}
	err = r.DB.NewSelect().Model(&row).Where("kiosk = '' AND kind = ?", timeIncident).Scan(ctx)
	switch {
	case err == nil && row.Done != "" && row.First.After(last):
		_, err := r.DB.NewDelete().Model(&row).Where("kiosk = '' AND kind = ?", timeIncident).Exec(ctx)
		if err != nil {
			return false, fmt.Errorf("closing the incident about the time: %w", err)
		}
		return true, db.WriteTime(ctx, r.DB, lastRun, now)
	case err == nil && row.Done == "":
		return false, nil // shown already
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return false, fmt.Errorf("looking up the incident about the time: %w", err)
	}
	var area db.Area
	err = r.DB.NewSelect().Model((*db.Kiosk)(nil)).ColumnExpr("COALESCE(MIN(area), '')").Scan(ctx, &area)
	if err != nil {
		return false, fmt.Errorf("looking up the province's area: %w", err)
	}
	r.Log.Error("the time has jumped: retention waits until an officer settles the incident", "last", last, "now", now)
	return false, db.Note(ctx, r.DB, "", area.Up(1), timeIncident,
		fmt.Sprintf("%s → %s", last.In(db.Zone).Format("02/01/2006 15:04"), now.In(db.Zone).Format("02/01/2006 15:04")), now)
}
