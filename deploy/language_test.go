package deploy_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"chot/ui/catalog"
)

// A third language is one file: with a file more in ui/catalog, and nothing else
// changed, the kiosk and the officers' pages offer and speak it. The tests of the
// three that are run say so for every language of the catalogue.
func TestAFileAddsALanguage(t *testing.T) {
	t.Parallel()
	texts := map[string]string{}
	for _, key := range catalog.Languages()[0].Keys() {
		texts[key] = "‹" + catalog.Languages()[0].Text(key) + "›"
	}
	texts["language.name"] = "Toy"
	dir := t.TempDir()
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
	added, err := filepath.Abs("../ui/catalog/qtz.json") // of the codes for local use
	if err != nil {
		t.Fatal(err)
	}
	overlay := write("overlay.json", map[string]any{"Replace": map[string]string{added: write("qtz.json", texts)}})
	out, err := exec.CommandContext(t.Context(), "go", "test", "-tags", "gles", "-overlay", overlay, "-v", "-run", "EachLanguage|EveryLanguage",
		"chot/ui/catalog", "chot/ui", "chot/kiosk/appliance", "chot/deploy/province/internal/web").CombinedOutput()
	if err != nil {
		t.Fatalf("with a third language: %v\n%s", err, out)
	}
	if n := strings.Count(string(out), "--- PASS"); n < 4 {
		t.Errorf("%d tests ran, want 4:\n%s", n, out)
	}
}
