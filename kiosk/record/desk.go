package record

// KindOrder is a registration for a test.
const KindOrder Kind = 10

var _ = personal[Order](KindOrder, "order")

// Order is a registration for a test.
type Order struct {
	Number    string            `cbor:"1,keyasint"` // printed on the slip
	Person    Person            `cbor:"2,keyasint"`
	Form      string            `cbor:"3,keyasint"`
	Reason    string            `cbor:"4,keyasint,omitempty"` // code of the form's option
	Technique Technique         `cbor:"5,keyasint,omitempty"`
	Place     string            `cbor:"6,keyasint,omitempty"` // code of the sampling post
	Slot      string            `cbor:"7,keyasint,omitempty"` // code of the time slot
	Other     map[string]string `cbor:"8,keyasint,omitempty"`
	Staff     string            `cbor:"9,keyasint,omitempty"`
}

// Kind implements Body.
func (Order) Kind() Kind { return KindOrder }

// Subject implements Personal.
func (b Order) Subject() Person { return b.Person }

// Numbers implements Numbered.
func (b Order) Numbers(yield func(of, number string) bool) {
	yield("number", b.Number)
}

// Codes implements Classified.
func (b Order) Codes(yield func(of, code string) bool) { yield("technique", b.Technique.String()) }

// KindSample is a specimen taken from a person, alone or as a pool's member.
const KindSample Kind = 3

var _ = personal[Sample](KindSample, "sample")

// Sample is a specimen taken from a person, alone in its tube or as a pool's
// member. It is kept once the tube's label has been read back.
type Sample struct {
	Tube      string    `cbor:"1,keyasint"`
	Person    Person    `cbor:"2,keyasint"`
	Order     string    `cbor:"3,keyasint,omitempty"` // number of the order, "" where there was none
	Technique Technique `cbor:"4,keyasint"`
	Reason    string    `cbor:"5,keyasint,omitempty"`
	Member    int       `cbor:"6,keyasint,omitempty"` // place in the pool from 1, 0 for a tube of one's own
	Staff     string    `cbor:"7,keyasint"`
}

// Kind implements Body.
func (Sample) Kind() Kind { return KindSample }

// Subject implements Personal.
func (b Sample) Subject() Person { return b.Person }

// Numbers implements Numbered.
func (b Sample) Numbers(yield func(of, number string) bool) {
	yield("tube", b.Tube)
}

// Codes implements Classified.
func (b Sample) Codes(yield func(of, code string) bool) { yield("technique", b.Technique.String()) }

// KindPool is a pool opened, closed, voided.
const KindPool Kind = 4

var _ = impersonal[Pool](KindPool, "pool")

// Pool is a tube for several people opened, closed or voided.
type Pool struct {
	Tube      string    `cbor:"1,keyasint"`
	Step      Step      `cbor:"2,keyasint"`
	Size      int       `cbor:"3,keyasint,omitempty"` // members, when closed or voided
	Technique Technique `cbor:"4,keyasint"`
	Reason    string    `cbor:"5,keyasint,omitempty"` // why it was voided
	Staff     string    `cbor:"6,keyasint"`
}

// Kind implements Body.
func (Pool) Kind() Kind { return KindPool }

// Numbers implements Numbered.
func (b Pool) Numbers(yield func(of, number string) bool) {
	yield("tube", b.Tube)
}

// Codes implements Classified.
func (b Pool) Codes(yield func(of, code string) bool) { yield("step", b.Step.String()) }

// KindResult is an antigen test read on the spot.
const KindResult Kind = 5

var _ = impersonal[Result](KindResult, "result")

// Result is an antigen test read on the spot.
type Result struct {
	Number    string    `cbor:"1,keyasint"` // of the signed result
	Tube      string    `cbor:"2,keyasint"`
	Technique Technique `cbor:"3,keyasint"`
	Outcome   Outcome   `cbor:"4,keyasint"`
	Sampled   Unix      `cbor:"5,keyasint"`
	Staff     string    `cbor:"6,keyasint"`
}

// Kind implements Body.
func (Result) Kind() Kind { return KindResult }

// Numbers implements Numbered.
func (b Result) Numbers(yield func(of, number string) bool) {
	_ = yield("tube", b.Tube) && yield("number", b.Number)
}

// Codes implements Classified.
func (b Result) Codes(yield func(of, code string) bool) { yield("outcome", b.Outcome.String()) }

// KindPrint is a label or slip printed or reprinted.
const KindPrint Kind = 7

var _ = impersonal[Print](KindPrint, "print")

// Print is a label or slip printed or reprinted.
type Print struct {
	Layout string `cbor:"1,keyasint"` // "sample", "slip", "result", "test"
	Number string `cbor:"2,keyasint"` // of the tube or slip
	Copies int    `cbor:"3,keyasint,omitempty"`
	Again  string `cbor:"4,keyasint,omitempty"` // reason of a reprint
	Failed string `cbor:"5,keyasint,omitempty"` // code of what went wrong
	Staff  string `cbor:"6,keyasint,omitempty"`
}

// Kind implements Body.
func (Print) Kind() Kind { return KindPrint }

// KindStaff is log-in, override, void and other actions of staff.
const KindStaff Kind = 8

var _ = impersonal[Staff](KindStaff, "staff")

// Staff is an action of a member of staff.
type Staff struct {
	Badge  string `cbor:"1,keyasint"`
	Action string `cbor:"2,keyasint"`           // "login", "logout", "locked", "override", "void", "undo" and so on
	Target string `cbor:"3,keyasint,omitempty"` // what it was done to: a tube, a part
	Member int    `cbor:"4,keyasint,omitempty"` // place in a pool
	Reason string `cbor:"5,keyasint,omitempty"`
	From   Level  `cbor:"6,keyasint,omitempty"` // verdict that was overridden
	To     Level  `cbor:"7,keyasint,omitempty"`
	Count  int    `cbor:"8,keyasint,omitempty"`
}

// Kind implements Body.
func (Staff) Kind() Kind { return KindStaff }

// Codes implements Classified.
func (b Staff) Codes(yield func(of, code string) bool) { yield("action", b.Action) }
