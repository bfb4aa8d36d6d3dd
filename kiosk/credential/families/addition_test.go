package families_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestTableIsOfTheFolders holds that table.go is what go generate would write.
func TestTableIsOfTheFolders(t *testing.T) {
	t.Parallel()
	if out, err := exec.CommandContext(t.Context(), "go", "run", "generate.go", "-check").CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// TestAFamilyIsOneFile adds the family of testdata/toy over this tree, without
// changing it, and lets the toy's own test take a code the whole way. It holds that
// this takes one file in the family's folder and one word in each language's file;
// the table of families writes itself.
func TestAFamilyIsOneFile(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../../..")
	fail(t, err)
	temp := t.TempDir()
	toy, err := filepath.Abs("testdata/toy")
	fail(t, err)
	table := filepath.Join(temp, "table.go")
	out, err := exec.CommandContext(t.Context(), "go", "run", "generate.go", "-with", toy, "-o", table).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	written := map[string]string{"kiosk/credential/toy/toy.go": filepath.Join(toy, "toy.go")}
	languages, err := filepath.Glob(filepath.Join(root, "ui/catalog/*.json"))
	fail(t, err)
	for _, file := range languages {
		data, err := os.ReadFile(file)
		fail(t, err)
		code := strings.TrimSuffix(filepath.Base(file), ".json")
		worded := strings.Replace(string(data), "{", "{\n \"family.toy\": \"Toy "+code+"\",", 1)
		written["ui/catalog/"+code+".json"] = filepath.Join(temp, code+".json")
		fail(t, os.WriteFile(filepath.Join(temp, code+".json"), []byte(worded), 0o600))
	}
	overlay := map[string]string{
		filepath.Join(root, "kiosk/credential/families/table.go"): table,
		filepath.Join(root, "kiosk/credential/toy/whole_test.go"): filepath.Join(toy, "whole_test.go"),
	}
	for name, content := range written {
		overlay[filepath.Join(root, name)] = content
	}
	data, err := json.Marshal(map[string]any{"Replace": overlay})
	fail(t, err)
	list := filepath.Join(temp, "overlay.json")
	fail(t, os.WriteFile(list, data, 0o600))
	program := filepath.Join(temp, "toy.test") // built, then run elsewhere: the toy's folder is not there
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-o", program, "-overlay", list, "./kiosk/credential/toy")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	test := exec.CommandContext(t.Context(), program)
	test.Dir = temp
	if out, err := test.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	names := slices.Sorted(maps.Keys(written))
	t.Logf("a family takes %d files: %s; written by go generate: kiosk/credential/families/table.go", len(names), strings.Join(names, ", "))
	if len(names) != 1+len(languages) {
		t.Errorf("it takes %v", names)
	}
}
