package printer

import (
	"errors"
	"fmt"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	qrcode "github.com/skip2/go-qrcode"
)

const (
	// leastModule is the smallest module in mm that the kiosk's camera reads
	// from a hand, 2 dots at 203 dpi and 3 at 300; mostModule is where more
	// does not help.
	leastModule = 0.24
	mostModule  = 0.8
	// Quiet zones in modules: ISO/IEC 15417 and 18004.
	code128Quiet = 10
	qrQuiet      = 4
)

var eccLevels = map[string]qrcode.RecoveryLevel{
	"": qrcode.Medium, "L": qrcode.Low, "M": qrcode.Medium, "Q": qrcode.High, "H": qrcode.Highest,
}

var errDoesNotFit = errors.New("the code does not fit")

// ErrNotEncodable means that a text has characters that its code cannot carry.
var ErrNotEncodable = errors.New("the text cannot be encoded")

// symbol is a code set into its box: its modules, without the quiet zone, at
// their place in dots.
type symbol struct {
	kind       ElementKind
	text       string
	ecc        string // "L" to "H" of a QR code
	x, y, w, h int
	module     int // dots
}

// place makes the code as large as its box allows and centres it.
func place(kind ElementKind, text, ecc string, w, h int, dotsPerMM float64) (symbol, *bitmap, error) {
	if kind == QRElement {
		return placeQR(text, ecc, w, h, dotsPerMM)
	}
	return placeCode128(text, w, h, dotsPerMM)
}

func placeCode128(text string, w, h int, dotsPerMM float64) (symbol, *bitmap, error) {
	for _, r := range text {
		// The encoder takes ñ, ò, ó and ô for its function codes, and a reader
		// would return another text without an error.
		if r < ' ' || r > '~' {
			return symbol{}, nil, fmt.Errorf("a Code 128 of %d characters: %w: %q is not printable ASCII", len(text), ErrNotEncodable, r)
		}
	}
	matrix, err := oned.NewCode128Writer().Encode(text, gozxing.BarcodeFormat_CODE_128, 1, 1,
		map[gozxing.EncodeHintType]any{gozxing.EncodeHintType_MARGIN: 0})
	if err != nil {
		return symbol{}, nil, fmt.Errorf("making a Code 128 of %d characters: %w", len(text), err)
	}
	modules := matrix.GetWidth()
	m, err := moduleDots(w, modules+2*code128Quiet, dotsPerMM)
	if err != nil {
		return symbol{}, nil, fmt.Errorf("a Code 128 of %d characters: %w", len(text), err)
	}
	s := symbol{kind: Code128Element, text: text, w: modules * m, h: h, module: m}
	s.x = (w - s.w) / 2
	bits := newBitmap(s.w, s.h)
	for i := range modules {
		if matrix.Get(i, 0) {
			bits.fill(i*m, 0, m, h)
		}
	}
	return s, bits, nil
}

// placeQR lowers the error correction where that makes the code fit.
func placeQR(text, ecc string, w, h int, dotsPerMM float64) (symbol, *bitmap, error) {
	if ecc == "" {
		ecc = "M"
	}
	var failed error
	for _, level := range []string{"H", "Q", "M", "L"} {
		if eccLevels[level] > eccLevels[ecc] {
			continue
		}
		q, err := qrcode.New(text, eccLevels[level])
		if err != nil {
			failed = fmt.Errorf("making a QR code of %d bytes: %w", len(text), err)
			continue
		}
		q.DisableBorder = true
		modules := q.Bitmap()
		n := len(modules)
		m, err := moduleDots(min(w, h), n+2*qrQuiet, dotsPerMM)
		if err != nil {
			failed = fmt.Errorf("a QR code of %d bytes: %w", len(text), err)
			continue
		}
		s := symbol{kind: QRElement, text: text, ecc: level, w: n * m, h: n * m, module: m}
		s.x, s.y = (w-s.w)/2, (h-s.h)/2
		bits := newBitmap(s.w, s.h)
		for y, row := range modules {
			for x, dark := range row {
				if dark {
					bits.fill(x*m, y*m, m, m)
				}
			}
		}
		return s, bits, nil
	}
	return symbol{}, nil, failed
}

// moduleDots is how many dots a module gets in a box for so many modules.
func moduleDots(box, modules int, dotsPerMM float64) (int, error) {
	m := min(box/modules, int(mostModule*dotsPerMM))
	if float64(m) < leastModule*dotsPerMM {
		return 0, fmt.Errorf("%w: %d modules of %.2g mm are more than %.3g mm",
			errDoesNotFit, modules, leastModule, float64(box)/dotsPerMM)
	}
	return m, nil
}
