package exchange

import (
	"slices"
	"strings"
)

// Differs says whether two people are not one, as far as both are named: by the
// documents where both have one of a kind, else by name and year of birth. What is
// not known or masked differs from nothing.
func (p Person) Differs(other Person) bool {
	document := LooseKey
	if a, b := p.Document, other.Document; a != "" && b != "" && !strings.Contains(a+b, "*") && len(document(a)) == len(document(b)) {
		return document(a) != document(b)
	}
	if masked(p.Name) || masked(other.Name) {
		return false
	}
	if p.Name != "" && other.Name != "" && !slices.Equal(nameOf(p.Name), nameOf(other.Name)) {
		return true
	}
	return p.Birth != 0 && other.Birth != 0 && p.Birth != other.Birth
}

func masked(name string) bool { return strings.ContainsAny(name, "*.") }

// nameOf are the words of a name, in any order: some systems put the given name
// first.
func nameOf(name string) []string {
	words := strings.Fields(name)
	for i, w := range words {
		words[i] = Plain(w)
	}
	slices.Sort(words)
	return words
}
