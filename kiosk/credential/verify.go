package credential

import (
	"crypto"
	"time"
)

// Signature is a signature that may be checked with a public key.
type Signature interface {
	// Suits says whether the key is of a kind that could have made it.
	Suits(key crypto.PublicKey) bool
	// Holds says whether the key made it.
	Holds(key crypto.PublicKey) bool
}

// Verify checks a signature with the keys that may have made it, all of the id that
// the text names. It gives the key that did, nil where no key did.
//
//	Signed                       a key made it that may sign this and did so in its time
//	UnknownIssuer  unknown-key   no key suits it, so that it cannot be checked
//	UnknownIssuer  expired-key   a key made it, but was not valid at the time of issue
//	UnknownIssuer  key-usage     a key made it that may not sign this
//	Forged         signature     keys suit it, but none made it
//
// A time of issue that is not known, zero, lies within every key's. May says what a
// key may sign; nil lets it sign anything.
func Verify(s Signature, keys []Key, issued time.Time, may func(*Key) bool) (Standing, Problem, *Key) {
	standing, problem, by := UnknownIssuer, UnknownKey, (*Key)(nil)
	for i := range keys {
		k := &keys[i]
		switch {
		case !s.Suits(k.Public):
		case !s.Holds(k.Public):
			if by == nil {
				standing, problem = Forged, BadSignature
			}
		case may != nil && !may(k):
			standing, problem, by = UnknownIssuer, KeyUsage, k
		case !k.HeldAt(issued):
			standing, problem, by = UnknownIssuer, ExpiredKey, k
		default:
			return Signed, "", k
		}
	}
	return standing, problem, by
}
