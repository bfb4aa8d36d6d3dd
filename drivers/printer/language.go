package printer

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Language is how a kind of printer is spoken to. A language is one file of this
// package, with its descriptor: whoever asks what a printer can do asks the
// descriptor, never the name.
type Language struct {
	Name string // as the configuration has it
	// Aliases are what printers call it in their device id (IEEE 1284-2000,
	// COMMAND SET), in upper case: a part of what they say is enough.
	Aliases []string
	// Labels is set where the paper has labels on it, which tubes need; receipts
	// otherwise.
	Labels bool

	speaks language
}

// language is what is said to a printer and heard from it.
type language interface {
	// encode makes a job of a page.
	encode(p *Page, o EncodeOptions) []byte
	// ask writes a query and reads the answer. It returns io.EOF or a time-out
	// if the printer says nothing.
	ask(rw io.ReadWriter) (Status, error)
	// settled waits until the printer has worked off what was written, so that
	// the next status speaks of the whole job; nil where ask tells Busy.
	settled(rw io.ReadWriter) error
	// abort takes back what the printer holds of jobs.
	abort() []byte
	// resync brings a printer that was left in the middle of a job back to the
	// beginning of a command; unsent is how much of the job it has not seen.
	resync(unsent int) []byte
}

// languages are the registered languages.
var languages []Language

// register adds a language. One that is registered twice is a programmer's mistake
// and panics when the program starts.
func register(l Language) Language {
	if _, known := FindLanguage(l.Name); known || l.Name == "" || l.speaks == nil {
		panic(fmt.Sprintf("printer language %q: registered twice, or incomplete", l.Name))
	}
	languages = append(languages, l)
	return l
}

// Languages returns all languages by name.
func Languages() []Language {
	return slices.SortedFunc(slices.Values(languages), func(a, b Language) int { return strings.Compare(a.Name, b.Name) })
}

// LanguageNames returns the names of all languages, sorted.
func LanguageNames() (names []string) {
	for _, l := range Languages() {
		names = append(names, l.Name)
	}
	return names
}

// FindLanguage returns the language of a name.
func FindLanguage(name string) (Language, bool) {
	if i := slices.IndexFunc(languages, func(l Language) bool { return l.Name == name }); i >= 0 {
		return languages[i], true
	}
	return Language{}, false
}

// languageOf is the first language that a printer's command set names.
func languageOf(commandSet string) (Language, bool) {
	for _, l := range Languages() {
		for _, alias := range l.Aliases {
			if strings.Contains(strings.ToUpper(commandSet), alias) {
				return l, true
			}
		}
	}
	return Language{}, false
}

// errUnknownLanguage names a language that does not exist, and those that do.
func errUnknownLanguage(name string) error {
	return fmt.Errorf("language: %q is not one of %s", name, strings.Join(LanguageNames(), ", "))
}

// EncodeOptions say how a page becomes commands.
type EncodeOptions struct {
	Copies int // 0 is one
	// NativeCodes has the printer draw Code 128 and QR codes. Otherwise they
	// are sent as dots, which come out the same on every printer: printers
	// choose code sets, versions and masks of their own, and with them widths
	// that the layout does not know.
	NativeCodes bool
}

func (o EncodeOptions) copies() int { return max(o.Copies, 1) }

// Encode returns the commands that print a page in a language, by its name.
func Encode(language string, p *Page, o EncodeOptions) ([]byte, error) {
	l, known := FindLanguage(language)
	if !known {
		return nil, errUnknownLanguage(language)
	}
	return l.speaks.encode(p, o), nil
}
