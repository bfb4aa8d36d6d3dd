package scanner

import (
	"unicode/utf8"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/datamatrix"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"

	"chot/drivers/camera"
)

// luminance hands a frame to gozxing without converting a picture's colours
// one pixel at a time.
type luminance struct {
	gozxing.LuminanceSourceBase
	pix []byte
}

func newLuminance(f camera.Frame) *luminance {
	pix := f.Pix
	if f.Stride != f.Width {
		pix = make([]byte, f.Width*f.Height)
		for y := range f.Height {
			copy(pix[y*f.Width:], f.Pix[y*f.Stride:y*f.Stride+f.Width])
		}
	}
	return &luminance{gozxing.LuminanceSourceBase{Width: f.Width, Height: f.Height}, pix}
}

func (l *luminance) GetRow(y int, _ []byte) ([]byte, error) {
	return l.pix[y*l.Width : (y+1)*l.Width], nil
}
func (l *luminance) GetMatrix() []byte               { return l.pix }
func (l *luminance) Invert() gozxing.LuminanceSource { return gozxing.LuminanceSourceInvert(l) }
func (l *luminance) String() string                  { return gozxing.LuminanceSourceString(l) }

// IsRotateSupported: linear codes may stand upright.
func (l *luminance) IsRotateSupported() bool { return true }

// RotateCounterClockwise returns the picture turned by 90 degrees to the left.
func (l *luminance) RotateCounterClockwise() (gozxing.LuminanceSource, error) {
	w, h := l.Height, l.Width
	pix := make([]byte, w*h)
	for y := range h {
		for x := range w {
			pix[y*w+x] = l.pix[x*l.Width+l.Width-1-y]
		}
	}
	return &luminance{gozxing.LuminanceSourceBase{Width: w, Height: h}, pix}, nil
}

// library reads a frame by gozxing's own path.
func (s *Scanner) library(f camera.Frame) []Code {
	src := newLuminance(f)
	var codes []Code
	for _, r := range []struct {
		sym    Symbology
		reader gozxing.Reader
	}{
		{QR, qrcode.NewQRCodeReader()},
		{Code128, oned.NewCode128Reader()},
		{DataMatrix, datamatrix.NewDataMatrixReader()},
	} {
		if !s.wants(r.sym) {
			continue
		}
		bitmap, err := gozxing.NewBinaryBitmap(gozxing.NewHybridBinarizer(src))
		if err != nil {
			continue
		}
		result, err := r.reader.Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
		if err != nil {
			continue
		}
		c := Code{Text: result.GetText(), Symbology: r.sym, Time: f.Time, Pass: "library"}
		for _, p := range result.GetResultPoints() {
			if p != nil {
				c.Corners[0] = Point{p.GetX(), p.GetY()}
			}
		}
		if segments, ok := result.GetResultMetadata()[gozxing.ResultMetadataType_BYTE_SEGMENTS].([][]byte); ok {
			for _, seg := range segments {
				c.Bytes = append(c.Bytes, seg...)
			}
			if len(c.Bytes) > 0 && utf8.Valid(c.Bytes) && len(segments) == 1 && len(c.Bytes) >= len(c.Text) {
				c.Text = string(c.Bytes)
			}
		}
		codes = append(codes, c)
	}
	return codes
}
