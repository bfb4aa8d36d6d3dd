package pass

import (
	"crypto/sha256"
	"errors"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// message is a COSE_Sign1 (RFC 9052, section 4.2).
type message struct {
	_           struct{} `cbor:",toarray"`
	Protected   []byte
	Unprotected map[int]cbor.RawMessage
	Payload     []byte
	Signature   []byte
}

const (
	tagSign1 = 18 // RFC 9052, section 2
	algES256 = -7 // RFC 9053, section 2.1
)

type header struct {
	Alg int    `cbor:"1,keyasint"`
	Kid []byte `cbor:"4,keyasint"`
}

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

func (c claims) terms() Terms {
	at := func(s int64) time.Time { return time.Unix(s, 0).UTC() }
	return Terms{
		Issuer: c.Issuer, Number: string(c.Number),
		IssuedAt: at(c.IssuedAt), NotBefore: at(c.NotBefore), NotAfter: at(c.NotAfter),
	}
}

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

func newMessage(kid []byte, t Terms, body Body) (message, error) {
	content, err := encoding.Marshal(body)
	if err != nil {
		return message{}, err
	}
	payload, err := encoding.Marshal(claims{
		Issuer: t.Issuer, Audience: body.form().audience, Number: []byte(t.Number),
		IssuedAt: t.IssuedAt.Unix(), NotBefore: t.NotBefore.Unix(), NotAfter: t.NotAfter.Unix(),
		Body: content,
	})
	if err != nil {
		return message{}, err
	}
	protected, err := encoding.Marshal(header{Alg: algES256, Kid: kid})
	return message{Protected: protected, Unprotected: map[int]cbor.RawMessage{}, Payload: payload}, err
}

func (m message) bytes() ([]byte, error) {
	return encoding.Marshal(cbor.Tag{Number: tagSign1, Content: m})
}

var errFormat = errors.New("pass: not of the format")

// parseMessage reads the signed bytes and the kid.
func parseMessage(raw []byte) (message, []byte, error) {
	var tag cbor.RawTag
	if err := decoding.Unmarshal(raw, &tag); err != nil || tag.Number != tagSign1 {
		return message{}, nil, errFormat
	}
	var m message
	if err := decoding.Unmarshal(tag.Content, &m); err != nil {
		return message{}, nil, errFormat
	}
	var h header
	if err := decoding.Unmarshal(m.Protected, &h); err != nil {
		return message{}, nil, errFormat
	}
	if h.Alg != algES256 || len(h.Kid) != 8 || len(m.Signature) != 64 || len(m.Unprotected) != 0 {
		return message{}, nil, errFormat
	}
	return m, h.Kid, nil
}

func (m message) claims() (claims, error) {
	var c claims
	if err := decoding.Unmarshal(m.Payload, &c); err != nil {
		return claims{}, errFormat
	}
	for _, t := range []int64{c.IssuedAt, c.NotBefore, c.NotAfter} {
		if t <= 0 || t > greatestTime {
			return claims{}, errFormat
		}
	}
	return c, nil
}

// digest is the hash of the Sig_structure (RFC 9052, section 4.4).
func (m message) digest() [sha256.Size]byte {
	return sha256.Sum256(must(encoding.Marshal([]any{"Signature1", m.Protected, []byte{}, m.Payload})))
}
