package trust

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"chot/kiosk/credential"
)

// Summary says what an import brought.
type Summary struct {
	Keys    int `json:"keys,omitempty"`    // for all families together
	Skipped int `json:"skipped,omitempty"` // that could not be read
	Revoked int `json:"revoked,omitempty"` // identifiers
	Expired int `json:"expired,omitempty"` // lists of revocations that were left out

	// File is what the keys are called in their folder: as they were to be, unless
	// keys of another issuer are there under that name.
	File string `json:"file,omitempty"`
}

// Import checks a file of keys and puts it into trust/<folder>/<name> below
// dir, where it replaces an older one of the same issuers. Many issuers call
// their file did.json or jwks.json: what is of others gets a name of its own, the
// same each time. The data as a whole takes now as its time and version.
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
	if name, err = nameFor(filepath.Join(dir, "trust", folder), name, parse, found); err != nil {
		return fail(err)
	}
	if err := write(filepath.Join(dir, "trust", folder), name, data); err != nil {
		return fail(err)
	}
	return Summary{Keys: len(found.Keys), Skipped: found.Skipped, File: name}, stamp(dir, now)
}

// nameFor is the name under which keys are put into a folder.
func nameFor(folder, name string, parse parser, found credential.KeySet) (string, error) {
	data, err := os.ReadFile(filepath.Join(folder, filepath.Base(name)))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return name, nil
	case err != nil:
		return "", err
	}
	old, err := parse(data)
	if err != nil || len(old.Keys) == 0 {
		return name, nil // what cannot be read is replaced
	}
	of := issuers(found)
	if slices.ContainsFunc(issuers(old), func(issuer string) bool { return slices.Contains(of, issuer) }) {
		return name, nil
	}
	sum := sha256.Sum256([]byte(strings.Join(of, "\n")))
	ext := filepath.Ext(name)
	return fmt.Sprintf("%s-%x%s", strings.TrimSuffix(name, ext), sum[:4], ext), nil
}

// issuers are those of keys, or their countries where keys do not name an issuer.
func issuers(set credential.KeySet) []string {
	all := map[string]bool{}
	for _, k := range set.Keys {
		all[cmp.Or(k.Issuer, k.Country)] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// ImportRevocations compiles published lists into revocation/<name>.idx below
// dir, which replaces an older one: batches of DCC revocations, card revocation
// lists of SMART Health Cards and denylists, each file one of them or a JSON
// list of them. Batches that have expired by now are left out and counted; where
// nothing is left but them, the older index stays and the error says so.
func ImportRevocations(dir, name string, files [][]byte, now time.Time) (Summary, error) {
	fail := func(err error) (Summary, error) {
		return Summary{}, fmt.Errorf("importing the revocations %s: %w", name, err)
	}
	ids := builder{}
	read, expired := 0, 0
	for i, data := range files {
		lists, err := parseLists(data)
		if err != nil {
			return fail(fmt.Errorf("file %d of %d: %w", i+1, len(files), err))
		}
		for j := range lists {
			over, err := lists[j].addTo(ids, now)
			if err != nil {
				return fail(fmt.Errorf("file %d of %d, list %d: %w", i+1, len(files), j+1, err))
			}
			if read++; over {
				expired++
			}
		}
	}
	if read == expired {
		return fail(fmt.Errorf("all %d lists have expired by %s", read, now.UTC().Format(time.RFC3339)))
	}
	var out bytes.Buffer
	if err := ids.writeTo(&out); err != nil {
		return fail(err)
	}
	if err := write(filepath.Join(dir, "revocation"), name+indexExt, out.Bytes()); err != nil {
		return fail(err)
	}
	return Summary{Revoked: ids.count(), Expired: expired}, stamp(dir, now)
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
		return fmt.Errorf("%q is not the name of a file without folders", name)
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
