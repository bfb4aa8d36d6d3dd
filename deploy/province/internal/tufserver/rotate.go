package tufserver

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/trustedmetadata"
	"github.com/uptrace/bun"

	"chot/deploy/province/tufpublish"
)

// rotate takes a new root that the present root's key has signed, and with it the
// targets where their key is another.
func (r *Repo) rotate(ctx context.Context, rotation tufpublish.Rotation) error {
	return r.transact(ctx, func(ctx context.Context, tx bun.Tx) error {
		s, err := r.load(ctx, tx)
		if err != nil {
			return err
		}
		next, err := r.follows(s.trusted.Root, rotation.Root)
		if err != nil {
			return err
		}
		name := fmt.Sprintf("%d.root.json", next.Signed.Version)
		if err := put(ctx, tx, name, bytes.NewReader(rotation.Root), r.Now()); err != nil {
			return err
		}
		targets := s.trusted.Targets[metadata.TARGETS]
		if len(rotation.Targets) == 0 {
			if next.VerifyDelegate(metadata.TARGETS, targets) != nil {
				return errRefused{"the targets are not signed by the key that the new root names"}
			}
			return r.advance(ctx, tx, s, change{})
		}
		s.trusted.Root = next
		offered, err := r.check(s, rotation.Targets)
		if err != nil {
			return err
		}
		if offered.Signed.Version != targets.Signed.Version+1 || !sameFiles(offered.Signed.Targets, targets.Signed.Targets) {
			return errRefused{"the new key's targets are not the present ones"}
		}
		name = fmt.Sprintf("%d.targets.json", offered.Signed.Version)
		if err := put(ctx, tx, name, bytes.NewReader(rotation.Targets), r.Now()); err != nil {
			return err
		}
		return r.advance(ctx, tx, s, change{targets: offered.Signed.Version})
	})
}

func sameFiles(a, b map[string]*metadata.TargetFiles) bool {
	if len(a) != len(b) {
		return false
	}
	for name, t := range a {
		if other, ok := b[name]; !ok || !t.Equal(*other) {
			return false
		}
	}
	return true
}

// follows says whether a root may follow the present one: signed by the keys of
// both, the next version, and with the server's own keys as they are.
func (r *Repo) follows(present *metadata.Metadata[metadata.RootType], raw []byte) (*metadata.Metadata[metadata.RootType], error) {
	now, err := present.ToBytes(false)
	if err != nil {
		return nil, err
	}
	trusted, err := trustedmetadata.New(now)
	if err != nil {
		return nil, err
	}
	next, err := trusted.UpdateRoot(raw)
	if err != nil {
		return nil, errRefused{"the root does not follow the present one: " + err.Error()}
	}
	if next.Signed.IsExpired(r.Now()) {
		return nil, errRefused{"the root has expired"}
	}
	for _, role := range []string{metadata.SNAPSHOT, metadata.TIMESTAMP} {
		before, after := present.Signed.Roles[role], next.Signed.Roles[role]
		if after == nil || after.Threshold != before.Threshold || !slices.Equal(before.KeyIDs, after.KeyIDs) {
			return nil, errRefused{"the root names another key for " + role + " than the server's"}
		}
	}
	return next, nil
}

// takeRotation serves tufpublish.RootPath.
func (r *Repo) takeRotation(w http.ResponseWriter, q *http.Request, hash string) error {
	body, err := r.receive(w, q, hash, 2*tufpublish.MaxMetadata)
	if err != nil {
		return err
	}
	var rotation tufpublish.Rotation
	if err := json.Unmarshal(body, &rotation); err != nil {
		return errRefused{"it is not a rotation"}
	}
	if err := r.rotate(q.Context(), rotation); err != nil {
		return err
	}
	r.forgetKeys()
	w.WriteHeader(http.StatusNoContent)
	return nil
}
