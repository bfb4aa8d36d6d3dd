// Package provision turns a new kiosk into one that the province knows, from the
// sheet that a technician shows it.
//
// The sheet is a code of [chot/kiosk/credential/owncode]: where the kiosk will stand,
// which server it belongs to and by which keys to know it, a network to join and a
// token that the province takes once. A kiosk whose image carries the key of the
// province's sheets takes those alone; one without shows the key for the
// technician to compare.
//
//	keys, err := provision.LoadKeys("/etc/chot/sheets.pem")      // or nil
//	sheet := provision.Read(text, keys)                          // what it says
//	err = p.Run(ctx, text, func(s provision.Stage) { … })        // joins, sets the clock, enrols
//	site, err := provision.LoadSite(state)                       // at every later start
//
// Everything is written down before the token is spent, so that the power may
// fail at any moment: shown once more, the same sheet goes on where it stopped.
package provision
