package scanner

import "context"

// Module is a scanner that decodes by itself and sends text. Next and Halt may
// be called from different goroutines.
type Module interface {
	// String names the device, for the technician's page.
	String() string
	// Next waits for the next code. An error wraps the context's or says what the
	// device did; after the latter open the module again.
	Next(ctx context.Context) (Code, error)
	// Halt releases the device. Later calls of Next fail.
	Halt() error
}

// longest is the most bytes that a code can carry: a QR code of version 40 has
// 7089 digits.
const longest = 7089
