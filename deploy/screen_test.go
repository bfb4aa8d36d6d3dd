package deploy_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chot/ui/catalog"
)

// A screen is one file of the checkpoint, one of the UI, and its words: with a toy
// laid over the tree for the build, and nothing else changed, staff find it in
// their menu, its buttons work, and it is drawn in words.
func TestAScreenIsAtMostFiveFiles(t *testing.T) {
	t.Parallel()
	dir, replace := t.TempDir(), map[string]string{}
	abs := func(path string) string {
		abs, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		return abs
	}
	write := func(name string, value any) string {
		data, err := json.Marshal(value)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, name)
	}
	replace[abs("../kiosk/checkpoint/screen_toy.go")] = abs("testdata/screen/screen_toy.go.txt")
	replace[abs("../ui/toy.go")] = abs("testdata/screen/toy.go.txt")
	for _, l := range catalog.Languages() {
		texts := map[string]string{"task.toy": "task.toy in " + l.Code, "help.toy": "help.toy in " + l.Code, "toy.count": "toy.count in " + l.Code + ": {count}"}
		for _, key := range l.Keys() {
			texts[key] = l.Text(key)
		}
		replace[abs("../ui/catalog/"+l.Code+".json")] = write(l.Code+".json", texts)
	}
	var touched []string
	for path := range replace {
		rel, err := filepath.Rel(abs(".."), path)
		if err != nil {
			t.Fatal(err)
		}
		touched = append(touched, rel)
	}
	slices.Sort(touched)
	t.Logf("a screen touches %d files: %s", len(touched), strings.Join(touched, ", "))
	if len(touched) > 5 {
		t.Errorf("%d files are too many", len(touched))
	}
	replace[abs("../kiosk/checkpoint/toy_test.go")] = abs("testdata/screen/checkpoint_test.go.txt")
	replace[abs("../ui/toy_test.go")] = abs("testdata/screen/ui_test.go.txt")
	overlay := write("overlay.json", map[string]any{"Replace": replace})
	out, err := exec.CommandContext(t.Context(), "go", "test", "-tags", "gles", "-overlay", overlay, "-v",
		"-run", "^(TestToyScreen|TestEveryViewIsDrawn)$", "chot/kiosk/checkpoint", "chot/ui").CombinedOutput()
	if err != nil {
		t.Fatalf("with a toy screen: %v\n%s", err, out)
	}
	if n := strings.Count(string(out), "--- PASS"); n != 3 {
		t.Errorf("%d tests ran, want 3:\n%s", n, out)
	}
}
