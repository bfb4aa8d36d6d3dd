package printer

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// A file gets the jobs and nothing else: questions would stand in it.
func TestAFileIsNotAsked(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "jobs.tspl")
	p, err := Open("file:"+path, "tspl")
	if err != nil {
		t.Fatal(err)
	}
	layout, err := Builtin().Find("test", "60x40")
	if err != nil {
		t.Fatal(err)
	}
	page, err := Render(layout, map[string]string{"code": "x"}, 203)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := p.Status(t.Context()); err != nil || s.Problem() != "" {
		t.Errorf("status %v, %v", s, err)
	}
	if err := p.Print(t.Context(), page, 1); err != nil {
		t.Fatal(err)
	}
	job, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := (tspl{}).encode(page, EncodeOptions{Copies: 1}); !bytes.Equal(job, want) {
		t.Errorf("the file begins with %.40q, want %.40q", job, want)
	}
}
