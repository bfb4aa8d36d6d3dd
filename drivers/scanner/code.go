package scanner

import "time"

// Symbology names a code's kind as the field does.
type Symbology string

const (
	QR         Symbology = "qr"
	MicroQR    Symbology = "microqr"
	DataMatrix Symbology = "datamatrix"
	Code128    Symbology = "code128"
)

// Point is a position in a frame, in pixels from the top left corner.
type Point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// Code is what was read from a frame, or sent by a scanner module.
type Code struct {
	Text      string    // the content as UTF-8
	Bytes     []byte    // the byte segments as they stand in the code, before any character set
	Symbology Symbology // "" where a scanner module does not say
	Corners   [4]Point  // clockwise from the top left of the code itself; zero from a scanner module
	Time      time.Time // of the frame that it was read from
	Pass      string    // which pass read it, for measurements
	part      part
}
