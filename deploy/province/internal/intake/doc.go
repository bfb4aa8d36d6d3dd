// Package intake takes in batches of store/wire: it checks who signed them and
// where they follow, opens the seals, commits the entries, and only then signs
// the receipt.
//
// Exactly once is kept by the key (journal, number) of the entries and by the
// row of the journal, which moves from one position to the next by an UPDATE
// that names the position it moves from. Of two instances that take in the same
// batch at once one moves it, and the other finds that it has, starts over, and
// gives the same receipt.
//
// What a visit counts as is remembered by its bytes, see [visits].
//
// Batches that wait at the same time share a transaction, see [committer].
//
// An entry that does not open, or that this version does not understand, is kept
// as it came and shown; it never holds up those after it. What is derived from
// an entry inside the same transaction is listed in [facts]; other packages add
// to it by a [Projector].
package intake
