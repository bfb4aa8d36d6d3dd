package policy

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"chot/kiosk/credential"
)

// SameHolder says whether two codes can be of the same person: their birth
// dates agree as far as both are given, at least in the year, and their names
// have the same words in any order, transliterated where both codes are. A masked
// name matches no other: staff must look.
func SameHolder(a, b credential.Holder) bool {
	if a.Birth.Year == 0 || a.Birth.Year != b.Birth.Year ||
		differ(a.Birth.Month, b.Birth.Month) || differ(a.Birth.Day, b.Birth.Day) {
		return false
	}
	x, y := words(a), words(b)
	return len(x) > 0 && slices.Equal(x, y)
}

func differ(a, b int) bool { return a != 0 && b != 0 && a != b }

// words are the words of a holder's name, sorted.
func words(h credential.Holder) []string {
	name := h.Latin
	if name == "" {
		name = h.Name
	}
	if masked(name) {
		return nil
	}
	w := strings.FieldsFunc(strings.ToUpper(name), func(r rune) bool { return !unicode.IsLetter(r) })
	slices.Sort(w)
	return w
}

// masked says whether parts of a name are hidden: "N*****", "N. T. Thử".
func masked(name string) bool {
	return strings.Contains(name, "*") || slices.ContainsFunc(strings.Fields(name), func(w string) bool {
		return strings.HasSuffix(w, ".") && utf8.RuneCountInString(w) == 2
	})
}
