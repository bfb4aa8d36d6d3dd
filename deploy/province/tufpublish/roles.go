package tufpublish

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// How long metadata holds. A timestamp is made again every day; kiosks that hear
// nothing for its life say that their mirror is stale.
const (
	RootLife      = 10 * 365 * 24 * time.Hour
	TargetsLife   = 3 * 365 * 24 * time.Hour
	TimestampLife = 14 * 24 * time.Hour
)

// Sign adds a signature to metadata, in place of those that it has.
func Sign[T metadata.Roles](m *metadata.Metadata[T], key ed25519.PrivateKey) ([]byte, error) {
	signer, err := signature.LoadED25519Signer(key)
	if err != nil {
		return nil, fmt.Errorf("signing metadata: %w", err)
	}
	m.ClearSignatures()
	if _, err := m.Sign(signer); err != nil {
		return nil, fmt.Errorf("signing metadata: %w", err)
	}
	return m.ToBytes(false)
}

// NewRoot returns the first root metadata for the public keys of the roles.
func NewRoot(keys map[string]ed25519.PrivateKey, now time.Time) ([]byte, error) {
	root := metadata.Root(now.Add(RootLife).UTC().Truncate(time.Second))
	for _, role := range metadata.TOP_LEVEL_ROLE_NAMES {
		key, err := metadata.KeyFromPublicKey(keys[role].Public())
		if err != nil {
			return nil, fmt.Errorf("making the root metadata: %w", err)
		}
		if err := root.Signed.AddKey(key, role); err != nil {
			return nil, fmt.Errorf("making the root metadata: %w", err)
		}
	}
	return Sign(root, keys[metadata.ROOT])
}

// NewTargets returns the first targets metadata: nothing but the delegation to
// the server's own role.
func NewTargets(keys map[string]ed25519.PrivateKey, now time.Time) ([]byte, error) {
	targets := metadata.Targets(now.Add(TargetsLife).UTC().Truncate(time.Second))
	key, err := metadata.KeyFromPublicKey(keys[OnlineRole].Public())
	if err != nil {
		return nil, fmt.Errorf("making the targets metadata: %w", err)
	}
	id, err := key.ID()
	if err != nil {
		return nil, fmt.Errorf("making the targets metadata: %w", err)
	}
	targets.Signed.Delegations = &metadata.Delegations{
		Keys: map[string]*metadata.Key{id: key},
		Roles: []metadata.DelegatedRole{{
			Name: OnlineRole, KeyIDs: []string{id}, Threshold: 1, Terminating: true, Paths: online,
		}},
	}
	return Sign(targets, keys[metadata.TARGETS])
}

// Target describes content as a target.
func Target(name string, content []byte, r Rollout) (*metadata.TargetFiles, error) {
	sum := sha256.Sum256(content)
	return describe(name, int64(len(content)), sum[:], r)
}

func describe(name string, size int64, sum []byte, r Rollout) (*metadata.TargetFiles, error) {
	custom, err := r.custom()
	if err != nil {
		return nil, fmt.Errorf("describing %s: %w", name, err)
	}
	return &metadata.TargetFiles{Path: name, Length: size, Hashes: metadata.Hashes{"sha256": sum}, Custom: custom}, nil
}

// FileName is where a target's content lies below targets/, with consistent
// snapshots: its hash before its base name.
func FileName(t *metadata.TargetFiles, name string) string {
	dir, base := "", name
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '/' {
			dir, base = name[:i+1], name[i+1:]
			break
		}
	}
	return fmt.Sprintf("targets/%s%x.%s", dir, []byte(t.Hashes["sha256"]), base)
}
