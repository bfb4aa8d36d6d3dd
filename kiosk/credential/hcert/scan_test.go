package hcert

import (
	"image"

	"chot/drivers/scanner"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// scan reads the first QR code of a picture, "" if absent: by gozxing,
// which is quick with drawn codes, and where it fails by the kiosk's own scanner.
func scan(picture image.Image) string {
	if bitmap, err := gozxing.NewBinaryBitmapFromImage(picture); err == nil {
		if code, err := qrcode.NewQRCodeReader().Decode(bitmap, nil); err == nil {
			return code.GetText()
		}
	}
	reader := scanner.New(scanner.Options{Symbologies: []scanner.Symbology{scanner.QR}})
	for _, code := range reader.Still(scanner.Grey(picture)) {
		return code.Text
	}
	return ""
}
