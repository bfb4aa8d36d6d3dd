// Package families is the table of all families of credentials. A new family
// is a folder beside this one and a line in [All].
package families

import (
	"errors"
	"strings"

	"chot/kiosk/credential"
	"chot/kiosk/credential/hcert"
	"chot/kiosk/credential/nzcp"
	"chot/kiosk/credential/pass"
	"chot/kiosk/credential/shc"
	"chot/kiosk/credential/vdsnc"
	"chot/kiosk/credential/vnid"
)

// All families, those that are recognised by a signed form or a fixed prefix
// before those that are only guessed at.
var All = []credential.Family{
	hcert.Family,
	shc.Family,
	nzcp.Family,
	vdsnc.Family,
	pass.Slips,
	pass.Results,
	pass.Badges,
	pass.Sheets,
	vnid.Card,
	vnid.Personal,
	vnid.Insurance,
}

// Read hands the text to the first family that reads it. A text of none gives a
// credential of the family [credential.NoFamily]. Nothing in a text makes Read
// fail: what is wrong with it, the credential's standing and problem say. Families
// made of data ([chot/kiosk/credential/place]) are tried after all others.
func Read(text string, keys credential.Keyring, more ...credential.Family) credential.Credential {
	text = strings.Trim(text, "\r\n\t\ufeff") // not spaces: HC1 may end in one
	for _, table := range [...][]credential.Family{All, more} {
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
