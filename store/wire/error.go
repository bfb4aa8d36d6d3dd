package wire

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"

	"chot/store"
)

// Code says what the province refuses, for machines.
type Code string

// The codes of an [Error], with the status that each is sent with.
const (
	Malformed    Code = "malformed"   // 400: the bytes are no batch
	BadSignature Code = "signature"   // 403: not signed by the kiosk that it names
	Unknown      Code = "unknown"     // 403: no such kiosk is enrolled
	Revoked      Code = "revoked"     // 403: the kiosk's certificate was revoked
	None         Code = "none"        // 404: nothing of this journal is held
	Gap          Code = "gap"         // 409: entries are missing; Have says what is held
	Fork         Code = "fork"        // 409: another entry is held under a number
	TooLarge     Code = "too-large"   // 413: Limit says how many bytes are taken
	Busy         Code = "busy"        // 429: with Retry-After
	Unavailable  Code = "unavailable" // 503: with Retry-After; nothing was committed, or it is not known what was
)

var statuses = map[Code]int{
	Malformed: http.StatusBadRequest, BadSignature: http.StatusForbidden, Unknown: http.StatusForbidden,
	Revoked: http.StatusForbidden, None: http.StatusNotFound, Gap: http.StatusConflict, Fork: http.StatusConflict,
	TooLarge: http.StatusRequestEntityTooLarge,
	Busy:     http.StatusTooManyRequests, Unavailable: http.StatusServiceUnavailable,
}

// Error is the province's answer when it gives no receipt.
type Error struct {
	Code  Code
	Text  string         // for people, in English, without personal data
	Have  store.Position // Gap, Fork: what is held
	Limit uint64         // TooLarge: the most bytes
}

type wireError struct {
	Code   Code   `cbor:"1,keyasint"`
	Text   string `cbor:"2,keyasint,omitempty"`
	Number uint64 `cbor:"3,keyasint,omitempty"`
	Hash   []byte `cbor:"4,keyasint,omitempty"`
	Limit  uint64 `cbor:"6,keyasint,omitempty"`
}

func (e *Error) Error() string {
	if e.Text == "" {
		return string(e.Code)
	}
	return string(e.Code) + ": " + e.Text
}

// Status is the HTTP status that the error is sent with.
func (e *Error) Status() int {
	if s, ok := statuses[e.Code]; ok {
		return s
	}
	return http.StatusInternalServerError
}

// Encode returns the body of the answer.
func (e *Error) Encode() []byte {
	w := wireError{Code: e.Code, Text: e.Text, Number: e.Have.Number, Limit: e.Limit}
	if e.Have.Number > 0 {
		w.Hash = e.Have.Hash[:]
	}
	return marshal(w)
}

// DecodeError reads the body of an answer that is no receipt.
func DecodeError(data []byte) (*Error, error) {
	var w wireError
	if err := unmarshal(data, &w); err != nil {
		return nil, fmt.Errorf("reading the province's answer: %w", err)
	}
	e := &Error{Code: w.Code, Text: w.Text, Have: store.Position{Number: w.Number}, Limit: w.Limit}
	if n := len(w.Hash); n != 0 && n != sha256.Size {
		return nil, errors.New("reading the province's answer: a field is out of range")
	}
	copy(e.Have.Hash[:], w.Hash)
	return e, nil
}
