package theme

import (
	"image/color"
	"math"
)

// The colours of the screens.
var (
	White = color.NRGBA{0xFF, 0xFF, 0xFF, 0xFF}
	Black = color.NRGBA{0x00, 0x00, 0x00, 0xFF}

	Ground = color.NRGBA{0xF3, 0xF6, 0xF3, 0xFF} // behind everything
	Card   = White                               // what can be tapped, or is to be read
	Ink    = color.NRGBA{0x12, 0x21, 0x19, 0xFF} // text on ground and cards
	Muted  = color.NRGBA{0x44, 0x55, 0x4C, 0xFF} // text that may be overlooked
	Edge   = color.NRGBA{0x7C, 0x8C, 0x83, 0xFF} // the outline of what can be tapped
	Line   = color.NRGBA{0xD5, 0xDE, 0xD8, 0xFF} // between things, meaning nothing
	Soft   = color.NRGBA{0xE1, 0xEF, 0xE7, 0xFF} // chosen, or brought forward

	Green = color.NRGBA{0x00, 0x66, 0x39, 0xFF} // may pass; also the product's own colour
	Amber = color.NRGBA{0xFF, 0xC2, 0x0E, 0xFF} // a person must look
	Red   = color.NRGBA{0xB0, 0x00, 0x20, 0xFF} // may not pass
	Focus = color.NRGBA{0x0B, 0x57, 0xD0, 0xFF} // the ring around what a key would press
)

// On is the colour of text on a background: black or white, whichever stands
// out more.
func On(background color.NRGBA) color.NRGBA {
	if Contrast(background, White) >= Contrast(background, Black) {
		return White
	}
	return Black
}

// Contrast is the contrast ratio of two opaque colours, 1 to 21 (WCAG 2.2,
// "contrast ratio").
func Contrast(a, b color.NRGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// luminance is the relative luminance of a colour, 0 to 1.
func luminance(c color.NRGBA) float64 {
	linear := func(channel uint8) float64 {
		v := float64(channel) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}
