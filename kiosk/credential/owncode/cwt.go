package owncode

import (
	"errors"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// claims are a CWT's (RFC 8392, section 4).
type claims struct {
	Issuer    string          `cbor:"1,keyasint"`
	Audience  string          `cbor:"3,keyasint"`
	NotAfter  int64           `cbor:"4,keyasint"`
	NotBefore int64           `cbor:"5,keyasint"`
	IssuedAt  int64           `cbor:"6,keyasint"`
	Number    []byte          `cbor:"7,keyasint"`
	Body      cbor.RawMessage `cbor:"-65537,keyasint"`
}

// greatestTime is the end of the year 9999, beyond which times are nonsense.
const greatestTime = 253402300799

var encoding = must(cbor.CoreDetEncOptions().EncMode())

var decoding = must(cbor.DecOptions{
	DupMapKey:         cbor.DupMapKeyEnforcedAPF,
	IndefLength:       cbor.IndefLengthForbidden,
	MaxNestedLevels:   8,
	MaxArrayElements:  32,
	MaxMapPairs:       32,
	FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
	UTF8:              cbor.UTF8RejectInvalid,
}.DecMode())

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func encodeClaims(t Terms, body Body) ([]byte, error) {
	content, err := encoding.Marshal(body)
	if err != nil {
		return nil, err
	}
	return encoding.Marshal(claims{
		Issuer: t.Issuer, Audience: body.form().audience, Number: []byte(t.Number),
		IssuedAt: t.IssuedAt.Unix(), NotBefore: t.NotBefore.Unix(), NotAfter: t.NotAfter.Unix(),
		Body: content,
	})
}

var errFormat = errors.New("pass: not of the format")

func decodeClaims(payload []byte) (c claims, err error) {
	if err := decoding.Unmarshal(payload, &c); err != nil {
		return claims{}, errFormat
	}
	for _, t := range []int64{c.IssuedAt, c.NotBefore, c.NotAfter} {
		if t <= 0 || t > greatestTime {
			return claims{}, errFormat
		}
	}
	return c, nil
}

func (c claims) terms() Terms {
	at := func(s int64) time.Time { return time.Unix(s, 0).UTC() }
	return Terms{
		Issuer: c.Issuer, Number: string(c.Number),
		IssuedAt: at(c.IssuedAt), NotBefore: at(c.NotBefore), NotAfter: at(c.NotAfter),
	}
}
