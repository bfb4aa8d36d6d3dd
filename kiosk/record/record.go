// Package record holds the types of everything that a kiosk keeps, and their
// encoding: CBOR with integer keys (RFC 8949), deterministic, unknown keys
// ignored, so that kiosks and provinces of different versions understand each
// other.
//
// A [Record] is a time and a [Body]. Kind and time stand outside the encoded
// body, because the journal carries both beside every entry:
//
//	payload, err := record.Encode(r.Body)
//	r, err := record.Decode(kind, at, payload)
//
// Two duties are kept apart. A [Visit] says what was checked and decided, never
// who: no name, no number. A [Declaration], an [Order], a [Sample] and a
// [Vaccination] hold a [Person], because that is what they are for.
//
// A person is held by birth year, not by birth date, and never with a picture.
package record

import "time"

// Kind says which body a record has. Kinds are written to disk: numbers are
// never reused.
type Kind uint8

// The kinds.
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
	KindRoll        Kind = 13 // one person of an agency's roll in a campaign
)

// Record is what happened, as it will be kept.
type Record struct {
	Time time.Time
	Body Body
}

// Body is the content of a record: one of this package's types, by value.
type Body interface{ Kind() Kind }

// bodies makes an empty body of each kind, to decode into.
var bodies = map[Kind]func() Body{
	KindVisit:       func() Body { return new(Visit) },
	KindDeclaration: func() Body { return new(Declaration) },
	KindSample:      func() Body { return new(Sample) },
	KindPool:        func() Body { return new(Pool) },
	KindResult:      func() Body { return new(Result) },
	KindVaccination: func() Body { return new(Vaccination) },
	KindPrint:       func() Body { return new(Print) },
	KindStaff:       func() Body { return new(Staff) },
	KindHealth:      func() Body { return new(Health) },
	KindOrder:       func() Body { return new(Order) },
	KindLoss:        func() Body { return new(Loss) },
	KindErasure:     func() Body { return new(Erasure) },
	KindRoll:        func() Body { return new(Roll) },
}
