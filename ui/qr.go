package ui

import (
	"image"

	"fyne.io/fyne/v2/canvas"
	"github.com/skip2/go-qrcode"
)

// quiet is the white border of a code in modules. The standard asks for four;
// codes stand on white cards, which give the rest.
const quiet = 2

// qr draws a QR code in r, black on white, at a whole
// number of pixels a module, since phones read uneven modules badly. It draws
// nothing where the text is too long for the part.
func (p *page) qr(r rect, text string) bool {
	code, err := qrcode.New(text, qrcode.Low)
	if err != nil {
		p.cut = append(p.cut, "QR")
		return false
	}
	code.DisableBorder = true
	modules := code.Bitmap()
	n := len(modules)
	r = r.square()
	scale := int(r.w) / (n + 2*quiet)
	if scale < 2 {
		p.cut = append(p.cut, "QR")
		return false
	}
	picture := image.NewGray(image.Rect(0, 0, n*scale, n*scale))
	for y := range n * scale {
		for x := range n * scale {
			if !modules[y/scale][x/scale] {
				picture.Pix[y*picture.Stride+x] = 0xFF
			}
		}
	}
	o := canvas.NewImageFromImage(picture)
	o.ScaleMode = canvas.ImageScaleFastest
	o.FillMode = canvas.ImageFillStretch
	p.add(o, r.centre(float32(n*scale), float32(n*scale)))
	return true
}
