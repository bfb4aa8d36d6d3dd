package tufserver

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/tufpublish"
)

// errRefused is an upload that its signature, or its content, does not allow.
type errRefused struct{ text string }

func (e errRefused) Error() string { return e.text }

// offer takes signed targets metadata. Where all of its files are there it
// becomes current, else the hashes of the missing ones are returned, and those
// may be uploaded.
func (r *Repo) offer(ctx context.Context, signed []byte) (tufpublish.Answer, error) {
	var answer tufpublish.Answer
	err := r.transact(ctx, func(ctx context.Context, tx bun.Tx) error {
		s, err := r.load(ctx, tx)
		if err != nil {
			return err
		}
		offered, err := r.check(s, signed)
		if err != nil {
			return err
		}
		if answer.Missing, err = missing(ctx, tx, offered); err != nil {
			return err
		}
		if len(answer.Missing) > 0 {
			return put(ctx, tx, stagedName, bytes.NewReader(signed), r.Now())
		}
		answer.Current = true
		if offered.Signed.Version == s.trusted.Targets[metadata.TARGETS].Signed.Version {
			return nil // offered again, after the first answer was lost
		}
		for name, t := range offered.Signed.Targets {
			if err := link(ctx, tx, tufpublish.FileName(t, name), etag(t), t.Length, r.Now()); err != nil {
				return err
			}
		}
		if err := put(ctx, tx, fmt.Sprintf("%d.targets.json", offered.Signed.Version), bytes.NewReader(signed), r.Now()); err != nil {
			return err
		}
		return r.advance(ctx, tx, s, change{targets: offered.Signed.Version})
	})
	return answer, err
}

// check says whether offered metadata may follow the present one.
func (r *Repo) check(s *state, signed []byte) (*metadata.Metadata[metadata.TargetsType], error) {
	offered, err := metadata.Targets().FromBytes(signed)
	if err != nil {
		return nil, errRefused{"it is no targets metadata"}
	}
	if err := s.trusted.Root.VerifyDelegate(metadata.TARGETS, offered); err != nil {
		return nil, errRefused{"it is not signed by the key of the targets role"}
	}
	now, next := s.trusted.Targets[metadata.TARGETS].Signed, offered.Signed
	again := next.Version == now.Version && sameFiles(next.Targets, now.Targets)
	if next.Version != now.Version+1 && !again {
		return nil, errRefused{fmt.Sprintf("its version is %d, the current one is %d: another publisher was faster", next.Version, now.Version)}
	}
	if next.IsExpired(r.Now()) {
		return nil, errRefused{"it has expired"}
	}
	for name, t := range next.Targets {
		if err := tufpublish.CheckName(name); err != nil {
			return nil, errRefused{err.Error()}
		}
		if len(t.Hashes["sha256"]) != 32 || t.Length < 0 || t.Length > tufpublish.MaxTarget {
			return nil, errRefused{name + " has no SHA-256, or is too large"}
		}
	}
	if next.Delegations == nil || len(next.Delegations.Roles) != 1 || next.Delegations.Roles[0].Name != tufpublish.OnlineRole {
		return nil, errRefused{"it does not delegate to the server's role"}
	}
	return offered, nil
}

func etag(t *metadata.TargetFiles) string { return hex.EncodeToString(t.Hashes["sha256"]) }

// missing returns the hashes of files whose content is not there.
func missing(ctx context.Context, tx bun.Tx, m *metadata.Metadata[metadata.TargetsType]) ([]string, error) {
	wanted := map[string]bool{}
	for _, t := range m.Signed.Targets {
		wanted[etag(t)] = true
	}
	var have []string
	// The last chunk of an upload is written in the same transaction as the first.
	if len(wanted) > 0 {
		err := tx.NewSelect().Model((*db.Chunk)(nil)).Column("etag").Where("seq = 0 AND etag IN (?)", bun.List(slices.Collect(maps.Keys(wanted)))).Scan(ctx, &have)
		if err != nil {
			return nil, fmt.Errorf("looking for files: %w", err)
		}
	}
	for _, hash := range have {
		delete(wanted, hash)
	}
	return slices.Sorted(maps.Keys(wanted)), nil
}

// upload takes the content of a file that staged metadata lists.
func (r *Repo) upload(ctx context.Context, hash string, body io.Reader) error {
	raw, err := content(ctx, r.DB, stagedName)
	if errors.Is(err, sql.ErrNoRows) {
		return errRefused{"no metadata was offered that lists it"}
	}
	if err != nil {
		return err
	}
	staged, err := metadata.Targets().FromBytes(raw)
	if err != nil {
		return err
	}
	size := int64(-1)
	for _, t := range staged.Signed.Targets {
		if etag(t) == hash {
			size = t.Length
		}
	}
	if size < 0 {
		return errRefused{"no metadata was offered that lists it"}
	}
	// To a file first: a slow upload must not hold a transaction open.
	spool, err := os.CreateTemp("", "chot-upload-*")
	if err != nil {
		return fmt.Errorf("spooling an upload: %w", err)
	}
	defer os.Remove(spool.Name())
	defer spool.Close()
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(spool, sum), io.LimitReader(body, size+1))
	if err != nil {
		return errRefused{"the content did not arrive whole"}
	}
	if n != size || hex.EncodeToString(sum.Sum(nil)) != hash {
		return errRefused{"the content is not the one that was signed"}
	}
	if _, err := spool.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("spooling an upload: %w", err)
	}
	return r.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		return putContent(ctx, tx, hash, spool)
	})
}

// uploadTime is what an upload of a file may take.
const uploadTime = time.Hour

// Register adds the repository and its uploads to mux.
func (r *Repo) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET "+tufpublish.Path+"{name...}", r.serve)
	mux.HandleFunc("POST "+tufpublish.UploadPath, r.authorised(metadata.TARGETS, func(w http.ResponseWriter, q *http.Request, hash string) error {
		signed, err := r.receive(w, q, hash, tufpublish.MaxMetadata)
		if err != nil {
			return err
		}
		answer, err := r.offer(q.Context(), signed)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			r.Log.Debug("an answer was not sent", "error", err)
		}
		return nil
	}))
	mux.HandleFunc("POST "+tufpublish.RootPath, r.authorised(metadata.ROOT, r.takeRotation))
	mux.HandleFunc("PUT "+tufpublish.UploadPath+"/{hash}", r.authorised(metadata.TARGETS, func(w http.ResponseWriter, q *http.Request, hash string) error {
		if hash != q.PathValue("hash") {
			return errRefused{"the upload is authorised for another content"}
		}
		if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadTime)); err != nil {
			return err
		}
		if err := r.upload(q.Context(), hash, q.Body); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}))
}

// authorised serves uploads that a key of the role has authorised, one at a time.
// Nothing of the body of another is read.
func (r *Repo) authorised(role string, do func(http.ResponseWriter, *http.Request, string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		keys, err := r.publishers(q.Context(), role)
		if err != nil {
			r.fail(w, err)
			return
		}
		hash, err := tufpublish.Authorised(q, keys, r.Now())
		if err != nil {
			w.Header().Set("Connection", "close") // the body stays unread
			r.fail(w, errRefused{err.Error()})
			return
		}
		r.uploading.Lock()
		defer r.uploading.Unlock()
		if err := do(w, q, hash); err != nil {
			r.fail(w, err)
		}
	}
}

// receive reads the body of an upload, which must have the authorised hash.
func (r *Repo) receive(w http.ResponseWriter, q *http.Request, hash string, most int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, q.Body, most))
	if err != nil {
		return nil, errRefused{"it did not arrive whole, or is too long"}
	}
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != hash {
		return nil, errRefused{"it is not the content that was authorised"}
	}
	return body, nil
}

// publisherKeys is how long the publishers' keys are remembered: whoever knocks
// without one must not make the server verify its whole metadata each time.
const publisherKeys = 5 * time.Second

// publishers returns the keys of a role in the current root.
func (r *Repo) publishers(ctx context.Context, role string) ([]ed25519.PublicKey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.Now(); r.root == nil || now.Sub(r.read).Abs() > publisherKeys {
		s, err := r.load(ctx, r.DB)
		if err != nil {
			return nil, err
		}
		r.root, r.read = s.trusted.Root, now
	}
	var keys []ed25519.PublicKey
	for _, id := range r.root.Signed.Roles[role].KeyIDs {
		key, err := r.root.Signed.Keys[id].ToPublicKey()
		if err != nil {
			return nil, fmt.Errorf("reading a key of the role %s: %w", role, err)
		}
		if public, ok := key.(ed25519.PublicKey); ok {
			keys = append(keys, public)
		}
	}
	return keys, nil
}

// forgetKeys makes the next upload read the keys again.
func (r *Repo) forgetKeys() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.root = nil
}

func (r *Repo) fail(w http.ResponseWriter, err error) {
	var refused errRefused
	switch {
	case errors.As(err, &refused):
		http.Error(w, refused.text, http.StatusForbidden)
	case errors.Is(err, errRaced):
		http.Error(w, "something else was published at the same time: try again", http.StatusConflict)
	default:
		r.Log.Error("an upload failed", "error", err)
		http.Error(w, "try again later", http.StatusServiceUnavailable)
	}
}
