package printer

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

var placeholder = regexp.MustCompile(`\{[a-z][a-z0-9_.]*\}`)

// fill replaces the fields in a text. It returns false where the text has
// fields and none has a value.
func fill(text string, fields map[string]string, clean func(string) string) (string, bool) {
	any, filled := false, false
	text = placeholder.ReplaceAllStringFunc(text, func(name string) string {
		any = true
		value := clean(fields[name[1:len(name)-1]])
		filled = filled || value != ""
		return value
	})
	return text, filled || !any
}

// printable composes letters, makes one line of several, and leaves out what
// cannot be seen.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, norm.NFC.String(s))
	s = strings.TrimSpace(s)
	if runes := []rune(s); len(runes) > maxText {
		s = string(runes[:maxText])
	}
	return s
}

// verbatim leaves a code's content as it is.
func verbatim(s string) string { return s }
