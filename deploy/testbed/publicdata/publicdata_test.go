package publicdata_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"chot/deploy/testbed/publicdata"
)

// probe is a test that records how it ends.
type probe struct {
	testing.TB
	ended string
}

func (p *probe) Helper()               {}
func (p *probe) Skip(...any)           { p.ended = "skipped" }
func (p *probe) Fatalf(string, ...any) { p.ended = "failed"; panic(p) }

// Where the suites are absent, what happens depends on who runs the tests; where
// they are there, they run.
func TestAbsentSuites(t *testing.T) {
	there := t.TempDir()
	if err := os.WriteFile(filepath.Join(there, "a.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, root, ci, without, want string }{
		{"there", there, "", "", ""},
		{"there, in CI", there, "true", "", ""},
		{"there, in CI, left out", there, "true", "1", ""},
		{"absent", "/nonexistent", "", "", "skipped"},
		{"absent, in CI", "/nonexistent", "true", "", "failed"},
		{"absent, in CI, left out", "/nonexistent", "true", "1", "skipped"},
		{"absent, in CI, not quite left out", "/nonexistent", "true", "0", "failed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("CHOT_TESTDATA", tt.root)
			t.Setenv("CI", tt.ci)
			t.Setenv("CHOT_NO_TESTDATA", tt.without)
			for _, find := range []func(*probe){
				func(p *probe) { publicdata.Folder(p, ".") },
				func(p *probe) { publicdata.Glob(p, "*.txt") },
			} {
				p := &probe{TB: t}
				func() {
					defer func() {
						if failed := recover(); failed != nil && failed != any(p) {
							panic(failed)
						}
					}()
					find(p)
				}()
				if p.ended != tt.want {
					t.Errorf("%q, want %q", p.ended, tt.want)
				}
			}
		})
	}
}

func TestGlob(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.tsv", "a.tsv", "c.json"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("CHOT_TESTDATA", dir)
	if got, want := publicdata.Glob(t, "*.tsv"), []string{filepath.Join(dir, "a.tsv"), filepath.Join(dir, "b.tsv")}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
