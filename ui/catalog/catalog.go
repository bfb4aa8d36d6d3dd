// Package catalog holds every sentence that the screens show, by key and
// language. One JSON file is one language; adding a file adds a language.
//
// Keys name the place and the thing ("idle.aim"), codes that come from the
// checkpoint are the last part of their keys ("reason.dose-too-recent"). A text
// may have named gaps: "Còn {seconds} giây".
package catalog

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// first is the language that the kiosk starts in.
const first = "vi"

// nameKey is the key under which a language's file has its own name.
const nameKey = "language.name"

//go:embed *.json
var files embed.FS

// Language is one language's texts.
type Language struct {
	Code  string // BCP 47, "vi"
	texts map[string]string
}

// Languages returns all languages, the kiosk's first one first.
func Languages() []Language {
	languages, err := load()
	if err != nil {
		panic(err) // the files are part of the program, and a test reads them
	}
	return languages
}

func load() ([]Language, error) {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("listing the catalogue: %w", err)
	}
	var languages []Language
	for _, e := range entries {
		data, err := files.ReadFile(e.Name())
		if err != nil {
			return nil, fmt.Errorf("reading the catalogue %s: %w", e.Name(), err)
		}
		l := Language{Code: strings.TrimSuffix(e.Name(), ".json")}
		if err := json.Unmarshal(data, &l.texts); err != nil {
			return nil, fmt.Errorf("reading the catalogue %s: %w", e.Name(), err)
		}
		languages = append(languages, l)
	}
	slices.SortStableFunc(languages, func(a, b Language) int {
		switch {
		case a.Code == first:
			return -1
		case b.Code == first:
			return 1
		}
		return strings.Compare(a.Code, b.Code)
	})
	return languages, nil
}

// Name is what the language calls itself.
func (l Language) Name() string { return l.texts[nameKey] }

// Short is the language's code as a label.
func (l Language) Short() string { return strings.ToUpper(l.Code) }

// Has says whether the language has a text.
func (l Language) Has(key string) bool { return l.texts[key] != "" }

// Keys lists all keys, sorted.
func (l Language) Keys() []string {
	keys := make([]string, 0, len(l.texts))
	for k := range l.texts {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Text is the text of a key with its gaps filled: fill alternates between a
// gap's name and what goes in. A key without a text stands for itself, so that
// a code from a newer checkpoint still says something.
func (l Language) Text(key string, fill ...string) string {
	text := l.texts[key]
	if text == "" {
		return key
	}
	for i := 0; i+1 < len(fill); i += 2 {
		text = strings.ReplaceAll(text, "{"+fill[i]+"}", fill[i+1])
	}
	return text
}
