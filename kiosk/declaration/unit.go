package declaration

// Units is one set of administrative units.
type Units struct{ set string }

// Set names the set: "2022", "2026".
func (u *Units) Set() string { return u.set }
