package tufpublish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Folders of targets that are not for every kiosk's bundle.
const (
	groupFolder   = "group/"
	releaseFolder = "releases/"
)

// Groups are the groups of kiosks that have files of their own, by name.
func (e *Editor) Groups() (groups []string) {
	for name := range e.targets.Signed.Targets {
		if rest, is := strings.CutPrefix(name, groupFolder); is {
			group, _, _ := strings.Cut(rest, "/")
			groups = append(groups, group)
		}
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// Save writes everything that would be published into a folder, as kiosks of a
// group have it, "" for those of no group: what is published already and what was
// put, without what was removed. Releases are left out.
func (e *Editor) Save(ctx context.Context, group, folder string) error {
	own := groupFolder + group + "/"
	for _, target := range slices.Sorted(maps.Keys(e.targets.Signed.Targets)) {
		name, mine := target, false
		if group != "" {
			name, mine = strings.CutPrefix(target, own)
		}
		if strings.HasPrefix(name, releaseFolder) || !mine && strings.HasPrefix(target, groupFolder) {
			continue
		}
		if _, replaced := e.targets.Signed.Targets[own+name]; replaced && !mine && group != "" {
			continue
		}
		content, err := e.fetchTarget(ctx, target)
		if err != nil {
			return fmt.Errorf("reading the published %s: %w", target, err)
		}
		place := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
			return fmt.Errorf("keeping the published %s: %w", target, err)
		}
		if err := os.WriteFile(place, content, 0o644); err != nil {
			return fmt.Errorf("keeping the published %s: %w", target, err)
		}
	}
	return nil
}

// fetchTarget returns the content of a target: as it was put, or as the server has
// it.
func (e *Editor) fetchTarget(ctx context.Context, name string) ([]byte, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	t := e.targets.Signed.Targets[name]
	hash := hex.EncodeToString(t.Hashes["sha256"])
	if content, put := e.content[hash]; put {
		return content, nil
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, e.server+Path+FileName(t, name), nil)
	if err != nil {
		return nil, err
	}
	answer, err := e.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answered %s", answer.Status)
	}
	content, err := io.ReadAll(io.LimitReader(answer.Body, t.Length+1))
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != hash {
		return nil, fmt.Errorf("the server has %d bytes that are not what was signed", len(content))
	}
	return content, nil
}
