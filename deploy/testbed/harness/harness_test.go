package harness_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"chot/deploy/testbed/harness"
)

func TestAProcessIsHeardAndEnded(t *testing.T) {
	t.Parallel()
	p := harness.Launch(t, harness.Program{Path: "/bin/sh", Args: []string{"-c", "echo one $WORD; echo two >&2; exec sleep 60"}, Env: []string{"WORD=eins"}})
	harness.Until(t, "both lines", 10*time.Second, func() bool { return len(p.Said()) == 2 })
	if got := p.Said("one", "eins"); !slices.Equal(got, []string{"one eins"}) {
		t.Errorf("it said %q", got)
	}
	select {
	case <-p.Ended():
		t.Error("it has ended by itself")
	default:
	}
	p.End(syscall.SIGTERM)
	if err := syscall.Kill(p.Pid(), 0); err == nil {
		t.Error("it is still there")
	}
}

func TestUntilSaysHowLong(t *testing.T) {
	t.Parallel()
	asked := 0
	if took := harness.Until(t, "the third question", 10*time.Second, func() bool { asked++; return asked == 3 }); took < 40*time.Millisecond || asked != 3 {
		t.Errorf("%d questions in %s", asked, took)
	}
}

func TestAnOverlayLeavesTheTreeAlone(t *testing.T) {
	t.Parallel()
	o := harness.NewOverlay(t)
	o.Edit("ui/catalog/en.json", `"English"`, `"Englisch"`)
	o.Write("ui/catalog/toy_test.go", []byte(`package catalog_test

import (
	"testing"

	"chot/ui/catalog"
)

func TestToy(t *testing.T) { t.Log(catalog.Languages()[1].Name()) }
`))
	if out := o.Test("-run", "TestToy", "chot/ui/catalog"); !strings.Contains(out, "Englisch") || !strings.Contains(out, "--- PASS: TestToy") {
		t.Error(out)
	}
	if got, want := o.Touched(), []string{"ui/catalog/en.json", "ui/catalog/toy_test.go"}; !slices.Equal(got, want) {
		t.Errorf("touches %v, want %v", got, want)
	}
	if _, err := os.Stat(filepath.Join(harness.Top(t), "ui/catalog/toy_test.go")); err == nil {
		t.Error("the tree was written to")
	}
}

func TestLiterals(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"a.go": "package a\n\nvar x = \"eins\" + `zwei`\n", "a_test.go": "package a\n\nvar y = \"drei\"\n", "b.txt": `"vier"`} {
		harness.Must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	var got []string
	harness.Literals(t, dir, func(file, text string) { got = append(got, file+" "+text) })
	if want := []string{"a.go eins", "a.go zwei"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
