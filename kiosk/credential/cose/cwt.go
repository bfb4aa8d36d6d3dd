package cose

import (
	"time"

	"chot/kiosk/credential/value"
)

// Claims are what a CWT says of itself, RFC 8392 section 3.1. Times are zero
// where it does not say.
type Claims struct {
	Issuer    string
	NotAfter  time.Time
	NotBefore time.Time
	IssuedAt  time.Time
	ID        string       // the bytes of cti
	All       *value.Value // every claim, by its label in decimal or its name
}

// greatestTime is the end of the year 9999, beyond which times are nonsense.
const greatestTime = 253402300799

// ParseClaims reads a CWT. A time that is not a valid time is an error, for times prove
// something.
func ParseClaims(payload []byte) (c Claims, err error) {
	if c.All, err = Decode(payload); err != nil || !c.All.IsObject() {
		return Claims{}, ErrMalformed
	}
	issuer, fine := c.All.Get("1").Text()
	c.Issuer = issuer
	ok := fine || c.All.Get("1") == nil
	for _, claim := range [...]struct {
		label string
		to    *time.Time
	}{{"4", &c.NotAfter}, {"5", &c.NotBefore}, {"6", &c.IssuedAt}} {
		*claim.to, fine = numericDate(c.All.Get(claim.label))
		ok = ok && fine
	}
	c.ID = c.All.Get("7").String()
	if !ok {
		return Claims{}, ErrMalformed
	}
	return c, nil
}

// numericDate reads seconds since 1970; an absent one is no error.
func numericDate(v *value.Value) (time.Time, bool) {
	if v == nil {
		return time.Time{}, true
	}
	f, ok := v.Float() // as some issuers write times
	if !ok || !(f >= 0 && f <= greatestTime) {
		return time.Time{}, false
	}
	return time.Unix(int64(f), 0).UTC(), true
}
