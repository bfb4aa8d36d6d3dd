package service

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"chot/kiosk/appliance/pause"
	"chot/store"
)

// purgeInterval is how often at most what a receipt covers is purged.
const purgeInterval = time.Hour

// Purge deletes what the province has signed for when its time is over, until the
// context ends. keep is how long records stay, which the province may shorten at
// any time. Nothing is deleted while the clock cannot be trusted.
func Purge(ctx context.Context, journal interface {
	Now() time.Time
	Purge(ctx context.Context, before time.Time) (int, error)
}, keep func() time.Duration, log *slog.Logger) error {
	for {
		n, err := journal.Purge(ctx, journal.Now().Add(-keep()))
		switch {
		case errors.Is(err, store.ErrClock): // the condition of the clock says so
		case err != nil && ctx.Err() == nil:
			log.Error("purging", "error", err)
		case n > 0:
			log.Info("purged", "entries", n)
		}
		if !pause.For(ctx, min(purgeInterval, max(keep()/4, time.Second))) {
			return nil
		}
	}
}
