package vnid

import "chot/kiosk/credential"

// Families are those of this folder, for the table of all.
var Families = []credential.Family{Card, Personal, Insurance}
