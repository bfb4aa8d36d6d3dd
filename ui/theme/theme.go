// Package theme holds the measures and the colours of the kiosk's screens.
//
// Both are derived, not chosen by eye: [Measure] turns a panel's pixels and its
// diagonal into text sizes and touch targets that hold for people with weak
// eyes and unsteady hands, and every pair of colours that the screens put on
// one another has a known contrast ([Contrast]).
package theme

import "math"

const (
	// capitalAngle is the least height of a capital letter of the main sentence,
	// as the angle that it fills (EN 301 549, 5.1.4: 0.7°).
	capitalAngle = 0.7
	// viewing is the distance, in millimetres, from which a kiosk is read.
	viewing = 500
	// capital is the height of a capital letter of Noto Sans by its text size.
	capital = 0.714
	// target is the width and height of a touch target in millimetres, for
	// fingers that are not steady.
	target = 15
)

// Sizes are the measures of one panel, in its pixels.
type Sizes struct {
	Main  float32 // least text size of the one sentence that must be read
	Body  float32 // text of buttons, choices and explanations
	Small float32 // text that one may do without: time, place, versions
	Touch float32 // least width and height of anything that is tapped

	Gap    float32 // between two things that belong together
	Margin float32 // between the content and the panel's edge
	Radius float32 // of rounded corners
	Line   float32 // width of a drawn line
}

// Measure derives the sizes of a panel of width × height pixels whose diagonal
// is so many inches; with 0 inches it assumes what such panels are sold with
// ([Diagonal]).
func Measure(width, height int, inches float64) Sizes {
	if inches <= 0 {
		inches = Diagonal(width, height)
	}
	perMillimetre := math.Hypot(float64(width), float64(height)) / (inches * 25.4)
	letter := viewing * math.Tan(capitalAngle*math.Pi/180) * perMillimetre
	main := math.Round(letter / capital)
	touch := math.Round(target * perMillimetre)
	return Sizes{
		Main:   float32(main),
		Body:   float32(math.Round(main * 0.60)),
		Small:  float32(math.Round(main * 0.42)),
		Touch:  float32(touch),
		Gap:    float32(math.Round(touch * 0.12)),
		Margin: float32(math.Round(touch * 0.20)),
		Radius: float32(math.Round(touch * 0.16)),
		Line:   float32(math.Max(2, math.Round(touch*0.03))),
	}
}

// Diagonal is the usual diagonal, in inches, of a panel with these pixels: the
// 7-inch touch panels made for a Raspberry Pi up to 1024 × 600, 10.1 inches up
// to 1280 × 800, 15.6 inches above.
func Diagonal(width, height int) float64 {
	long := max(width, height)
	switch {
	case long <= 1024:
		return 7
	case long <= 1280:
		return 10.1
	default:
		return 15.6
	}
}
