package checkpoint

// View is a screen with everything that is on it. The types of this package
// that implement it, by value, are all screens that there are ([Views]).
type View interface{ view() }

// Hint says why a code that is seen cannot be read.
type Hint string

// The hints.
const (
	Closer  Hint = "closer"
	Further Hint = "further"
	Still   Hint = "still" // hold still
	Bright  Hint = "glare"
	Dark    Hint = "dark"
)
