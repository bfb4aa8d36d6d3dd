package tufpublish

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// Rollout says which kiosks a target is for, and when. It stands in the signed
// metadata as the target's custom field; the zero Rollout is all, at once.
type Rollout struct {
	Groups  []string  `json:"groups,omitempty"`  // none for all groups
	Percent int       `json:"percent,omitempty"` // of the kiosks, by a hash of name and path; 0 for all
	From    time.Time `json:"from,omitzero"`
	// Window is the time of day, by the province's clock, in which a release may
	// be installed: "01:00-04:00"; "" for any.
	Window string `json:"window,omitempty"`
	// Halt is the kill switch: the file is taken from kiosks that have it, and a
	// kiosk that runs it as a release goes back to the one before.
	Halt bool `json:"halt,omitempty"`
}

func (r Rollout) check() error {
	if r.Percent < 0 || r.Percent > 100 {
		return fmt.Errorf("%d is no percentage", r.Percent)
	}
	if r.Window == "" {
		return nil
	}
	from, until, ok := strings.Cut(r.Window, "-")
	_, fromErr := time.Parse("15:04", from)
	_, untilErr := time.Parse("15:04", until)
	if !ok || fromErr != nil || untilErr != nil {
		return fmt.Errorf("the window %q is not of the form 01:00-04:00", r.Window)
	}
	return nil
}

func (r Rollout) zero() bool {
	return len(r.Groups) == 0 && r.Percent == 0 && r.From.IsZero() && r.Window == "" && !r.Halt
}

func (r Rollout) custom() (*json.RawMessage, error) {
	if r.zero() {
		return nil, nil
	}
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	raw := json.RawMessage(text)
	return &raw, nil
}

// RolloutOf reads a target's custom field.
func RolloutOf(t *metadata.TargetFiles) (r Rollout, err error) {
	if t.Custom == nil {
		return r, nil
	}
	if err := json.Unmarshal(*t.Custom, &r); err != nil {
		return r, fmt.Errorf("reading the roll-out of %s: %w", t.Path, err)
	}
	return r, nil
}

// online are the targets that the server makes itself.
var online = []string{"kiosks.json", "receipt-keys.json"}

// Online are the targets of the delegated role that the server signs.
func Online() []string { return append([]string(nil), online...) }

// OnlineRole is the delegated role's name.
const OnlineRole = "online"

// CheckName says whether a path may name a target.
func CheckName(name string) error {
	if name == "" || len(name) > 200 || path.Clean(name) != name || path.IsAbs(name) || strings.HasPrefix(name, "..") {
		return fmt.Errorf("%q is no clean relative path of at most 200 bytes", name)
	}
	for _, r := range name {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./+~", r) {
			return fmt.Errorf("the path %q holds %q: letters, digits and -_./+~ only", name, r)
		}
	}
	for _, part := range strings.Split(name, "/") {
		if strings.HasPrefix(part, ".") {
			return errors.New("no part of a path may begin with a dot")
		}
	}
	for _, own := range online {
		if name == own {
			return fmt.Errorf("%s is made by the server", name)
		}
	}
	return nil
}
