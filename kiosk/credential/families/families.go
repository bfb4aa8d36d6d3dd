// Package families is the table of all families of credentials. Which there are,
// the folders beside this one say: each that has a variable Families is in the
// table, which go generate writes.
package families

import (
	"errors"
	"slices"
	"strings"
	"sync"

	"chot/kiosk/credential"
)

//go:generate go run generate.go

// All are the families, those whose texts have a beginning of their own before
// those that are only guessed at. What it returns must not be changed.
var All = sync.OnceValue(func() []credential.Family {
	all := slices.Concat(table...)
	slices.SortStableFunc(all, func(a, b credential.Family) int {
		switch {
		case a.Guessed == b.Guessed:
			return 0
		case a.Guessed:
			return 1
		}
		return -1
	})
	return all
})

// ByID is the family that reads credentials of that id. It is not ok for families
// made of data, and for ids that no family has.
func ByID(id credential.FamilyID) (f *credential.Family, ok bool) {
	f, ok = byID()[id]
	return f, ok
}

var byID = sync.OnceValue(func() map[credential.FamilyID]*credential.Family {
	ids := map[credential.FamilyID]*credential.Family{}
	all := All()
	for i := range all {
		for _, id := range all[i].IDs() {
			ids[id] = &all[i]
		}
	}
	return ids
})

// framing says whether a character at either end is not the code's own: what
// scanners put around it and what files begin with. HC1 may end in a space.
func framing(r rune) bool { return r < ' ' || r == 0x7F || r == '\uFEFF' }

// Read hands the text to the first family that reads it. A text of none gives a
// credential of the family [credential.NoFamily]. Nothing in a text makes Read
// fail: what is wrong with it, the credential's standing and problem say. Families
// made of data ([chot/kiosk/credential/venuecode]) are tried after all others.
func Read(text string, keys credential.Keyring, more ...credential.Family) credential.Credential {
	text = strings.TrimFunc(text, framing)
	for _, table := range [...][]credential.Family{All(), more} {
		for _, f := range table {
			if !f.Recognise(text) {
				continue
			}
			c, err := f.Read(text, keys)
			if errors.Is(err, credential.ErrNotRecognised) {
				continue
			}
			return c
		}
	}
	return credential.Credential{Family: credential.NoFamily}
}
