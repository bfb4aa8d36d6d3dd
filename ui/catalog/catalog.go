// Package catalog holds every sentence that people read, on the kiosk's screens
// and papers and on the officers' pages, by key and language. One JSON file is
// one language: adding a file adds a language, with its button everywhere.
//
// A key names the place and the thing ("idle.aim", "report.total"). Codes, of
// the checkpoint or of a record, are the last part of their keys
// ("reason.dose-too-recent"), so that kiosk and province word a code alike. A
// text may have named gaps: "Còn {seconds} giây". Three keys describe the
// language itself: language.name is what it calls itself, language.decimal and
// language.thousands are how it writes numbers.
package catalog

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Default is the language that is used where none was chosen, and whose text
// stands in for one that another language lacks.
const Default = "vi"

// The keys that describe a language itself.
const (
	nameKey      = "language.name"
	decimalKey   = "language.decimal"
	thousandsKey = "language.thousands"
)

//go:embed *.json
var files embed.FS

// Language is one language's texts.
type Language struct {
	Code     string // BCP 47, "vi"
	texts    map[string]string
	fallback map[string]string
}

var embedded = sync.OnceValues(func() ([]Language, error) { return Read(files) })

// Languages returns all languages, [Default] first, the others by code.
func Languages() []Language {
	languages, err := embedded()
	if err != nil {
		panic(err) // the files are part of the program, and a test reads them
	}
	return slices.Clone(languages)
}

// Codes are the codes of all languages, in the order of [Languages].
func Codes() []string {
	var codes []string
	for _, l := range Languages() {
		codes = append(codes, l.Code)
	}
	return codes
}

// Find returns the language of a code, and whether it exists; without it, the
// default language.
func Find(code string) (Language, bool) {
	languages := Languages()
	for _, l := range languages {
		if l.Code == code {
			return l, true
		}
	}
	return languages[0], false
}

// Read reads the languages of a folder of catalogue files, <code>.json each.
func Read(folder fs.FS) ([]Language, error) {
	names, err := fs.Glob(folder, "*.json")
	if err != nil {
		return nil, fmt.Errorf("listing the catalogue: %w", err)
	}
	var languages []Language
	for _, name := range names {
		data, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, fmt.Errorf("reading the catalogue %s: %w", name, err)
		}
		l := Language{Code: strings.TrimSuffix(path.Base(name), ".json")}
		if err := json.Unmarshal(data, &l.texts); err != nil {
			return nil, fmt.Errorf("reading the catalogue %s: %w", name, err)
		}
		languages = append(languages, l)
	}
	at := slices.IndexFunc(languages, func(l Language) bool { return l.Code == Default })
	if at < 0 {
		return nil, fmt.Errorf("the catalogue lacks %s.json, the default language", Default)
	}
	first := languages[at]
	languages = slices.Insert(slices.Delete(languages, at, at+1), 0, first)
	for i := range languages {
		languages[i].fallback = first.texts
	}
	return languages, nil
}

// Name is what the language calls itself.
func (l Language) Name() string { return l.texts[nameKey] }

// Short is the language's code as a label.
func (l Language) Short() string { return strings.ToUpper(l.Code) }

// Has says whether there is a text for a key, in this language or by default.
func (l Language) Has(key string) bool { return l.text(key) != "" }

func (l Language) text(key string) string {
	if text := l.texts[key]; text != "" {
		return text
	}
	return l.fallback[key]
}

// Keys lists the keys that the language itself has, sorted.
func (l Language) Keys() []string {
	keys := make([]string, 0, len(l.texts))
	for k := range l.texts {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Text is the text of a key with its gaps filled: fill alternates between a
// gap's name and what goes in. A text that the language lacks is the default
// language's; a key without any text stands for itself, so that a code from a
// newer program still says something.
func (l Language) Text(key string, fill ...string) string {
	text := l.text(key)
	if text == "" {
		return key
	}
	for i := 0; i+1 < len(fill); i += 2 {
		text = strings.ReplaceAll(text, "{"+fill[i]+"}", fill[i+1])
	}
	return text
}

// Number is a whole number as the language writes it: 4.200 in Vietnamese.
func (l Language) Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + l.text(thousandsKey) + digits[at:]
	}
	return sign + digits
}

// Decimal is a number with one decimal as the language writes it: 36,6 in
// Vietnamese.
func (l Language) Decimal(value float64) string {
	text := strconv.FormatFloat(math.Round(value*10)/10+0, 'f', 1, 64) // + 0: no -0.0
	return strings.Replace(text, ".", l.text(decimalKey), 1)
}
