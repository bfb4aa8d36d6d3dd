package dashboard

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"chot/deploy/province/internal/web"
)

// Every key that a template words is worded, in both languages, and none is
// worded in vain.
func TestTextsAreComplete(t *testing.T) {
	t.Parallel()
	used := regexp.MustCompile(`\{\{t "([^"]+)"|"(menu\.[a-z]+|error\.[a-z-]+)"`)
	keys := map[string]bool{}
	for _, file := range []string{"html/dashboard.html", "dashboard.go", "people.go", "accounts.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range used.FindAllStringSubmatch(string(text), -1) {
			keys[found[1]+found[2]] = true
		}
	}
	for key := range keys {
		if words := texts[key]; words == (web.Words{}) && !frame[key] {
			t.Errorf("%q is not worded", key)
		}
	}
	for key, words := range texts {
		if words.VI == "" || words.EN == "" || strings.Count(words.VI, "%") != strings.Count(words.EN, "%") {
			t.Errorf("%q is worded in one language only, or with other values", key)
		}
		family, _, _ := strings.Cut(key, ".")
		if built := map[string]bool{"figure": true, "incident": true, "alert": true, "field": true, "col": true, "role": true, "action": true, "audit": true}; !keys[key] && !built[family] {
			t.Errorf("%q is not used", key)
		}
	}
	if _, err := fs.Stat(html, "html/dashboard.html"); err != nil {
		t.Error(err)
	}
}

// frame are keys of package web.
var frame = map[string]bool{"error.bad-request": true}
