// Package sampling is the sampling desk's book of tubes: which were given out,
// which hold a specimen, which pools are open, and whether a shift balances.
//
// A [Ledger] is an immutable value; what is done at the desk gives a new one and
// the [Tube] that changed, or a [Problem]. It survives a restart in the clear, so
// it holds numbers and counts, never a person. For one thing it must tell people
// apart: no person may be twice in a pool. A [Mark] does that, 12 bits of a
// digest: some thousands of people of a province share each, so it identifies no one,
// yet the same person always has the same one.
//
// The life of a tube:
//
//	Given ──label scanned back──▶ Ready ──specimen──▶ Sampled
//	  │                             │ pool: members ──▶ Sealed
//	  └────────────┬────────────────┘
//	               ▼
//	             Voided
//
// A tube that comes with a number of its own begins as Ready: scanning it is
// reading its label back.
package sampling
