package deploy_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A kind of record, from the kiosk's journal to an officers' page, is at most six
// files: the body with its row, the part of the server, its table, its texts in
// two languages, and the line that names the part. With them laid over the tree,
// a record of the kind arrives at the real server, is shown, found and erased.
func TestAKindOfRecordIsSixFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	replace := map[string]string{}
	lay := func(at, file string) {
		at, err1 := filepath.Abs(filepath.Join("..", at))
		file, err2 := filepath.Abs(file)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		replace[at] = file
	}
	edit := func(at string, changes ...string) {
		text, err := os.ReadFile(filepath.Join("..", at))
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.NewReplacer(changes...).Replace(string(text))
		if changed == string(text) {
			t.Fatalf("%s was not changed", at)
		}
		file := filepath.Join(dir, filepath.Base(at))
		if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		lay(at, file)
	}
	lay("kiosk/record/toy.go", "testdata/kind/record.go")
	lay("deploy/province/internal/toy/toy.go", "testdata/kind/part.go")
	lay("deploy/province/internal/db/migrations/00099_toy.sql", "testdata/kind/migration.sql")
	edit("deploy/province/parts.go",
		"\t\tperson.Proofs{", "\t\ttoy.Part{DB: t.db},\n\t\tperson.Proofs{",
		"\t\"chot/deploy/province/internal/tufserver\"\n", "\t\"chot/deploy/province/internal/toy\"\n\t\"chot/deploy/province/internal/tufserver\"\n")
	edit("ui/catalog/vi.json", `"menu.work"`, `"menu.toys": "Cho mượn", "kind.200": "Cho mượn", "menu.work"`)
	edit("ui/catalog/en.json", `"menu.work"`, `"menu.toys": "Lent", "kind.200": "Lent", "menu.work"`)
	if len(replace) > 6 {
		t.Errorf("%d files are touched, want at most 6", len(replace))
	}
	for at := range replace {
		t.Log(at)
	}
	lay("deploy/province/toy_test.go", "testdata/kind/toy_test.go")

	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "go", "test", "-vet", "off", "-overlay", overlay, "-v", "-run", "^TestToyFromRecordToPage$|TestEveryBody",
		"chot/kiosk/record", "chot/deploy/province").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestToyFromRecordToPage/sqlite") || !strings.Contains(string(out), "--- PASS: TestEveryBodyComesBackAsItWent/toy") {
		t.Errorf("with a kind more: %v\n%s", err, out)
	}
}
