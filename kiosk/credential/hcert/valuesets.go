package hcert

import (
	"chot/kiosk/credential"
	"chot/kiosk/credential/value"
)

// The value sets that name products, by the id of their published files.
const (
	setVaccines = "sct-vaccines-covid-19"
	setNames    = "vaccines-covid-19-names"
	setHolders  = "vaccines-covid-19-auth-holders"
	setDevices  = "covid-19-lab-test-manufacturer-and-name"
)

// listed are the fields that must be of a value set where they are not empty.
var listed = []struct{ group, field, set string }{
	{"v", "vp", setVaccines}, {"v", "mp", setNames}, {"v", "ma", setHolders}, {"t", "ma", setDevices},
}

// Unlisted names the first field of a DCC with a product that its value set does
// not have, as "v.ma"; "" where all are listed. Value sets are data that grows,
// so this is no matter of the schema: known says whether a set, by its id, has a
// code, and should take a set that it does not have for complete.
func Unlisted(c *credential.Credential, known func(set, code string) bool) string {
	dcc, ok := c.Payload.(*value.Object)
	if !ok || c.Family != credential.EUDCC {
		return ""
	}
	for _, l := range listed {
		for entry := range (*value.Value)(dcc).Get(l.group).Objects() {
			if code := entry.Get(l.field).String(); code != "" && !known(l.set, code) {
				return l.group + "." + l.field
			}
		}
	}
	return ""
}
