package record

// Person is whom a record is kept about. What was not given stays zero.
type Person struct {
	Name        string  `cbor:"1,keyasint,omitempty"` // as written, in Vietnamese order
	Birth       int     `cbor:"2,keyasint,omitempty"` // year
	Sex         Sex     `cbor:"3,keyasint,omitempty"`
	Nationality string  `cbor:"4,keyasint,omitempty"` // ISO 3166-1 alpha-2
	Document    string  `cbor:"5,keyasint,omitempty"` // number of an identity paper, possibly masked with *
	Phone       string  `cbor:"6,keyasint,omitempty"` // digits, with a leading + where international
	Address     Address `cbor:"7,keyasint,omitzero"`
}

// Address is a place by its administrative unit, and the set of units that the
// code is of: codes are reused when units are reorganised.
type Address struct {
	Unit string `cbor:"1,keyasint,omitempty"` // code of the commune, district or province
	Set  string `cbor:"2,keyasint,omitempty"` // "2022", "2026"
	Line string `cbor:"3,keyasint,omitempty"` // house, street, hamlet
}

// Reason is one ground of a verdict: a code that policy or triage lists, and the
// rule that gave it.
type Reason struct {
	_    struct{} `cbor:",toarray"`
	Code string
	Rule string // "" for built-in grounds
}

// maxReasons is how many of a verdict's reasons are counted.
const maxReasons = 8

// yieldReasons yields the codes of reasons, and says whether more is wanted.
func yieldReasons(reasons []Reason, yield func(of, code string) bool) bool {
	for _, r := range reasons[:min(len(reasons), maxReasons)] {
		if !yield("reason", r.Code) {
			return false
		}
	}
	return true
}
