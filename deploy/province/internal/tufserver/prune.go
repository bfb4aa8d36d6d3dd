package tufserver

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/tufpublish"
)

// kept is how long a file that is no longer current is served: kiosks in the
// middle of an update still ask for it.
const kept = 7 * 24 * time.Hour

// prune deletes what has not been current for long: old snapshots and targets
// metadata, and the content of targets that are no longer listed. Roots stay for
// ever: a kiosk that comes back after years walks through all of them.
func (r *Repo) prune(ctx context.Context) error {
	err := r.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		s, err := r.load(ctx, tx)
		if err != nil {
			return err
		}
		current := map[string]bool{timestampName: true, stagedName: true}
		snapshot := s.trusted.Snapshot.Signed
		current[fmt.Sprintf("%d.snapshot.json", snapshot.Version)] = true
		for name, meta := range snapshot.Meta {
			current[fmt.Sprintf("%d.%s", meta.Version, name)] = true
		}
		for _, role := range s.trusted.Targets {
			for name, t := range role.Signed.Targets {
				current[tufpublish.FileName(t, name)] = true
			}
		}
		var old []db.File
		if err := tx.NewSelect().Model(&old).Where("at < ?", db.At(r.Now().Add(-kept))).Scan(ctx); err != nil {
			return err
		}
		for _, f := range old {
			if current[f.Name] || isRoot(f.Name) {
				continue
			}
			if _, err := tx.NewDelete().Model(&f).WherePK().Exec(ctx); err != nil {
				return err
			}
		}
		// Content that was uploaded and never named goes when its metadata was
		// staged again, or never became current.
		_, err = tx.NewDelete().Model((*db.Chunk)(nil)).
			Where("NOT EXISTS (SELECT 1 FROM files AS f WHERE f.etag = chunk.etag)").
			Where("NOT EXISTS (SELECT 1 FROM files AS s WHERE s.name = ?)", stagedName).Exec(ctx)
		if err != nil {
			return err
		}
		_, err = tx.NewDelete().Model((*db.File)(nil)).Where("name = ? AND at < ?", stagedName, db.At(r.Now().Add(-kept))).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("deleting what is no longer current: %w", err)
	}
	return nil
}

func isRoot(name string) bool {
	version, ok := strings.CutSuffix(name, "."+metadata.ROOT+".json")
	_, err := strconv.Atoi(version)
	return ok && err == nil
}
