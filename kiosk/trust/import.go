package trust

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Summary says what an import brought.
type Summary struct {
	Keys    int `json:"keys,omitempty"`    // for all families together
	Skipped int `json:"skipped,omitempty"` // that could not be read
	Revoked int `json:"revoked,omitempty"` // identifiers
}

// Import checks a file of keys and puts it into trust/<folder>/<name> below
// dir, where it replaces an older one. The data as a whole takes now as its
// time and version.
func Import(dir, folder, name string, data []byte, now time.Time) (Summary, error) {
	fail := func(err error) (Summary, error) {
		return Summary{}, fmt.Errorf("importing %s for %s: %w", name, folder, err)
	}
	parse, known := parsers()[folder]
	if !known {
		return fail(fmt.Errorf("the folder must be one of %v", slices.Sorted(maps.Keys(parsers()))))
	}
	found, err := parse(data)
	if err != nil {
		return fail(err)
	}
	if len(found.Keys) == 0 {
		return fail(fmt.Errorf("no key in it (%d unreadable)", found.Skipped))
	}
	if err := write(filepath.Join(dir, "trust", folder), name, data); err != nil {
		return fail(err)
	}
	return Summary{Keys: len(found.Keys), Skipped: found.Skipped}, stamp(dir, now)
}

// ImportRevocations compiles published lists into revocation/<name>.idx below
// dir, which replaces an older one: batches of DCC revocations, card revocation
// lists of SMART Health Cards and denylists, each file one of them or a JSON
// list of them. Batches that have expired by now are left out.
func ImportRevocations(dir, name string, files [][]byte, now time.Time) (Summary, error) {
	fail := func(err error) (Summary, error) {
		return Summary{}, fmt.Errorf("importing the revocations %s: %w", name, err)
	}
	ids := builder{}
	for _, data := range files {
		lists, err := parseLists(data)
		if err != nil {
			return fail(err)
		}
		for i := range lists {
			if err := lists[i].addTo(ids, now); err != nil {
				return fail(err)
			}
		}
	}
	var out bytes.Buffer
	if err := ids.writeTo(&out); err != nil {
		return fail(err)
	}
	if err := write(filepath.Join(dir, "revocation"), name+indexExt, out.Bytes()); err != nil {
		return fail(err)
	}
	return Summary{Revoked: ids.count()}, stamp(dir, now)
}

func stamp(dir string, now time.Time) error {
	now = now.UTC().Truncate(time.Second)
	data, err := json.Marshal(Version{Version: now.Format("20060102T150405Z"), Time: now})
	if err == nil {
		err = write(filepath.Join(dir, "trust"), filepath.Base(versionFile), data)
	}
	if err != nil {
		return fmt.Errorf("stamping the trust data: %w", err)
	}
	return nil
}

// write replaces a file at one stroke.
func write(folder, name string, data []byte) error {
	if name != filepath.Base(name) || name == "." {
		return fmt.Errorf("%q is no name for a file", name)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	temp, err := os.CreateTemp(folder, "."+name)
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(data)
	if err == nil {
		err = temp.Chmod(0o644)
	}
	if err == nil {
		err = temp.Sync()
	}
	if closing := temp.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	return os.Rename(temp.Name(), filepath.Join(folder, name))
}
