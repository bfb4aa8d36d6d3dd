// Package store is the journal of a kiosk: what has been acknowledged on the
// screen is in it, and stays in it until the province has signed for it.
//
// A [Journal] is one bbolt file. [Journal.Append] returns when the entry is
// durable; appends that wait at the same time share one sync. Each [Entry] is
// numbered, compressed, sealed to the province's key and chained to the entry
// before it by SHA-256, so that a stolen card cannot be read, and
// what was written cannot be changed, dropped or reordered unnoticed.
//
// # Chain
//
// Every journal has a random [ID]; its entries are numbered from 1. The hash of
// an entry covers its number, time, kind, the hash before it, and the digest of
// its sealed payload, not the payload itself: a payload can be erased at a
// person's request and the chain still verifies. The first entry follows
// [Genesis], which binds kiosk and journal.
//
// # Seal
//
// Entries of kind [KindSegment] carry an HPKE encapsulation (RFC 9180,
// MLKEM768X25519, HKDF-SHA256, ChaCha20-Poly1305). All entries after it, up to
// the next of that kind, are sealed under the key that it encapsulates. The
// sender's key lives in memory alone: after a restart the kiosk cannot read what
// it wrote and starts a new segment. An [Opener] with the province's private key
// reads them.
//
// # Time
//
// Numbers order entries, not times: an entry bears what the clock showed, and the
// clock of a kiosk can be set back, forth and wrong. [Clock] says what the journal
// knows of the time, and how good that is; nothing is refused for its time, and
// [Journal.Purge] deletes nothing while the clock cannot be trusted.
//
// The package knows nothing of what the payloads mean: it takes a kind, a time
// and bytes. Package store/wire moves entries to the province, package
// store/forward is the client that does so.
package store
