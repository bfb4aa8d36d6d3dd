package sampling

// Ledger is what the desk knows of its tubes.
type Ledger struct{}
