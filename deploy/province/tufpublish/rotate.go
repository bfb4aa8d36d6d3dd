package tufpublish

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// Rotation is a new root, and with a new targets key the targets signed by it.
type Rotation struct {
	Root    []byte `json:"root"`
	Targets []byte `json:"targets,omitempty"`
}

// Rotate replaces the key of a role, root or targets, by another: kiosks follow
// from the root that they know, because the present root key has signed the new
// root (TUF specification, 5.3). The keys of the other roles lie on the server.
func (e *Editor) Rotate(ctx context.Context, role string, root, fresh ed25519.PrivateKey, now time.Time) error {
	if role != metadata.ROOT && role != metadata.TARGETS {
		return fmt.Errorf("rotating the key of %s: only those of root and targets are the publisher's", role)
	}
	r, err := e.rotation(role, root, fresh, now)
	if err != nil {
		return fmt.Errorf("rotating the key of %s: %w", role, err)
	}
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("rotating the key of %s: %w", role, err)
	}
	if _, err := e.do(ctx, http.MethodPost, RootPath, body, root); err != nil {
		return fmt.Errorf("rotating the key of %s: %w", role, err)
	}
	return nil
}

func (e *Editor) rotation(role string, root, fresh ed25519.PrivateKey, now time.Time) (*Rotation, error) {
	next := &e.root.Signed
	for _, id := range append([]string(nil), next.Roles[role].KeyIDs...) {
		if err := next.RevokeKey(id, role); err != nil {
			return nil, err
		}
	}
	key, err := metadata.KeyFromPublicKey(fresh.Public())
	if err != nil {
		return nil, err
	}
	if err := next.AddKey(key, role); err != nil {
		return nil, err
	}
	next.Version++
	next.Expires = now.Add(RootLife).UTC().Truncate(time.Second)
	var r Rotation
	if r.Root, err = Sign(e.root, root); err != nil {
		return nil, err
	}
	if role == metadata.ROOT { // the new key must vouch for itself too
		signer, err := signature.LoadED25519Signer(fresh)
		if err != nil {
			return nil, err
		}
		if _, err := e.root.Sign(signer); err != nil {
			return nil, err
		}
		r.Root, err = e.root.ToBytes(false)
		return &r, err
	}
	e.targets.Signed.Version++
	e.targets.Signed.Expires = now.Add(TargetsLife).UTC().Truncate(time.Second)
	r.Targets, err = Sign(e.targets, fresh)
	return &r, err
}
