// Package suite holds what the tests against public suites share: reading
// their files, keyrings made of a few keys, and a table of agreements.
package suite

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chot/kiosk/credential"
)

// Files are those below a folder whose names match a pattern of path.Match,
// named relative to the folder, in order.
func Files(t testing.TB, folder, pattern string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if match, _ := filepath.Match(pattern, d.Name()); match {
			name, _ := filepath.Rel(folder, path)
			names = append(names, filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// Read is the content of a file.
func Read(t testing.TB, elements ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elements...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Ring is a keyring of keys in a list.
type Ring []credential.Key

// Keys implements [credential.Keyring].
func (r Ring) Keys(family credential.FamilyID, issuer string, id []byte) (found []credential.Key) {
	for _, k := range r {
		if k.Family == family && (issuer == "" || k.Issuer == issuer) && string(k.ID) == string(id) {
			found = append(found, k)
		}
	}
	return found
}

// Table counts where we agree with a suite, by what it asks for.
type Table struct {
	rows map[string]*row
}

type row struct {
	agree    int
	disagree []string
	faults   []string
}

// Score takes down one assertion. A reason is why the suite is at fault where
// we disagree, "" where it is not known to be.
func (t *Table) Score(what, file string, agree bool, detail, fault string) {
	if t.rows == nil {
		t.rows = map[string]*row{}
	}
	r := t.rows[what]
	if r == nil {
		r = &row{}
		t.rows[what] = r
	}
	switch {
	case agree:
		r.agree++
	case fault != "":
		r.faults = append(r.faults, fmt.Sprintf("%s: %s (%s)", file, fault, detail))
	default:
		r.disagree = append(r.disagree, fmt.Sprintf("%s: %s", file, detail))
	}
}

// Report prints the table and fails the test where we disagree and the suite is
// not at fault.
func (t *Table) Report(tb testing.TB) {
	tb.Helper()
	var b strings.Builder
	agree, faults, disagree := 0, 0, 0
	fmt.Fprintf(&b, "\n%-26s %7s %10s %15s\n", "key", "agree", "disagree", "suite at fault")
	for _, what := range slices.Sorted(maps.Keys(t.rows)) {
		r := t.rows[what]
		fmt.Fprintf(&b, "%-26s %7d %10d %15d\n", what, r.agree, len(r.disagree), len(r.faults))
		agree, disagree, faults = agree+r.agree, disagree+len(r.disagree), faults+len(r.faults)
	}
	total := agree + disagree + faults
	fmt.Fprintf(&b, "%-26s %7d %10d %15d   of %d\n", "all", agree, disagree, faults, total)
	for _, what := range slices.Sorted(maps.Keys(t.rows)) {
		for _, d := range t.rows[what].faults {
			fmt.Fprintf(&b, "suite at fault, %s: %s\n", what, d)
		}
		for _, d := range t.rows[what].disagree {
			fmt.Fprintf(&b, "disagree, %s: %s\n", what, d)
		}
	}
	tb.Log(b.String())
	if disagree > 0 {
		tb.Errorf("%d of %d assertions disagree", disagree, total)
	}
}
