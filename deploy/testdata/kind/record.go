package record

// KindToy is the example of a kind, see deploy/kind_test.go.
const KindToy Kind = 200

var _ = personal[Toy](KindToy, "toy")

// Toy is a person who was lent something.
type Toy struct {
	Number string `cbor:"1,keyasint"`
	Person Person `cbor:"2,keyasint"`
	Lent   string `cbor:"3,keyasint"`
}

// Kind implements Body.
func (Toy) Kind() Kind { return KindToy }

// Subject implements Personal.
func (b Toy) Subject() Person { return b.Person }

// Numbers implements Numbered.
func (b Toy) Numbers(yield func(of, number string) bool) { yield("number", b.Number) }
