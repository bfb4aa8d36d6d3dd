// Package intake takes in batches of store/wire: it checks who signed them and
// where they follow, opens the seals, commits the entries, and only then signs
// the receipt. [Intake.Take] runs a batch through the stages
//
//	decode   bytes to a batch that is a chain in itself   check.go
//	check    who signed it, and whether they may          check.go
//	order    where its journal is, what is new            order.go
//	prepare  open seals, derive rows                      prepare.go, facts.go, visits.go
//	commit   one transaction for all that wait            commit.go, advance.go, project.go
//	sign     the receipt for what is committed            sign.go
//
// Exactly once is kept by the key (journal, number) of the entries and by the
// row of the journal, which moves from one position to the next by an UPDATE
// that names the position it moves from. Of two instances that take in the same
// batch at once one moves it; the other returns to the stage order and gives the
// same receipt.
//
// Times never decide whether a batch is taken: numbers order entries. A time that
// cannot be right is marked beside the province's own, see [db.Arrival].
//
// An entry that does not open, that this version does not understand, or that a
// [Projector] cannot store, is kept as it came and shown; it never holds up those
// after it.
package intake
