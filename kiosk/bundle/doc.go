// Package bundle keeps what the province publishes for kiosks, verified: a
// folder of files that are the targets of a TUF repository (The Update
// Framework, specification 1.0.31).
//
//	b, err := bundle.Open(dir, bundle.Options{Kiosk: "hall-1", Group: "pilot", RootHash: sheet.Root, Now: clock})
//	status := b.Update(ctx, bundle.Source{Client: client, URL: server + "/tuf"})
//	status = b.Update(ctx, bundle.Stick("/media/usb/chot"))
//	files := b.Files()                          // fs.FS; os.DirFS of b.Dir()
//
// An update is taken whole or not at all. It is prepared in a folder of its own,
// with the metadata that it was verified with, synced, and becomes current by the
// renaming of one symbolic link; a power cut leaves the one before. What was cut
// off on a weak link is gone on with.
//
// What a mirror or a stick may do to us is told apart by [Problem]: nothing newer
// than the timestamp's life (frozen), older metadata (rollback), wrong signatures
// or content (tampered). In each case the present files stay.
//
// # Which files
//
// A target's custom field may limit it to groups, to a percentage of kiosks, to a
// time from when on, or halt it. A target under group/NAME/ takes the place of
// the one without that prefix, on the kiosks of that group. Targets under
// releases/ are not fetched with the rest but by [Bundle.Fetch], when the kiosk
// is about to install one.
package bundle
