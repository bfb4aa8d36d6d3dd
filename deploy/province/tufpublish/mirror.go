package tufpublish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// Mirror copies what a server publishes into a folder, as it is served, for a
// stick or for a web server nearer to the kiosks. What is there already is not
// fetched again. The timestamp is written last, so that a copy that was cut off
// is the one before, still whole.
func Mirror(ctx context.Context, client *http.Client, server string, rootHash []byte, folder string) error {
	e := &Editor{client: client, server: strings.TrimRight(server, "/")}
	late := map[string][]byte{}
	e.got = func(name string, body []byte) error {
		if name == "timestamp.json" {
			late[name] = body
			return nil
		}
		return keep(filepath.Join(folder, name), body)
	}
	if err := e.mirror(ctx, rootHash, folder); err != nil {
		return fmt.Errorf("copying what %s publishes: %w", server, err)
	}
	return keep(filepath.Join(folder, "timestamp.json"), late["timestamp.json"])
}

func (e *Editor) mirror(ctx context.Context, rootHash []byte, folder string) error {
	trusted, err := e.fetch(ctx, rootHash)
	if err != nil {
		return err
	}
	if meta, ok := trusted.Snapshot.Signed.Meta[OnlineRole+".json"]; ok {
		raw, err := e.get(ctx, fmt.Sprintf("%d.%s.json", meta.Version, OnlineRole))
		if err != nil {
			return err
		}
		if _, err := trusted.UpdateDelegatedTargets(raw, OnlineRole, metadata.TARGETS); err != nil {
			return err
		}
	}
	for _, role := range trusted.Targets {
		for name, t := range role.Signed.Targets {
			// The server's own role is signed by the server: a thief of it must not write
			// outside the folder.
			if err := CheckName(name); err != nil && !slices.Contains(online, name) {
				return fmt.Errorf("the server lists a target that has no proper name: %w", err)
			}
			if err := e.copy(ctx, FileName(t, name), t, folder); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

// copy brings one target's content into the folder.
func (e *Editor) copy(ctx context.Context, name string, t *metadata.TargetFiles, folder string) error {
	place := filepath.Join(folder, filepath.FromSlash(name))
	if info, err := os.Stat(place); err == nil && info.Size() == t.Length {
		return nil
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, e.server+Path+name, nil)
	if err != nil {
		return err
	}
	answer, err := e.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answered %s", answer.Status)
	}
	if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
		return err
	}
	half, err := os.CreateTemp(filepath.Dir(place), ".half-*")
	if err != nil {
		return err
	}
	defer os.Remove(half.Name()) // gone already where all went well
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(half, sum), io.LimitReader(answer.Body, t.Length+1))
	if err := errors.Join(err, half.Chmod(0o644), half.Close()); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != hex.EncodeToString(t.Hashes["sha256"]) {
		return errors.New("the content is not the one that was signed")
	}
	return os.Rename(half.Name(), place)
}

// keep writes a file whole, or not at all.
func keep(path string, body []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", body, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
