package record

// KindVisit is a check-in or check-out with its verdict.
const KindVisit Kind = 1

var _ = impersonal[Visit](KindVisit, "visit")

// Visit is one passage and what it was decided on. It names no person.
type Visit struct {
	Direction   Direction `cbor:"1,keyasint"`
	Family      string    `cbor:"2,keyasint"` // of the credential: a credential.FamilyID, "declaration" or "manual"
	Level       Level     `cbor:"3,keyasint"`
	Reasons     []Reason  `cbor:"4,keyasint,omitempty"`
	Rules       string    `cbor:"5,keyasint,omitempty"` // version of the rules
	Party       int       `cbor:"6,keyasint,omitempty"` // number of people where more than one
	Temperature int       `cbor:"7,keyasint,omitempty"` // body temperature in tenths of a degree Celsius, 0 where not taken
	Staff       string    `cbor:"8,keyasint,omitempty"` // badge of who checked in by hand
}

// Kind implements Body.
func (Visit) Kind() Kind { return KindVisit }

// Verdict implements Judged.
func (b Visit) Verdict() Level { return b.Level }

// Codes implements Classified.
func (b Visit) Codes(yield func(of, code string) bool) {
	_ = yieldReasons(b.Reasons, yield) && yield("family", b.Family) && yield("direction", b.Direction.String())
}

// KindDeclaration is a health declaration.
const KindDeclaration Kind = 2

var _ = personal[Declaration](KindDeclaration, "declaration")

// Declaration is a health declaration with the verdict of triage.
type Declaration struct {
	Number   string            `cbor:"1,keyasint"` // printed on the slip
	Person   Person            `cbor:"2,keyasint"`
	Form     string            `cbor:"3,keyasint"`           // id and version of the form, "health/2026-01"
	Travel   string            `cbor:"4,keyasint,omitempty"` // where the person was in the last 14 days, "" for nowhere
	Symptoms []string          `cbor:"5,keyasint,omitempty"` // codes of the form's options
	Contacts []string          `cbor:"6,keyasint,omitempty"` // codes of the form's options
	Other    map[string]string `cbor:"7,keyasint,omitempty"` // answers to questions that only this form has, by question
	Level    Level             `cbor:"8,keyasint"`
	Reasons  []Reason          `cbor:"9,keyasint,omitempty"`
	Proxy    bool              `cbor:"10,keyasint,omitempty"` // declared by a relative or a volunteer
	Staff    string            `cbor:"11,keyasint,omitempty"` // badge of the volunteer who declared for the person
	Head     string            `cbor:"12,keyasint,omitempty"` // number of the party's first declaration, "" for the first
	Document string            `cbor:"13,keyasint,omitempty"` // family of the code that was read, "" where all was typed
}

// Kind implements Body.
func (Declaration) Kind() Kind { return KindDeclaration }

// Subject implements Personal.
func (b Declaration) Subject() Person { return b.Person }

// Numbers implements Numbered.
func (b Declaration) Numbers(yield func(of, number string) bool) {
	yield("number", b.Number)
}

// Verdict implements Judged.
func (b Declaration) Verdict() Level { return b.Level }

// Codes implements Classified.
func (b Declaration) Codes(yield func(of, code string) bool) { yieldReasons(b.Reasons, yield) }

// KindVaccination is a registration for vaccination.
const KindVaccination Kind = 6

var _ = personal[Vaccination](KindVaccination, "vaccination")

// Vaccination is a registration for vaccination.
type Vaccination struct {
	Number string            `cbor:"1,keyasint"`
	Person Person            `cbor:"2,keyasint"`
	Form   string            `cbor:"3,keyasint"`
	Group  string            `cbor:"4,keyasint,omitempty"` // priority group, code of the form's option
	Doses  int               `cbor:"5,keyasint,omitempty"` // received so far
	Wish   string            `cbor:"6,keyasint,omitempty"` // vaccine wished for, code of the form's option
	Other  map[string]string `cbor:"7,keyasint,omitempty"`
	Staff  string            `cbor:"8,keyasint,omitempty"`
}

// Kind implements Body.
func (Vaccination) Kind() Kind { return KindVaccination }

// Subject implements Personal.
func (b Vaccination) Subject() Person { return b.Person }

// Numbers implements Numbered.
func (b Vaccination) Numbers(yield func(of, number string) bool) {
	yield("number", b.Number)
}

// Codes implements Classified.
func (b Vaccination) Codes(yield func(of, code string) bool) { yield("group", b.Group) }

// KindRoll is one person of an agency's roll in a campaign.
const KindRoll Kind = 13

var _ = personal[Roll](KindRoll, "roll")

// Roll is one person of an agency's roll in a campaign.
type Roll struct {
	Campaign string `cbor:"1,keyasint"`
	Agency   string `cbor:"2,keyasint"`
	Person   Person `cbor:"3,keyasint"`
	App      bool   `cbor:"4,keyasint,omitempty"` // has the province's app
	Declared bool   `cbor:"5,keyasint,omitempty"`
	Staff    string `cbor:"6,keyasint,omitempty"`
}

// Kind implements Body.
func (Roll) Kind() Kind { return KindRoll }

// Subject implements Personal.
func (b Roll) Subject() Person { return b.Person }
