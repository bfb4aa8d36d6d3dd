package main

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"strings"

	"chot/kiosk/credential/base45"
)

// forge changes the birth year in an HC1 certificate and leaves the signature
// as it was: a borrowed certificate.
func forge(text string) (string, error) {
	packed, err := base45.AppendDecode(nil, strings.TrimPrefix(text, "HC1:"))
	if err != nil {
		return "", fmt.Errorf("forging a certificate: %w", err)
	}
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return "", fmt.Errorf("forging a certificate: %w", err)
	}
	message, err := io.ReadAll(r)
	if err != nil {
		return "", fmt.Errorf("forging a certificate: %w", err)
	}
	dob := bytes.Index(message, []byte("dob"))
	year := dob + len("dob") + 1 // the date's CBOR head is one byte
	if dob < 0 || year+4 > len(message) {
		return "", fmt.Errorf("forging a certificate: it has no birth date")
	}
	copy(message[year:], "2001")
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	if _, err := w.Write(message); err != nil {
		return "", fmt.Errorf("forging a certificate: %w", err)
	}
	if err := w.Close(); err != nil {
		return "", fmt.Errorf("forging a certificate: %w", err)
	}
	return string(base45.AppendEncode([]byte("HC1:"), out.Bytes())), nil
}
