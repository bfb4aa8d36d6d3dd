// Package drawcache makes Fyne forget what it has drawn after seconds instead of
// a minute.
//
// A kiosk builds each screen again, and Fyne keeps what it needs to draw a screen,
// textures of text above all, for as long as FYNE_CACHE says: with its default
// of a minute the memory of a busy kiosk grows past what a Raspberry Pi has to
// spare. Fyne reads the variable while its packages are initialised, before main
// begins, so that setting it there would be too late. Packages are initialised in
// the order of their import paths as soon as their imports are (Go 1.21), and
// this one imports os alone: it comes before Fyne's, which a test of package
// appliance makes sure of. A value that is set from outside stays.
package drawcache

import "os"

// keep is how long what is no longer on the screen is kept. Fyne looks every ten
// seconds at most. With ten seconds or less it marks all that is on the screen as
// alive 60 times a second, which an idle kiosk pays for; with this, once a second.
const keep = "11s"

func init() {
	if _, set := os.LookupEnv("FYNE_CACHE"); !set {
		_ = os.Setenv("FYNE_CACHE", keep) // fails for names with = alone
	}
}
