package catalog_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"chot/ui/catalog"
)

var gap = regexp.MustCompile(`\{[a-z]+\}`)

func gaps(text string) []string {
	found := gap.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestEveryLanguageHasEveryText(t *testing.T) {
	t.Parallel()
	languages := catalog.Languages()
	if len(languages) < 2 || languages[0].Code != "vi" {
		t.Fatalf("%d languages, the first %q", len(languages), languages[0].Code)
	}
	first := languages[0]
	for _, l := range languages {
		if l.Name() == "" {
			t.Errorf("%s does not say what it is called", l.Code)
		}
		for _, key := range first.Keys() {
			if !l.Has(key) {
				t.Errorf("%s lacks %s", l.Code, key)
				continue
			}
			if want, got := gaps(first.Text(key)), gaps(l.Text(key)); !slices.Equal(want, got) {
				t.Errorf("%s: %s has the gaps %v, want %v", l.Code, key, got, want)
			}
		}
		for _, key := range l.Keys() {
			if !first.Has(key) {
				t.Errorf("%s alone has %s", l.Code, key)
			}
			if text := l.Text(key); text != strings.TrimSpace(text) || strings.Contains(text, "  ") {
				t.Errorf("%s: %s has stray spaces: %q", l.Code, key, text)
			}
		}
	}
}

func TestTextFillsItsGaps(t *testing.T) {
	t.Parallel()
	vi := catalog.Languages()[0]
	if got := vi.Text("page.of", "page", "2", "pages", "5"); got != "2/5" {
		t.Errorf("%q", got)
	}
	if got := vi.Text("no.such.key"); got != "no.such.key" {
		t.Errorf("%q", got)
	}
}

func ExampleLanguage_Text() {
	for _, l := range catalog.Languages() {
		fmt.Println(l.Name()+":", l.Text("shown.party", "people", "4"))
	}
	// Output:
	// Tiếng Việt: Đoàn 4 người
	// English: Party of 4
}
