package catalog_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"chot/deploy/testbed/harness"

	"chot/ui/catalog"
)

// readers are the folders whose code and templates show texts.
var readers = []string{"../../ui", "../../kiosk/appliance", "../../deploy/province"}

// said are the strings of the readers' code and templates.
func said(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, dir := range readers {
		harness.Literals(t, dir, func(_, text string) { found[text] = true })
		err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(name) != ".html" {
				return err
			}
			text, err := os.ReadFile(name)
			for _, part := range strings.Split(string(text), `"`) { // quotes may stand within quotes there
				found[part] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(found) == 0 {
		t.Fatal("found no source")
	}
	return found
}

// Every text is shown somewhere: by its key, or by a code after the place that
// it stands in ("reason" for reason.forged, "kind.%d" for kind.1).
func TestEveryTextIsUsed(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for text := range said(t) {
		place, _, _ := strings.Cut(text, "%")
		used[text], used[place] = true, true
	}
	for _, key := range catalog.Languages()[0].Keys() {
		found := used[key] || strings.HasPrefix(key, "language.")
		for place := key; !found && strings.Contains(place, "."); {
			place = place[:strings.LastIndex(place, ".")]
			found = used[place+"."] || used[place]
		}
		if !found {
			t.Errorf("%s is never shown", key)
		}
	}
}

// named are the keys that the province's templates and code name outright.
var named = regexp.MustCompile(`[({]t "([^"]+)"[ )}]|[Ss]ay\((?:[A-Za-z.]+, )?"([^"% ]+)"[,)]|(?:Menu|Title|Key): +"([^"]+)"|Refusal\{[^}"]*"([^"]+)"`)

// A key that a page names has a text.
func TestEveryKeyOfThePagesHasAText(t *testing.T) {
	t.Parallel()
	l, count := catalog.Languages()[0], 0
	err := filepath.WalkDir("../../deploy/province/internal", func(name string, entry fs.DirEntry, err error) error {
		if ext := filepath.Ext(name); err != nil || ext != ".go" && ext != ".html" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := os.ReadFile(name)
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(strings.TrimSpace(line), "//") {
				continue
			}
			for _, m := range named.FindAllStringSubmatch(line, -1) {
				count++
				if key := m[1] + m[2] + m[3] + m[4]; !l.Has(key) {
					t.Errorf("%s: %q has no text", name, key)
				}
			}
		}
		return err
	})
	if err != nil || count < 200 {
		t.Errorf("%d keys: %v", count, err)
	}
}
