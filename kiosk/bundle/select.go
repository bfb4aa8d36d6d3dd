package bundle

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// rollout is a target's custom field.
type rollout struct {
	Groups  []string  `json:"groups"`
	Percent int       `json:"percent"`
	From    time.Time `json:"from"`
	Window  string    `json:"window"`
	Halt    bool      `json:"halt"`
}

// File is one published file that is for this kiosk.
type File struct {
	Name   string // without a group's prefix
	Size   int64
	SHA256 string // hexadecimal
	Window string // time of day for installing, "01:00-04:00"; "" for any
	Halted bool   // the kill switch: not to be used, and to be left where it is in use

	target string // its whole path
}

// release says whether the file is a release, fetched on demand.
func (f File) release() bool { return strings.HasPrefix(f.Name, releasePrefix) }

// fetched says whether the file is fetched with each update.
func (f File) fetched() bool { return !f.release() && !f.Halted }

const (
	groupPrefix   = "group/"
	releasePrefix = "releases/"
)

// choose picks the files that are for a kiosk.
func choose(targets map[string]*metadata.TargetFiles, kiosk, group string, now time.Time) (map[string]File, error) {
	chosen := map[string]File{}
	for _, target := range slices.Sorted(maps.Keys(targets)) {
		t := targets[target]
		if !safe(target) || len(t.Hashes["sha256"]) != sha256.Size {
			return nil, fmt.Errorf("the target %q has no safe name, or no SHA-256", target)
		}
		var r rollout
		if t.Custom != nil {
			if err := json.Unmarshal(*t.Custom, &r); err != nil {
				return nil, fmt.Errorf("reading the roll-out of %s: %w", target, err)
			}
		}
		name, mine := strings.CutPrefix(target, groupPrefix+group+"/")
		if !mine && strings.HasPrefix(target, groupPrefix) || !r.covers(kiosk, group, target, now) {
			continue
		}
		if other, taken := chosen[name]; taken && !mine && other.target != name {
			continue // the group's own stands already
		}
		chosen[name] = File{name, t.Length, hex.EncodeToString(t.Hashes["sha256"]), r.Window, r.Halt, target}
	}
	return chosen, nil
}

func (r rollout) covers(kiosk, group, target string, now time.Time) bool {
	switch {
	case r.Halt:
		return true // whoever has it must hear
	case len(r.Groups) > 0 && !slices.Contains(r.Groups, group):
		return false
	case now.Before(r.From):
		return false
	}
	return r.Percent == 0 || share(kiosk, target) < r.Percent
}

// share is a number from 0 to 99 that is the kiosk's for this target: the same
// each time, so that a growing percentage adds kiosks and drops none.
func share(kiosk, target string) int {
	sum := sha256.Sum256([]byte(kiosk + "\x00" + target))
	return int(binary.BigEndian.Uint32(sum[:4]) % 100)
}

// safe says whether a target's path stays inside a folder, and out of ours.
func safe(name string) bool {
	if name == "" || path.Clean(name) != name || path.IsAbs(name) || strings.ContainsAny(name, "\\\x00") {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") {
			return false
		}
	}
	return true
}
