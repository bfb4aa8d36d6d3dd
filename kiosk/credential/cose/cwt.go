package cose

import "time"

// Claims are what a CWT says of itself, RFC 8392 section 3.1. Times are zero
// where it does not say.
type Claims struct {
	Issuer    string
	NotAfter  time.Time
	NotBefore time.Time
	IssuedAt  time.Time
	ID        []byte

	// Private is the content of the claim asked for, encoded; nil if absent.
	Private []byte
}

const (
	claimIssuer    = 1
	claimNotAfter  = 4
	claimNotBefore = 5
	claimIssuedAt  = 6
	claimID        = 7
)

// greatestTime is the end of the year 9999, beyond which times are nonsense.
const greatestTime = 253402300799

// ParseClaims reads a CWT. The private claim that holds the certificate has a
// label or, where that is 0, a name. A time that is none is an error, for times
// prove something.
func ParseClaims(payload []byte, label int64, name string) (c Claims, err error) {
	m := Open(payload)
	for m.Next() {
		if m.Name != "" || m.Label == 0 {
			if label == 0 && m.Name == name {
				c.Private = m.Raw
			}
			continue
		}
		ok := true
		switch m.Label {
		case label:
			c.Private = m.Raw
		case claimIssuer:
			issuer, fine := Bytes(m.Raw)
			c.Issuer, ok = string(issuer), fine
		case claimNotAfter:
			c.NotAfter, ok = numericDate(m.Raw)
		case claimNotBefore:
			c.NotBefore, ok = numericDate(m.Raw)
		case claimIssuedAt:
			c.IssuedAt, ok = numericDate(m.Raw)
		case claimID:
			c.ID, ok = Bytes(m.Raw)
		}
		if !ok {
			return Claims{}, ErrMalformed
		}
	}
	return c, m.Err()
}

func numericDate(raw []byte) (time.Time, bool) {
	s, ok := Number(raw)
	if !ok || s < 0 || s > greatestTime {
		return time.Time{}, false
	}
	return time.Unix(s, 0).UTC(), true
}
