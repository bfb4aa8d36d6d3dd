package db

import "github.com/uptrace/bun"

// Origin is the entry that a row was made from, and where it was recorded.
type Origin struct {
	Journal []byte `bun:",pk"`
	Entry   int64  `bun:",pk"`
	Kiosk   string
	Area    Area
	At      Time // by the kiosk's clock
}

// Sealed is who a row is about.
type Sealed struct {
	Document []byte `bun:",nullzero"` // keyed hash of the document's number, nil where it is unknown
	Day      Day    // names the key of the person
	Person   []byte `bun:",nullzero"` // record.Person, encrypted by package person; nil once erased or expired
}

// Order is a registration for a test.
type Order struct {
	bun.BaseModel `bun:"table:orders"`
	Origin
	Number    string
	Technique int16
	Reason    string
	Sealed
}

// Specimen was taken from one person. The members of a pool share the tube.
type Specimen struct {
	bun.BaseModel `bun:"table:specimens"`
	Origin
	Tube        string // as on the label
	TubeKey     string // as tubes are compared
	TubeLoose   string // numbers that may be meant for each other have it in common
	Technique   int16
	Reason      string
	OrderNumber string // "" where there was none
	Member      int    // place in the pool from 1, 0 for a tube of one's own
	Voided      Time
	Called      string // account that called the person back after a positive pool
	Sealed
}

// PoolStep is a pool opened, closed or voided.
type PoolStep struct {
	bun.BaseModel `bun:"table:pool_steps"`
	Origin
	TubeKey string
	Step    int16
	Size    int
}

// Result is what holds of a specimen: of a tube and the kiosk that took it.
type Result struct {
	bun.BaseModel `bun:"table:results"`
	TubeKey       string `bun:",pk"`
	Kiosk         string `bun:",pk"` // that took the specimen
	Technique     int16  `bun:",pk"`
	Area          Area   // of the specimen
	Tube          string // as on the label
	Outcome       int16  // 0 after it was withdrawn
	Before        int16  // what was told before it was corrected or withdrawn, 0 where nothing was
	At            Time   // when the laboratory had it
	Came          Time
	Changed       Time // when it was corrected or withdrawn, zero where it was not
	Version       Time // when the laboratory released it, zero where it did not say
	Authority     int16
	Source        string // account, laboratory or kiosk
	Message       string // what it came in: a file's name, a message's number
}

// Work is a reported result or dose that a person must look at.
type Work struct {
	bun.BaseModel `bun:"table:worklist,alias:work"`
	ID            string `bun:",pk"`
	Kind          string // "result" or "dose"
	Area          Area
	Problem       string // "unknown-tube", "open-pool", "conflict" …
	Source        string
	Scope         Area // for which specimens the source may report
	Authority     int16
	Message       string
	Place         string // where in the file, as JSON
	Tube          string // the first number that was given, "" for a dose
	Kiosk         string // that took the specimen, "" where it is not known
	Technique     int16
	Outcome       int16
	Status        int16
	At            Time
	Came          Time
	Code          string // of a measurement that is not known
	Read          string // what was read
	Proposals     string // numbers of tubes that may be meant, separated by line breaks
	Document      []byte `bun:",nullzero"` // keyed hash of the person's document, nil where it is not known
	Day           Day    // names the key of the body
	Body          []byte `bun:",nullzero"` // the statement, encrypted
	Done          string // account that settled it, "" while open
	Decision      string
}

// WorkKey is a number of a tube that a piece of work waits for.
type WorkKey struct {
	bun.BaseModel `bun:"table:worklist_keys"`
	ID            string `bun:",pk"`
	Key           string `bun:",pk"`
}

// Delivery was taken in: the same again changes nothing.
type Delivery struct {
	bun.BaseModel `bun:"table:deliveries"`
	ID            string `bun:",pk"`
	Came          Time
}

// AnalyteCode is what a laboratory's own code means, as a person has said.
type AnalyteCode struct {
	bun.BaseModel `bun:"table:analyte_codes"`
	Source        string `bun:",pk"`
	Code          string `bun:",pk"`
	Kind          string
	Technique     int16
	Account       string
	At            Time
}

// ColumnMap is which column of a laboratory's tables is which, by the hash of their
// header.
type ColumnMap struct {
	bun.BaseModel `bun:"table:column_maps"`
	Source        string `bun:",pk"`
	Kind          string `bun:",pk"`
	Header        string `bun:",pk"`
	Columns       string // JSON: index by field
	At            Time
}

// Upload is a file between its preview and its confirmation.
type Upload struct {
	bun.BaseModel `bun:"table:uploads"`
	ID            string `bun:",pk"`
	Account       string
	Kind          string
	Name          string
	Expires       Time
	Day           Day
	Body          []byte // encrypted
}

// APIKey lets another system in.
type APIKey struct {
	bun.BaseModel `bun:"table:api_keys,alias:key"`
	ID            string `bun:",pk"`
	Hash          []byte // SHA-256 of the secret
	Title         string // as shown
	Source        string // whose reports its reports are
	Scopes        string // separated by blanks
	Area          Area
	Made          Time
	Account       string // that made it
	Expires       Time
	Used          Time
	Revoked       Time
}

// Registration is one for vaccination.
type Registration struct {
	bun.BaseModel `bun:"table:registrations"`
	Origin
	Number string
	Group  string `bun:"grp"`
	Doses  int    // received so far, as the person says
	Wish   string
	Sealed
}

// Dose was given.
type Dose struct {
	bun.BaseModel `bun:"table:doses"`
	Document      []byte `bun:",pk"`
	Number        int    `bun:",pk"`
	Area          Area   // of whom reported it
	Given         Day
	Product       string
	Lot           string
	Place         string
	Came          Time
	Source        string
	Body          []byte // holder and certificate, encrypted by package vaccine
}

// Invitation calls a person to be vaccinated.
type Invitation struct {
	bun.BaseModel `bun:"table:invitations"`
	Document      []byte `bun:",pk"`
	Area          Area
	Due           Time
	Place         string
	Came          Time
	Source        string
	Body          []byte // holder, encrypted by package vaccine
}
