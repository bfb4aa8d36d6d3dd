// Package tufserver is the server's half of the way down: it keeps the TUF repository
// in the database, so that every instance serves the same files, takes in what
// publishers have signed, makes what it signs itself, and serves all of it as
// static files. Package publish describes the roles.
package tufserver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/trustedmetadata"
	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/keys"
	"chot/deploy/province/tufpublish"
)

// Repo is the repository.
type Repo struct {
	DB   *bun.DB
	Keys *keys.Set
	Now  func() time.Time
	Log  *slog.Logger

	uploading sync.Mutex // one upload at a time
	mu        sync.Mutex
	root      *metadata.Metadata[metadata.RootType] // whose keys may upload; nil before the first look
	read      time.Time                             // when it was read
}

// errRaced means that another instance changed the repository meanwhile.
var errRaced = errors.New("another instance was faster")

const (
	timestampName = "timestamp.json"
	stagedName    = "staged/targets.json"
)

// transact changes the repository in a transaction. Where another instance, or a
// kiosk that came meanwhile, was faster, it begins again.
func (r *Repo) transact(ctx context.Context, do func(context.Context, bun.Tx) error) error {
	for left := 5; ; left-- {
		err := r.DB.RunInTx(ctx, nil, do)
		if left == 0 || !errors.Is(err, errRaced) {
			return err
		}
	}
}

// Ensure makes the first metadata if it does not exist. It returns the SHA-256 of
// the first root, which provisioning sheets carry.
func (r *Repo) Ensure(ctx context.Context) ([]byte, error) {
	if err := r.ensure(ctx); err != nil {
		return nil, fmt.Errorf("making the repository: %w", err)
	}
	f, err := file(ctx, r.DB, "1.root.json")
	if err != nil {
		return nil, fmt.Errorf("looking up the first root: %w", err)
	}
	return hex.DecodeString(f.ETag)
}

func (r *Repo) ensure(ctx context.Context) error {
	if _, err := file(ctx, r.DB, timestampName); err == nil {
		return nil
	} else if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	now := r.Now()
	if r.Keys.TUF[metadata.ROOT] == nil || r.Keys.TUF[metadata.TARGETS] == nil {
		return errors.New("the keys of root and targets are needed for the first time")
	}
	root, err := tufpublish.NewRoot(r.Keys.TUF, now)
	if err != nil {
		return err
	}
	targets, err := tufpublish.NewTargets(r.Keys.TUF, now)
	if err != nil {
		return err
	}
	err = r.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		// Of two that start together one waits here for the other.
		res, err := tx.ExecContext(ctx, "INSERT INTO settings (name, value) VALUES ('repository', '1') ON CONFLICT DO NOTHING")
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(errRaced, err)
		}
		if err := put(ctx, tx, "1.root.json", bytes.NewReader(root), now); err != nil {
			return err
		}
		if err := put(ctx, tx, "1.targets.json", bytes.NewReader(targets), now); err != nil {
			return err
		}
		return r.advance(ctx, tx, nil, change{targets: 1})
	})
	if errors.Is(err, errRaced) {
		return nil
	}
	return err
}

func file(ctx context.Context, d bun.IDB, name string) (db.File, error) {
	f := db.File{Name: name}
	err := d.NewSelect().Model(&f).WherePK().Scan(ctx)
	return f, err
}

// chunk is how a file's content is cut, so that none is ever in memory whole.
const chunk = 256 << 10

// put writes a file, in place of one that has its name.
func put(ctx context.Context, tx bun.IDB, name string, content io.Reader, now time.Time) error {
	all, err := io.ReadAll(content) // metadata, or one of the server's own small targets
	if err != nil {
		return err
	}
	sum := sha256.Sum256(all)
	etag := hex.EncodeToString(sum[:])
	if err := putContent(ctx, tx, etag, bytes.NewReader(all)); err != nil {
		return err
	}
	return link(ctx, tx, name, etag, int64(len(all)), now)
}

// putContent writes content in chunks, under its hash.
func putContent(ctx context.Context, tx bun.IDB, etag string, content io.Reader) error {
	buffer := make([]byte, chunk)
	for seq := 0; ; seq++ {
		n, err := io.ReadFull(content, buffer)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return fmt.Errorf("writing a file: %w", err)
		}
		if n > 0 || seq == 0 {
			row := &db.Chunk{ETag: etag, Seq: seq, Body: buffer[:n]}
			if _, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
				return fmt.Errorf("writing a file: %w", err)
			}
		}
		if n < chunk {
			return nil
		}
	}
}

// link lets a name stand for content that is there.
func link(ctx context.Context, tx bun.IDB, name, etag string, size int64, now time.Time) error {
	row := &db.File{Name: name, ETag: etag, Size: size, At: db.At(now)}
	_, err := tx.NewInsert().Model(row).On("CONFLICT (name) DO UPDATE").
		Set("etag = EXCLUDED.etag").Set("size = EXCLUDED.size").Set("at = EXCLUDED.at").Exec(ctx)
	if err != nil {
		return fmt.Errorf("naming the file %s: %w", name, err)
	}
	return nil
}

// content returns a whole, small file.
func content(ctx context.Context, d bun.IDB, name string) ([]byte, error) {
	f, err := file(ctx, d, name)
	if err != nil {
		return nil, fmt.Errorf("looking up %s: %w", name, err)
	}
	var chunks []db.Chunk
	if err := d.NewSelect().Model(&chunks).Where("etag = ?", f.ETag).Order("seq").Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	var all []byte
	for _, c := range chunks {
		all = append(all, c.Body...)
	}
	return all, nil
}

// state is the repository's current metadata, verified.
type state struct {
	trusted *trustedmetadata.TrustedMetadata
	online  *metadata.Metadata[metadata.TargetsType] // nil before the first
	etag    string                                   // of the timestamp
}

// load reads the current metadata. Expiry does not matter: the server is who
// signs it again.
func (r *Repo) load(ctx context.Context, d bun.IDB) (*state, error) {
	f, err := file(ctx, d, timestampName)
	if err != nil {
		return nil, fmt.Errorf("looking up the timestamp: %w", err)
	}
	s := &state{etag: f.ETag}
	root, err := content(ctx, d, "1.root.json")
	if err != nil {
		return nil, err
	}
	if s.trusted, err = trustedmetadata.New(root); err != nil {
		return nil, err
	}
	s.trusted.RefTime = time.Time{}
	for {
		next, err := content(ctx, d, fmt.Sprintf("%d.root.json", s.trusted.Root.Signed.Version+1))
		if errors.Is(err, sql.ErrNoRows) {
			break
		}
		if err != nil {
			return nil, err
		}
		if _, err := s.trusted.UpdateRoot(next); err != nil {
			return nil, err
		}
	}
	raw, err := content(ctx, d, timestampName)
	if err != nil {
		return nil, err
	}
	timestamp, err := s.trusted.UpdateTimestamp(raw)
	if err != nil {
		return nil, fmt.Errorf("reading the timestamp: %w", err)
	}
	if raw, err = content(ctx, d, fmt.Sprintf("%d.snapshot.json", timestamp.Signed.Meta["snapshot.json"].Version)); err != nil {
		return nil, err
	}
	snapshot, err := s.trusted.UpdateSnapshot(raw, false)
	if err != nil {
		return nil, fmt.Errorf("reading the snapshot: %w", err)
	}
	if raw, err = content(ctx, d, fmt.Sprintf("%d.targets.json", snapshot.Signed.Meta["targets.json"].Version)); err != nil {
		return nil, err
	}
	if _, err = s.trusted.UpdateTargets(raw); err != nil {
		return nil, fmt.Errorf("reading the targets: %w", err)
	}
	if meta, ok := snapshot.Signed.Meta[tufpublish.OnlineRole+".json"]; ok {
		if raw, err = content(ctx, d, fmt.Sprintf("%d.%s.json", meta.Version, tufpublish.OnlineRole)); err != nil {
			return nil, err
		}
		if s.online, err = s.trusted.UpdateDelegatedTargets(raw, tufpublish.OnlineRole, metadata.TARGETS); err != nil {
			return nil, fmt.Errorf("reading the server's own targets: %w", err)
		}
	}
	return s, nil
}
