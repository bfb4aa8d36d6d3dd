package scanner

import (
	"time"
	"unicode/utf8"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/datamatrix"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// bitSource hands this package's black and white to gozxing's readers, which
// saves them their own way there.
type bitSource struct {
	bits *bitmap
	box  box
}

func (b bitSource) GetLuminanceSource() gozxing.LuminanceSource { return nil }

func (b bitSource) GetBlackRow(y int, row *gozxing.BitArray) (*gozxing.BitArray, error) {
	if row == nil || row.GetSize() < b.GetWidth() {
		row = gozxing.NewBitArray(b.GetWidth())
	}
	row.Clear()
	words := row.GetBitArray()
	src := b.bits.row(b.box.y0 + y)
	for x := range b.GetWidth() {
		at := b.box.x0 + x
		words[x>>5] |= uint32(src[at>>6]>>(at&63)&1) << (x & 31)
	}
	return row, nil
}

func (b bitSource) GetBlackMatrix() (*gozxing.BitMatrix, error) {
	m, err := gozxing.NewBitMatrix(b.GetWidth(), b.GetHeight())
	if err != nil {
		return nil, err
	}
	var row *gozxing.BitArray
	for y := range b.GetHeight() {
		if row, err = b.GetBlackRow(y, row); err != nil {
			return nil, err
		}
		m.SetRow(y, row)
	}
	return m, nil
}

func (b bitSource) CreateBinarizer(gozxing.LuminanceSource) gozxing.Binarizer { return b }
func (b bitSource) GetWidth() int                                             { return b.box.x1 - b.box.x0 }
func (b bitSource) GetHeight() int                                            { return b.box.y1 - b.box.y0 }

// library reads a part of a bitmap by gozxing's own path: Data Matrix, and in
// stored pictures the QR codes that stray from the standard so far that only
// another detector finds them.
func library(bits *bitmap, part box, sym Symbology, now time.Time, codes []Code) []Code {
	var reader gozxing.Reader
	switch sym {
	case DataMatrix:
		reader = datamatrix.NewDataMatrixReader()
	case QR:
		reader = qrcode.NewQRCodeReader()
	default:
		return codes
	}
	bitmap, err := gozxing.NewBinaryBitmap(bitSource{bits, part})
	if err != nil {
		return codes
	}
	result, err := reader.Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil || result.GetText() == "" {
		return codes
	}
	c := Code{Text: result.GetText(), Symbology: sym, Time: now, Pass: "library"}
	points := result.GetResultPoints()
	for i := range c.Corners {
		if len(points) > 0 {
			p := points[min(i, len(points)-1)]
			c.Corners[i] = Point{p.GetX() + float64(part.x0), p.GetY() + float64(part.y0)}
		}
	}
	if segments, ok := result.GetResultMetadata()[gozxing.ResultMetadataType_BYTE_SEGMENTS].([][]byte); ok {
		for _, s := range segments {
			c.Bytes = append(c.Bytes, s...)
		}
		// One byte segment and nothing else: our own rule for its characters.
		if sym == QR && len(segments) == 1 && utf8.Valid(c.Bytes) && !utf8.ValidString(c.Text) {
			c.Text = string(c.Bytes)
		}
	}
	for _, o := range codes {
		if o.Text == c.Text {
			return codes
		}
	}
	return append(codes, c)
}
