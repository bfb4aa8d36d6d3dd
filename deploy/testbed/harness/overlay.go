package harness

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Overlay is files laid over the repository for a build; the tree itself is not
// touched. Paths are from the repository's top, with slashes.
type Overlay struct {
	t       testing.TB
	top     string
	dir     string // of the files that are written for it
	replace map[string]string
}

// NewOverlay returns one that changes nothing.
func NewOverlay(t testing.TB) *Overlay {
	t.Helper()
	return &Overlay{t: t, top: Top(t), dir: t.TempDir(), replace: map[string]string{}}
}

// Lay puts a file of the repository in a place, whether or not one is there.
func (o *Overlay) Lay(at, file string) {
	o.t.Helper()
	file = filepath.Join(o.top, filepath.FromSlash(file))
	if _, err := os.Stat(file); err != nil {
		o.t.Fatalf("laying a file over %s: %v", at, err)
	}
	o.replace[filepath.Join(o.top, filepath.FromSlash(at))] = file
}

// Write puts content in a place.
func (o *Overlay) Write(at string, content []byte) {
	o.t.Helper()
	file := filepath.Join(o.dir, fmt.Sprintf("%d-%s", len(o.replace), filepath.Base(at)))
	Must(o.t, os.WriteFile(file, content, 0o600))
	o.replace[filepath.Join(o.top, filepath.FromSlash(at))] = file
}

// JSON puts a value in a place, as JSON.
func (o *Overlay) JSON(at string, value any) {
	o.t.Helper()
	data, err := json.Marshal(value)
	Must(o.t, err)
	o.Write(at, data)
}

// Edit changes texts of a file: old and new alternate, as for
// [strings.NewReplacer]. Each old text must be there.
func (o *Overlay) Edit(at string, changes ...string) {
	o.t.Helper()
	content, err := os.ReadFile(filepath.Join(o.top, filepath.FromSlash(at)))
	Must(o.t, err)
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(string(content), changes[i]) {
			o.t.Fatalf("editing %s: %q is not there", at, changes[i])
		}
	}
	o.Write(at, []byte(strings.NewReplacer(changes...).Replace(string(content))))
}

// Touched lists the places, in order.
func (o *Overlay) Touched() (places []string) {
	for at := range o.replace {
		rel, err := filepath.Rel(o.top, at)
		Must(o.t, err)
		places = append(places, filepath.ToSlash(rel))
	}
	slices.Sort(places)
	return places
}

// Test runs go test -v with the overlay and returns what it printed. The test ends
// if it fails.
func (o *Overlay) Test(args ...string) string {
	o.t.Helper()
	data, err := json.Marshal(map[string]any{"Replace": o.replace})
	Must(o.t, err)
	file := filepath.Join(o.dir, "overlay.json")
	Must(o.t, os.WriteFile(file, data, 0o600))
	cmd := exec.CommandContext(o.t.Context(), "go", append([]string{"test", "-tags", "gles", "-vet", "off", "-overlay", file, "-v"}, args...)...)
	cmd.Dir = o.top
	out, err := cmd.CombinedOutput()
	if err != nil {
		o.t.Fatalf("with %s: %v\n%s", strings.Join(o.Touched(), ", "), err, out)
	}
	return string(out)
}
