package tufserver

import (
	"context"
	"fmt"
	"time"
)

// Keep makes the server's own targets again when kiosks come, go or renew, at once
// when a value in changed says that it was here,
// signs the timestamp when it is due, and deletes what is no longer asked for,
// until the context ends.
func (r *Repo) Keep(ctx context.Context, changed <-chan struct{}) {
	known := ""
	for {
		print, err := r.fingerprint(ctx)
		if err == nil && print != known {
			if err = r.refreshOwn(ctx); err == nil {
				known, err = print, r.prune(ctx)
			}
		}
		if err != nil && ctx.Err() == nil {
			r.Log.Error("what is current was not signed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case <-time.After(looks):
		}
	}
}

// looks is how long a revocation waits at most before kiosks can hear of it.
const looks = 3 * time.Second

func (r *Repo) refreshOwn(ctx context.Context) error {
	own, err := r.Own(ctx)
	if err != nil {
		return err
	}
	return r.Refresh(ctx, own)
}

// fingerprint changes when the server's own targets do, and every hour.
func (r *Repo) fingerprint(ctx context.Context) (string, error) {
	var certificates, kiosks struct{ N, Revoked int64 }
	err := r.DB.NewSelect().Table("certificates").ColumnExpr("COUNT(*) AS n, COALESCE(MAX(revoked), 0) AS revoked").Scan(ctx, &certificates)
	if err != nil {
		return "", fmt.Errorf("looking for changed certificates: %w", err)
	}
	err = r.DB.NewSelect().Table("kiosks").ColumnExpr("COUNT(*) AS n, COALESCE(MAX(revoked), 0) AS revoked").Scan(ctx, &kiosks)
	if err != nil {
		return "", fmt.Errorf("looking for changed kiosks: %w", err)
	}
	return fmt.Sprint(certificates, kiosks, r.Now().Unix()/3600), nil
}
