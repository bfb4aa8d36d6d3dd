package appliance

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"chot/kiosk/condition"
	"chot/ui/catalog"
)

// A registered condition has words in every language, and there are no words for
// conditions that are not registered.
func TestEveryConditionIsWorded(t *testing.T) {
	t.Parallel()
	for _, l := range catalog.Languages() {
		for _, c := range condition.All() {
			if !l.Has("condition." + c.Code) {
				t.Errorf("%s has no words for condition.%s", l.Code, c.Code)
			}
		}
	}
}

// elsewhere are files outside the registry in which a condition's code may stand,
// and why.
var elsewhere = map[string]string{
	"kiosk/policy/reasons.go": "trust-stale is a reason of a verdict, too",
}

// A new condition touches the registry and one word in each language's file:
// its code stands in no other source file.
func TestConditionCodesStandInTheRegistryAlone(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, c := range condition.All() {
		known[strconv.Quote(c.Code)] = c != condition.Unknown
	}
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") ||
			strings.HasPrefix(name, "kiosk/condition/") || elsewhere[name] != "" {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if literal, is := n.(*ast.BasicLit); is && known[literal.Value] {
				t.Errorf("%s names the condition %s: use package condition", name, literal.Value)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
