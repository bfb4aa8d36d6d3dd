package hcert

import (
	"bytes"
	"compress/zlib"
	"crypto"
	"fmt"
	"io"
	"time"

	"chot/kiosk/credential/base45"
	"chot/kiosk/credential/cose"

	"github.com/fxamacker/cbor/v2"
)

// Issuer signs certificates: for tests, for demonstrations, and to print the
// province's own.
type Issuer struct {
	Country string        // ISO 3166-1 alpha-2
	Key     crypto.Signer // ECDSA with P-256 (ES256) or RSA of 2048 bits and up (PS256)
	KeyID   []byte        // see [KeyID]
}

// The labels of what a certificate may hold.
const (
	DCC = 1
	DVC = -6
)

// Sign writes a certificate as the text of a QR code. The content is what stands
// under the label: for a DCC an object with ver, nam, dob and one of v, t, r, as
// any value that encodes to it.
func (i Issuer) Sign(rand io.Reader, label int, content any, issued, expires time.Time) (string, error) {
	encoding, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		return "", fmt.Errorf("signing a health certificate: %w", err)
	}
	payload, err := encoding.Marshal(map[int]any{
		1: i.Country, 4: expires.Unix(), 6: issued.Unix(), -260: map[int]any{label: content},
	})
	if err != nil {
		return "", fmt.Errorf("signing a health certificate: %w", err)
	}
	message, err := cose.Sign(rand, i.Key, i.KeyID, payload)
	if err != nil {
		return "", fmt.Errorf("signing a health certificate: %w", err)
	}
	return encode(message)
}

// encode is the text of a signed message.
func encode(message []byte) (string, error) {
	var compressed bytes.Buffer
	w, err := zlib.NewWriterLevel(&compressed, zlib.BestCompression)
	if err == nil {
		_, err = w.Write(message)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return "", fmt.Errorf("compressing a health certificate: %w", err)
	}
	return string(base45.AppendEncode([]byte(prefix), compressed.Bytes())), nil
}
