package record

// Visit is one passage and what it was decided on. It names nobody.
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
