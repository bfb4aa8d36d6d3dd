// Package lab is sampling and its results: test orders, specimens and pools as
// kiosks record them, results as laboratories report them, and what a person must
// look at.
//
// Readers (package exchange) make statements of what a laboratory sends. This
// package decides what becomes of each, in one place and in this order:
//
//	sift    is it a result of what was ordered: not a control, a part, another germ
//	match   which specimen is it of: a number matches itself
//	decide  does it hold: authority, status, what holds already
//
// and files it, puts it on the work list, or names the line and what is wrong with
// it. A specimen is a tube and the kiosk that took it. Nothing is guessed, nothing
// is dropped, and no line pays for its neighbour.
package lab

import (
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/datakeys"
	"chot/deploy/province/internal/db"
)

// Desk files results and serves what officers and laboratories see of them.
type Desk struct {
	DB       *bun.DB
	Vault    *datakeys.Keyring
	Registry *account.Registry
	Now      func() time.Time
}

// Authority is how much a source's word weighs: a lower one never changes what a
// higher one said.
type Authority int16

// The authorities.
const (
	Kiosk      Authority = 1 // read on the spot
	Laboratory Authority = 2
)

// Source is who reports, and for which specimens.
type Source struct {
	Name      string // account, laboratory of an API key, or kiosk
	Scope     db.Area
	Authority Authority
}

// FromAccount is the source that an account is.
func FromAccount(who account.Account) Source { return Source{who.Name, who.Area, Laboratory} }

// Problem is why a statement is on the work list.
type Problem string

// The problems.
const (
	UnknownTube   Problem = "unknown-tube"  // no such specimen has arrived, or it is of another area
	TwoSpecimens  Problem = "two-specimens" // its numbers name different specimens
	DoubleTube    Problem = "double-tube"   // two specimens have the number
	OpenPool      Problem = "open-pool"     // the pool is not closed: another person may still join it
	VoidedTube    Problem = "voided-tube"   // the desk had thrown it away
	OtherPerson   Problem = "other-person"  // it names another person than the specimen's
	OtherTest     Problem = "other-test"    // the specimen was taken for another technique
	OtherKiosk    Problem = "other-kiosk"   // a kiosk reports on what it did not take
	Conflict      Problem = "conflict"      // another result holds already
	Contradiction Problem = "contradiction" // one message says two things of one specimen
	UnknownCode   Problem = "unknown-code"  // what was measured is not known
	OnlyParts     Problem = "only-parts"    // targets without a conclusion
	NamesGerm     Problem = "names-germ"    // the answer names a germ instead of an outcome
	NotConfirmed  Problem = "not-confirmed" // its status is not known to the sender
	AfterRecall   Problem = "after-recall"  // it came after the result was withdrawn, without saying when it was made
	Recalled      Problem = "recalled"      // the laboratory withdrew what held
	Cancelled     Problem = "cancelled"     // there will be no result: the person may have to come again
)

// Problems are all of them, as texts and tests need them.
var Problems = []Problem{
	UnknownTube, TwoSpecimens, DoubleTube, OpenPool, VoidedTube, OtherPerson, OtherTest, OtherKiosk, Conflict, Contradiction, UnknownCode,
	OnlyParts, NamesGerm, NotConfirmed, AfterRecall, Recalled, Cancelled,
}

// acceptable are the problems of statements that a person may let hold as they are,
// for a specimen that is found.
var acceptable = map[Problem]bool{
	OpenPool: true, OtherPerson: true, OtherTest: true, OtherKiosk: true, Conflict: true, Contradiction: true, OnlyParts: true,
	NotConfirmed: true, AfterRecall: true, UnknownCode: true,
}

// Reasons of lines that are noted, and of some that are known.
const (
	IsControl   = "control"
	IsQuestion  = "question"
	IsOther     = "other-analyte"
	IsPart      = "part"
	IsQuantity  = "quantity"
	IsOlder     = "older"
	IsSettled   = "settled"
	NothingHeld = "nothing-held"
)

// Notes are those reasons.
var Notes = []string{IsControl, IsQuestion, IsOther, IsPart, IsQuantity, IsOlder, IsSettled, NothingHeld}
