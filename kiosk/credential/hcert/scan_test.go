package hcert

import (
	"image"

	"chot/drivers/scanner"
)

// scan reads the first QR code of a picture, "" where there is none.
func scan(picture image.Image) string {
	reader := scanner.New(scanner.Options{Symbologies: []scanner.Symbology{scanner.QR}})
	for _, code := range reader.Still(scanner.Grey(picture)) {
		return code.Text
	}
	return ""
}
