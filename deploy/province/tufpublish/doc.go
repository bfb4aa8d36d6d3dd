// Package tufpublish is the way down, seen from those who publish: a TUF repository
// (The Update Framework, specification 1.0.31) that the province serves under
// /tuf/, and an [Editor] that changes what is in it.
//
// # Roles
//
//	root       keys of all roles; kept offline, for years
//	targets    everything that people publish: trust lists, rules, forms, content, releases;
//	           the key lies with whoever publishes, not with the server
//	online     delegated by targets: only kiosks.json and receipt-keys.json, which the server
//	           makes itself, so that a revocation needs no person
//	snapshot, timestamp   the server's: what is current, signed again every day
//
// A thief of the server can thus withhold what is new, which kiosks see by the
// timestamp's age, and can name kiosks and receipt keys; it cannot publish a
// trust list, a rule or a release.
//
// # Publishing
//
// An [Editor] takes the current targets metadata, is told what to put, remove,
// limit or halt, signs, and uploads: the signed metadata first, then the files
// that the server lacks, then the metadata again, which makes it current. A
// signature is what authorises, of the request before its body is read and of the
// metadata; no account is needed.
//
//	e, err := tufpublish.Open(ctx, client, server, root)
//	e.Put("policy.json", body, tufpublish.Rollout{})
//	e.Put("releases/1.4.0/chot-kiosk_arm64.deb", body, tufpublish.Rollout{Groups: []string{"pilot"}, Percent: 20})
//	err = e.Publish(ctx, targetsKey, time.Now())
//
// # Groups
//
// A [Rollout] says which kiosks a file is for. A file for one group only is put
// under group/NAME/ before its usual path, and takes that path's place on the
// kiosks of the group.
package tufpublish
