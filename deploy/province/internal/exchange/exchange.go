// Package exchange says what laboratories and vaccination sites report, whatever
// the format: a file is bytes in a container and an encoding; what is inside are
// messages or rows; each makes statements of the types below. Packages below this
// one read one format each and only make statements; what becomes of a statement
// is decided by packages lab and vaccine, in one place each.
//
//	bytes → exchange/charset → exchange/table | exchange/hl7 | exchange/fhirread → [Result] | [Dose]
//
// A reader never guesses and never drops: what it cannot read becomes a statement
// with a [Problem], which names the place and what was read there.
package exchange

import (
	"errors"
	"time"

	"chot/kiosk/record"
)

// Limits of one file.
const (
	MaxStatements = 100_000
	MaxBytes      = 32 << 20
)

// ErrTooMany means that a file holds more than [MaxStatements].
var ErrTooMany = errors.New("the file holds more than 100,000 lines: please send it in parts")

// Place is where in a file a statement stands.
type Place struct {
	Line int    // row of a table or segment of an HL7 file, from 1; index of a FHIR entry, from 0
	Path string // "OBX-5", "Bundle.entry[3].resource"; "" for a row
}

// Problem is why a line cannot be read.
type Problem struct {
	Code string // one of the codes below; the page words it
	Read string // what stands there
}

// Codes of problems. Each has a text "line.<code>" that says what was expected.
const (
	NoTube       = "no-tube"       // no number of a specimen
	BadTube      = "bad-tube"      // not the number of a tube
	DigitsGone   = "digits-gone"   // 2.61101E+11: a spreadsheet has dropped digits
	CellError    = "cell-error"    // #N/A, #NAME?
	BadOutcome   = "bad-outcome"   // a word that is no result
	SignDiffers  = "sign-differs"  // "Âm tính (+)"
	BadTime      = "bad-time"      // no date
	MonthFirst   = "month-first"   // the column's dates have the month first
	FutureTime   = "future-time"   // a day that has not come
	BadLine      = "bad-line"      // a quotation mark that is not closed, broken JSON
	NoDocument   = "no-document"   // no number of an identity document
	BadDocument  = "bad-document"  // not the number of such a document
	Masked       = "masked"        // stars in the number
	NoVaccine    = "no-vaccine"    // the product is missing
	BadDose      = "bad-dose"      // no number of a dose
	TooLong      = "too-long"      // a value that is longer than any real one
	TestMessage  = "test-message"  // MSH-11 is T or D
	WrongMessage = "wrong-message" // not a message with results
	Continued    = "continued"     // goes on in another message (DSC, MSH-14)
	BadStatus    = "bad-status"    // a status that no table lists
	Unresolved   = "unresolved"    // a reference that names nothing, or two things
	WrongType    = "wrong-type"    // a resource that is neither result nor vaccination
)

// Problems are all codes, as texts and tests need them.
var Problems = []string{
	NoTube, BadTube, DigitsGone, CellError, BadOutcome, SignDiffers, BadTime, MonthFirst, FutureTime, BadLine, NoDocument, BadDocument,
	Masked, NoVaccine, BadDose, TooLong, TestMessage, WrongMessage, Continued, BadStatus, Unresolved, WrongType,
}

// Status is what the sender says of a statement's standing (HL7 tables 0085 and
// 0123, FHIR observation-status).
type Status uint8

// The statuses.
const (
	Final     Status = iota
	Corrected        // replaces what was final
	Amended          // as final; as corrected where the value differs
	Confirmed        // nothing changed: appended to, verified again
	Pending          // not final yet
	Cancelled        // cannot be had
	Withdrawn        // was wrong
	Unknown          // the sender does not know
)

// Tier says how near an identifier is to the label of a tube. The nearest that is
// given decides; others only contradict.
type Tier uint8

// The tiers, the nearest first.
const (
	Label      Tier = iota // the number on the tube: SPM-2.1, SPM-31, SAC-3, Specimen.identifier, a table's column
	Laboratory             // the laboratory's own: SPM-2.2, SPM-30, Specimen.accessionIdentifier
	Order                  // of the order: OBR-2, OBR-3, ORC-2, ORC-3
)

// Identifier is one number of a specimen.
type Identifier struct {
	Tier  Tier
	Value string // outer blanks removed, Unicode NFC, otherwise as sent
}

// Person is whom a statement is about, as far as it says.
type Person struct {
	Document string `json:",omitempty"` // number of an identity document
	Name     string `json:",omitempty"`
	Birth    int    `json:",omitempty"` // year
	Phone    string `json:",omitempty"`
}

// Code names what was measured.
type Code struct {
	System string `json:",omitempty"` // "LN" for LOINC, "SCT" for SNOMED CT, else as sent
	Code   string `json:",omitempty"`
	Text   string `json:",omitempty"`
}

// Result is one statement about a specimen.
type Result struct {
	Place     Place
	Message   string // the sender's own number of the message, "" where there is no such number
	Group     int    // statements of one order or report have the same
	Status    Status
	Specimens []Identifier
	Person    Person
	Measured  []Code // what was measured; empty in a table without such a column
	Panel     []Code // what was ordered
	Summary   bool   // the conclusion of a report, not one observation of it
	Table     bool   // a row: what was ordered was measured, unless Measured says otherwise
	Technique record.Technique
	Outcome   record.Outcome // 0 where the status has none
	Read      string         // the outcome as sent
	Quantity  bool           // a number or a time, which is no outcome
	Germ      string         // a germ that the answer names instead of an outcome
	Collected time.Time
	Resulted  time.Time // when the laboratory had it, zero where it is not said
	DateOnly  bool      // Resulted is a day
	Version   time.Time // when this version was released, zero where it is not said
	Problem   *Problem
}

// Dose is one statement about a person's vaccination: a dose given, or with
// Number 0 an invitation.
type Dose struct {
	Place       Place
	Message     string
	Status      Status
	Person      Person
	Number      int
	Product     string // as sent; the decision finds the vaccine
	Codes       []Code
	Lot         string
	Given       time.Time // or when the person is invited for
	Site        string
	Certificate string
	Table       bool
	Problem     *Problem
}

// Column is a column of a table and what it was taken for.
type Column struct {
	Index int    // from 0
	Name  string // as in the file
	Field string // "" where it is left out
}

// File is what a reader found.
type File[S any] struct {
	Format     string // "CSV", "XLSX", "HL7 v2", "FHIR"
	Encoding   string // "UTF-8", "windows-1258" …
	Separator  string
	Columns    []Column // of a table
	Header     int      // line of the table's header
	Message    string   // identifies the whole, "" where only its parts have numbers
	Statements []S
}

// Formats.
const (
	CSV  = "CSV"
	XLSX = "XLSX"
	HL7  = "HL7 v2"
	FHIR = "FHIR"
)
