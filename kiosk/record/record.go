// Package record holds the types of everything that a kiosk keeps, and their
// encoding: CBOR with integer keys (RFC 8949), deterministic, unknown keys
// ignored, so that kiosks and provinces of different versions understand each
// other.
package record

// Kind says which of the record's bodies is set. Kinds are written to disk:
// numbers are never reused.
type Kind uint8

const (
	KindVisit       Kind = 1  // a check-in or check-out with its verdict
	KindDeclaration Kind = 2  // a health declaration
	KindSample      Kind = 3  // a specimen taken from a person, alone or as a pool's member
	KindPool        Kind = 4  // a pool opened, closed, voided
	KindResult      Kind = 5  // an antigen test read on the spot
	KindVaccination Kind = 6  // a registration for vaccination
	KindPrint       Kind = 7  // a label or slip printed or reprinted
	KindStaff       Kind = 8  // log-in, override, void and other actions of staff
	KindHealth      Kind = 9  // the kiosk's report of its own state
	KindOrder       Kind = 10 // a registration for a test
	KindLoss        Kind = 11 // journal damage or a clock jump
	KindErasure     Kind = 12 // a person's data deleted on request
)
