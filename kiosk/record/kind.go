package record

// String names the kind, "" for one that this version does not know.
func (k Kind) String() string {
	return name(k, "", "visit", "declaration", "sample", "pool", "result", "vaccination",
		"print", "staff", "health", "order", "loss", "erasure", "roll")
}
