package printer

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// toy is a language of its own: what a new one takes is this descriptor with its
// methods, in one file.
type toy struct{ tspl }

var _ = register(Language{Name: "toy", Aliases: []string{"TOY"}, speaks: toy{}})

func (toy) encode(*Page, EncodeOptions) []byte { return []byte("toy") }

func TestLanguageIsOneFile(t *testing.T) {
	t.Parallel()
	if !slices.Contains(LanguageNames(), "toy") {
		t.Error("it is not listed")
	}
	if p, err := Open("/dev/usb/lp0", "toy"); err != nil || p.language != (toy{}) {
		t.Errorf("a printer that speaks it cannot be opened: %v", err)
	}
	if job, err := Encode("toy", suitePage(t), EncodeOptions{}); err != nil || string(job) != "toy" {
		t.Errorf("encoded %q, %v", job, err)
	}
	if l, known := parseDeviceID("MFG:X;CMD:TOY2;").language(); !known || l.Name != "toy" || l.Labels {
		t.Errorf("a printer that says so speaks %+v", l)
	}
	if _, err := Open("/dev/usb/lp0", "pcl"); err == nil || !strings.Contains(err.Error(), `"pcl" is not one of escpos, toy, tspl, zpl`) {
		t.Errorf("an unknown language: %v", err)
	}
}

// The name of a language stands in no other source file: adding one touches its
// own alone. The default of configurations, tspl, is the exception.
func TestLanguagesAreNamedInTheirFilesAlone(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			filepath.Dir(path) == filepath.Join(root, "drivers/printer") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			literal, is := n.(*ast.BasicLit)
			if !is || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			for _, name := range []string{"zpl", "escpos"} {
				if err == nil && slices.Contains(strings.FieldsFunc(text, func(r rune) bool { return !('a' <= r && r <= 'z') }), name) {
					t.Errorf("%s names the language %s in %s", strings.TrimPrefix(path, root), name, literal.Value)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
