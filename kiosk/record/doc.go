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
//
// # Adding a kind
//
// A kind is one file: the number, the row, the type, whose it is ([Personal]), and
// by which numbers it is found ([Numbered]).
package record
