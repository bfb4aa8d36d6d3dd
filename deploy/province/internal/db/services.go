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

// Result is what holds of a tube.
type Result struct {
	bun.BaseModel `bun:"table:results"`
	TubeKey       string `bun:",pk"`
	Technique     int16  `bun:",pk"`
	Area          Area   // of the specimen
	Tube          string
	Outcome       int16
	At            Time // when the laboratory had it
	Came          Time
	Source        string // account or kiosk
	Message       string // what it came in: a file's name, a message's number
}

// Work is a reported result that could not be filed as it came.
type Work struct {
	bun.BaseModel `bun:"table:work"`
	ID            string `bun:",pk"`
	Area          Area
	Problem       string // "unknown-tube", "open-pool", "conflict" …
	Tube          string
	TubeKey       string
	Technique     int16
	Outcome       int16
	At            Time
	Came          Time
	Source        string
	Scope         Area // for which tubes the source may report
	Message       string
	Done          string // account that settled it, "" while open
	Decision      string
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

// Invitation calls somebody to be vaccinated.
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
