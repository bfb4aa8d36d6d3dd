package tufpublish

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/trustedmetadata"
)

// Paths of the server.
const (
	Path       = "/tuf/"               // the repository
	UploadPath = "/v1/publish/targets" // POST signed targets metadata; PUT UploadPath/HASH a file
	RootPath   = "/v1/publish/root"    // POST a [Rotation]
)

// MaxMetadata and MaxTarget bound what is uploaded, in bytes.
const (
	MaxMetadata = 5 << 20
	MaxTarget   = 1 << 30
)

// Editor changes what is published. It is not safe for concurrent use.
type Editor struct {
	client  *http.Client
	server  string // https://host[:port]
	root    *metadata.Metadata[metadata.RootType]
	targets *metadata.Metadata[metadata.TargetsType]
	content map[string][]byte                    // by hexadecimal SHA-256, of what was put
	got     func(name string, body []byte) error // told of each file that was fetched; may be nil
}

// Open fetches what is published, and checks it against the first root metadata,
// of which rootHash is the SHA-256.
func Open(ctx context.Context, client *http.Client, server string, rootHash []byte) (*Editor, error) {
	e := &Editor{client: client, server: strings.TrimRight(server, "/"), content: map[string][]byte{}}
	trusted, err := e.fetch(ctx, rootHash)
	if err != nil {
		return nil, fmt.Errorf("reading what %s publishes: %w", server, err)
	}
	e.root, e.targets = trusted.Root, trusted.Targets[metadata.TARGETS]
	return e, nil
}

// fetch walks from the first root to the current targets.
func (e *Editor) fetch(ctx context.Context, rootHash []byte) (*trustedmetadata.TrustedMetadata, error) {
	root, err := e.get(ctx, "1.root.json")
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(root); !bytes.Equal(sum[:], rootHash) {
		return nil, errors.New("its first root is not the one expected")
	}
	trusted, err := trustedmetadata.New(root)
	if err != nil {
		return nil, err
	}
	for {
		next, err := e.get(ctx, fmt.Sprintf("%d.root.json", trusted.Root.Signed.Version+1))
		if errors.Is(err, errAbsent) {
			break
		}
		if err != nil {
			return nil, err
		}
		if _, err := trusted.UpdateRoot(next); err != nil {
			return nil, err
		}
	}
	timestamp, err := e.get(ctx, "timestamp.json")
	if err != nil {
		return nil, err
	}
	t, err := trusted.UpdateTimestamp(timestamp)
	if err != nil {
		return nil, err
	}
	snapshot, err := e.get(ctx, fmt.Sprintf("%d.snapshot.json", t.Signed.Meta["snapshot.json"].Version))
	if err != nil {
		return nil, err
	}
	s, err := trusted.UpdateSnapshot(snapshot, false)
	if err != nil {
		return nil, err
	}
	current, ok := s.Signed.Meta["targets.json"]
	if !ok {
		return nil, errors.New("the snapshot names no targets")
	}
	targets, err := e.get(ctx, fmt.Sprintf("%d.targets.json", current.Version))
	if err != nil {
		return nil, err
	}
	_, err = trusted.UpdateTargets(targets)
	return trusted, err
}

var errAbsent = errors.New("it does not exist")

func (e *Editor) get(ctx context.Context, name string) ([]byte, error) {
	body, err := e.do(ctx, http.MethodGet, Path+name, nil, nil)
	if err == nil && e.got != nil {
		err = e.got(name, body)
	}
	return body, err
}

// do makes a request, an upload with the key that authorises it, and returns its
// answer's body.
func (e *Editor) do(ctx context.Context, method, path string, body []byte, key ed25519.PrivateKey) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, e.server+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if key != nil {
		authorise(r, key, body, time.Now())
	}
	answer, err := e.client.Do(r)
	if err != nil {
		return nil, err
	}
	said, err := io.ReadAll(io.LimitReader(answer.Body, MaxMetadata+1))
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	switch {
	case answer.StatusCode == http.StatusNotFound:
		return nil, fmt.Errorf("%s %s: %w", method, path, errAbsent)
	case answer.StatusCode >= 300:
		return nil, fmt.Errorf("%s %s: %s: %s", method, path, answer.Status, strings.TrimSpace(string(said)))
	case len(said) > MaxMetadata:
		return nil, fmt.Errorf("%s %s: the answer is too long", method, path)
	}
	return said, nil
}

// Entry is one published target.
type Entry struct {
	Name    string
	Size    int64
	SHA256  string // hexadecimal
	Rollout Rollout
}

// List returns what is published, with the changes so far, by name.
func (e *Editor) List() ([]Entry, error) {
	var list []Entry
	for _, name := range slices.Sorted(maps.Keys(e.targets.Signed.Targets)) {
		t := e.targets.Signed.Targets[name]
		r, err := RolloutOf(t)
		if err != nil {
			return nil, err
		}
		list = append(list, Entry{name, t.Length, hex.EncodeToString(t.Hashes["sha256"]), r})
	}
	return list, nil
}

// Put publishes content under a name, for the kiosks that the roll-out names.
func (e *Editor) Put(name string, content []byte, r Rollout) error {
	if err := errors.Join(CheckName(name), r.check()); err != nil {
		return fmt.Errorf("publishing %s: %w", name, err)
	}
	if len(content) > MaxTarget {
		return fmt.Errorf("publishing %s: %d bytes are more than %d", name, len(content), MaxTarget)
	}
	t, err := Target(name, content, r)
	if err != nil {
		return err
	}
	e.targets.Signed.Targets[name] = t
	e.content[hex.EncodeToString(t.Hashes["sha256"])] = content
	return nil
}

// Limit changes for whom a published target is.
func (e *Editor) Limit(name string, r Rollout) error {
	t, ok := e.targets.Signed.Targets[name]
	if !ok {
		return fmt.Errorf("changing the roll-out of %s: it is not published", name)
	}
	if err := r.check(); err != nil {
		return fmt.Errorf("changing the roll-out of %s: %w", name, err)
	}
	changed, err := describe(name, t.Length, t.Hashes["sha256"], r)
	if err != nil {
		return err
	}
	e.targets.Signed.Targets[name] = changed
	return nil
}

// Remove takes a target back: kiosks drop it with their next update.
func (e *Editor) Remove(name string) error {
	if _, ok := e.targets.Signed.Targets[name]; !ok {
		return fmt.Errorf("removing %s: it is not published", name)
	}
	delete(e.targets.Signed.Targets, name)
	return nil
}

// Publish signs the changes and uploads them.
func (e *Editor) Publish(ctx context.Context, key ed25519.PrivateKey, now time.Time) error {
	if err := e.publish(ctx, key, now); err != nil {
		return fmt.Errorf("publishing to %s: %w", e.server, err)
	}
	return nil
}

func (e *Editor) publish(ctx context.Context, key ed25519.PrivateKey, now time.Time) error {
	e.targets.Signed.Version++
	e.targets.Signed.Expires = now.Add(TargetsLife).UTC().Truncate(time.Second)
	signed, err := Sign(e.targets, key)
	if err != nil {
		return err
	}
	for {
		said, err := e.do(ctx, http.MethodPost, UploadPath, signed, key)
		if err != nil {
			return err
		}
		var answer Answer
		if err := json.Unmarshal(said, &answer); err != nil {
			return fmt.Errorf("reading the answer: %w", err)
		}
		if answer.Current {
			return nil
		}
		if len(answer.Missing) == 0 {
			return errors.New("the server neither took the metadata nor said what it lacks")
		}
		for _, hash := range answer.Missing {
			content, ok := e.content[hash]
			if !ok {
				return fmt.Errorf("the server has lost the file with the hash %s: put it again", hash)
			}
			if _, err := e.do(ctx, http.MethodPut, UploadPath+"/"+hash, content, key); err != nil {
				return err
			}
		}
	}
}

// Answer is the server's to uploaded metadata.
type Answer struct {
	Current bool     `json:"current"` // it is what kiosks get now
	Missing []string `json:"missing"` // hashes of files to upload first
}
