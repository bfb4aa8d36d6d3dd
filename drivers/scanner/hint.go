package scanner

// Hint says why a code in view is not read, for the visitor.
type Hint string

const (
	NoHint   Hint = ""
	TooSmall Hint = "too-small" // come closer
	Blurred  Hint = "blurred"   // hold still, or further away
	Dark     Hint = "dark"      // too little light or contrast
	Glare    Hint = "glare"     // a reflection covers it
)

// hint says what is most likely wrong with a code that was not read.
func (m *miss) hint() Hint {
	switch {
	case m.glare > 0.1 && m.light-m.dark > 20:
		return Glare
	case m.light < 50 || m.light-m.dark < 14:
		return Dark
	case m.size < 1.8:
		return TooSmall
	}
	return Blurred
}
