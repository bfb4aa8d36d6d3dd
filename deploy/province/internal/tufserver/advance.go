package tufserver

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/tufpublish"
)

// change is what a new snapshot names differently from the one before.
type change struct {
	targets int64             // version, 0 for the present one
	online  map[string][]byte // the server's own targets, nil for the present ones
}

// daily is how old a timestamp may get before it is made again.
const daily = 20 * time.Hour

// Refresh puts the server's own targets, if they have changed, and signs the
// timestamp again when it is due.
func (r *Repo) Refresh(ctx context.Context, online map[string][]byte) error {
	err := r.transact(ctx, func(ctx context.Context, tx bun.Tx) error {
		s, err := r.load(ctx, tx)
		if err != nil {
			return err
		}
		if s.online != nil && same(s.online.Signed.Targets, online) {
			online = nil
			if r.Now().Before(SignedAt(s.trusted.Timestamp).Add(daily)) {
				return nil
			}
		}
		return r.advance(ctx, tx, s, change{online: online})
	})
	if err != nil {
		return fmt.Errorf("signing what is current: %w", err)
	}
	return nil
}

func same(have map[string]*metadata.TargetFiles, want map[string][]byte) bool {
	if len(have) != len(want) {
		return false
	}
	for name, body := range want {
		t, ok := have[name]
		if !ok || t.VerifyLengthHashes(body) != nil {
			return false
		}
	}
	return true
}

// signedField says in a timestamp when it was signed; TUF itself only says until
// when it holds. Kiosks show it as the age of their data.
const signedField = "x-chot-signed"

// SignedAt is when a timestamp was signed, the zero time where it does not say.
func SignedAt(t *metadata.Metadata[metadata.TimestampType]) time.Time {
	text, _ := t.Signed.UnrecognizedFields[signedField].(string) // "" does not parse
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return at
}

// advance writes a snapshot with the change, and a timestamp that names it. The
// timestamp is written last and only over the one that was read: of two
// instances one wins, and the other's transaction comes to nothing.
func (r *Repo) advance(ctx context.Context, tx bun.Tx, s *state, c change) error {
	now := r.Now().UTC().Truncate(time.Second)
	snapshot := metadata.Snapshot(now.Add(tufpublish.TimestampLife))
	timestamp := metadata.Timestamp(now.Add(tufpublish.TimestampLife))
	if s != nil {
		maps.Copy(snapshot.Signed.Meta, s.trusted.Snapshot.Signed.Meta)
		snapshot.Signed.Version = s.trusted.Snapshot.Signed.Version + 1
		timestamp.Signed.Version = s.trusted.Timestamp.Signed.Version + 1
	}
	if c.targets > 0 {
		snapshot.Signed.Meta["targets.json"] = metadata.MetaFile(c.targets)
	}
	if c.online != nil {
		version, err := r.putOnline(ctx, tx, s, c.online, now)
		if err != nil {
			return err
		}
		snapshot.Signed.Meta[tufpublish.OnlineRole+".json"] = metadata.MetaFile(version)
	}
	raw, err := tufpublish.Sign(snapshot, r.Keys.TUF[metadata.SNAPSHOT])
	if err != nil {
		return err
	}
	if err := put(ctx, tx, fmt.Sprintf("%d.snapshot.json", snapshot.Signed.Version), bytes.NewReader(raw), now); err != nil {
		return err
	}
	timestamp.Signed.Meta["snapshot.json"] = metadata.MetaFile(snapshot.Signed.Version)
	timestamp.Signed.UnrecognizedFields = map[string]any{signedField: now.Format(time.RFC3339)}
	if raw, err = tufpublish.Sign(timestamp, r.Keys.TUF[metadata.TIMESTAMP]); err != nil {
		return err
	}
	if s != nil {
		res, err := tx.NewUpdate().Model((*db.File)(nil)).Set("size = size").
			Where("name = ? AND etag = ?", timestampName, s.etag).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return errRaced
		}
	}
	return put(ctx, tx, timestampName, bytes.NewReader(raw), now)
}

// putOnline writes the server's own targets and the metadata that lists them.
func (r *Repo) putOnline(ctx context.Context, tx bun.Tx, s *state, files map[string][]byte, now time.Time) (int64, error) {
	online := metadata.Targets(now.Add(tufpublish.TargetsLife))
	if s != nil && s.online != nil {
		online.Signed.Version = s.online.Signed.Version + 1
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		t, err := tufpublish.Target(name, files[name], tufpublish.Rollout{})
		if err != nil {
			return 0, err
		}
		online.Signed.Targets[name] = t
		if err := put(ctx, tx, tufpublish.FileName(t, name), bytes.NewReader(files[name]), now); err != nil {
			return 0, err
		}
	}
	raw, err := tufpublish.Sign(online, r.Keys.TUF[tufpublish.OnlineRole])
	if err != nil {
		return 0, err
	}
	name := fmt.Sprintf("%d.%s.json", online.Signed.Version, tufpublish.OnlineRole)
	return online.Signed.Version, put(ctx, tx, name, bytes.NewReader(raw), now)
}
