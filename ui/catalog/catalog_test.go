package catalog_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

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

func TestNumbersAreWrittenAsTheLanguageWrites(t *testing.T) {
	t.Parallel()
	vi, en := catalog.Languages()[0], catalog.Languages()[1]
	for n, want := range map[int64][2]string{
		0: {"0", "0"}, 999: {"999", "999"}, 4200: {"4.200", "4,200"}, -4200: {"-4.200", "-4,200"}, -999: {"-999", "-999"},
		1234567: {"1.234.567", "1,234,567"},
	} {
		if got := [2]string{vi.Number(n), en.Number(n)}; got != want {
			t.Errorf("%d is written %q, want %q", n, got, want)
		}
	}
	for value, want := range map[float64][2]string{36.64: {"36,6", "36.6"}, -0.04: {"0,0", "0.0"}, -1.25: {"-1,3", "-1.3"}} {
		if got := [2]string{vi.Decimal(value), en.Decimal(value)}; got != want {
			t.Errorf("%v is written %q, want %q", value, got, want)
		}
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	languages, err := catalog.Read(fstest.MapFS{
		"vi.json": file(`{"a": "một", "b": "hai"}`), "aa.json": file(`{"a": "one"}`), "zz.json": file(`{"a": "uno"}`), "notes.txt": file(`no language`),
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range languages {
		got = append(got, l.Code+" "+l.Text("a")+" "+l.Text("b"))
	}
	if want := []string{"vi một hai", "aa one hai", "zz uno hai"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for name, folder := range map[string]fstest.MapFS{
		"without the default": {"en.json": file(`{"a": "one"}`)},
		"not JSON":            {"vi.json": file(`{"a": `)},
	} {
		if languages, err := catalog.Read(folder); err == nil {
			t.Errorf("%s: read as %v", name, languages)
		}
	}
}

// Vietnamese says requests by one word, and does not address elders as friends.
func TestVietnameseIsPolite(t *testing.T) {
	t.Parallel()
	vi := catalog.Languages()[0]
	impolite := regexp.MustCompile(`(^|[^-])\b[Xx]in\b|[Bb]ạn\b|\b[Hh]ãy\b`)
	for _, key := range vi.Keys() {
		if text := vi.Text(key); impolite.MatchString(text) {
			t.Errorf("%s: %q should say vui lòng, or leave the pronoun out", key, text)
		}
	}
}
