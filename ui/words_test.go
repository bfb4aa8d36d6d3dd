//go:build !race

// Nothing here runs at the same time as anything else.
package ui

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"chot/deploy/testbed/harness"

	"chot/kiosk/checkpoint"
	"chot/kiosk/policy"
	"chot/ui/catalog"
)

// literals are the strings in this package's own code.
func literals(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	harness.Literals(t, ".", func(file, text string) {
		if !strings.Contains(file, "/") {
			found[text] = true
		}
	})
	return found
}

// Every key that the code names is in the catalogue.
func TestEveryKeyInTheCodeHasAText(t *testing.T) {
	vi := catalog.Languages()[0]
	places := map[string]bool{}
	for _, key := range vi.Keys() {
		for at := range len(key) {
			if key[at] == '.' {
				places[key[:at]] = true
			}
		}
	}
	for text := range literals(t) {
		if places[text] {
			continue
		}
		if strings.Contains(text, ".") && !strings.HasSuffix(text, ".") && strings.IndexFunc(text, notKey) < 0 && places[strings.SplitN(text, ".", 2)[0]] && !vi.Has(text) {
			t.Errorf("%s has no text", text)
		}
	}
}

// No sentence stands in the code: nothing with a Vietnamese letter, nothing of
// several words.
func TestNoSentenceInTheCode(t *testing.T) {
	for text := range literals(t) {
		if strings.HasPrefix(text, "<") || strings.HasPrefix(text, "M") && strings.Contains(text, "stroke") {
			continue // a drawing
		}
		letters := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
		long := 0
		for _, w := range letters {
			if len([]rune(w)) > 2 {
				long++
			}
		}
		if strings.Contains(text, " ") && long > 1 && !strings.Contains(text, "=") {
			t.Errorf("%q belongs into the catalogue", text)
		}
	}
}

// Every code that the checkpoint can send has words of its own, not "other".
func TestEveryCodeIsWorded(t *testing.T) {
	codes := map[string][]string{}
	for _, r := range policy.Reasons() {
		codes["reason"] = append(codes["reason"], r.Code)
	}
	for _, o := range checkpoint.Outcomes {
		codes["outcome"] = append(codes["outcome"], o.String())
	}
	for _, d := range []checkpoint.Direction{checkpoint.In, checkpoint.Out, checkpoint.Through} {
		codes["idle.direction"] = append(codes["idle.direction"], d.String())
	}
	for _, kind := range constants(t, "../kiosk/checkpoint", map[string]string{
		"": "reason", "Hint": "hint", "Service": "service", "Task": "task", "Part": "part", "Role": "role", "Purpose": "purpose",
	}) {
		codes[kind[0]] = append(codes[kind[0]], kind[1])
	}
	for _, kind := range constants(t, "../kiosk/declaration", map[string]string{"Problem": "problem"}) {
		codes[kind[0]] = append(codes[kind[0]], kind[1])
	}
	for _, kind := range constants(t, "../kiosk/credential", map[string]string{"FamilyID": "family"}) {
		codes[kind[0]] = append(codes[kind[0]], kind[1])
	}
	for place, all := range formCodes(t) {
		codes[place] = append(codes[place], all...)
	}
	for place, all := range codes {
		for _, code := range all {
			if key := place + "." + code; !catalog.Languages()[0].Has(key) {
				t.Errorf("%s has no text", key)
			}
		}
	}
	for _, place := range []string{"hint", "service", "task", "part", "role", "purpose", "problem", "family", "reason"} {
		if len(codes[place]) == 0 {
			t.Errorf("found no code of the kind %s", place)
		}
	}
}

// constants finds the string constants of types in a package's source, as pairs
// of place and value.
func constants(t *testing.T, dir string, places map[string]string) (found [][2]string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no source in %s: %v", dir, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, source, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok || decl.Tok != token.CONST {
				continue
			}
			for _, s := range decl.Specs {
				spec := s.(*ast.ValueSpec)
				kind, _ := spec.Type.(*ast.Ident)
				if kind == nil { // untyped: a reason, where it is exported
					kind = &ast.Ident{}
				}
				if places[kind.Name] == "" || len(spec.Values) == 0 || !spec.Names[0].IsExported() {
					continue
				}
				if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
					if value, err := strconv.Unquote(lit.Value); err == nil && value != "" {
						found = append(found, [2]string{places[kind.Name], value})
					}
				}
			}
		}
	}
	return found
}

// formCodes are the questions, options and triage reasons of the forms that the
// kiosk brings along.
func formCodes(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("../kiosk/declaration/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no forms found:", err)
	}
	codes := map[string][]string{}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var form struct {
			Questions []struct {
				ID      string
				Options []struct{ Value string }
			}
			Triage []struct{ Code string }
		}
		if err := json.Unmarshal(data, &form); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, q := range form.Questions {
			codes["question"] = append(codes["question"], q.ID)
			codes["line"] = append(codes["line"], q.ID)
			for _, o := range q.Options {
				codes["option."+q.ID] = append(codes["option."+q.ID], o.Value)
			}
		}
		for _, r := range form.Triage {
			codes["reason"] = append(codes["reason"], r.Code)
		}
	}
	return codes
}
