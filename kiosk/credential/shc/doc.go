// Package shc reads SMART Health Cards.
//
//	"shc:/" digits                  pairs of digits, each a character of the JWS less 45
//	"shc:/" n "/" of "/" digits     the same in several codes (deprecated, but in use)
//	JWS                             header {"alg":"ES256","zip":"DEF","kid":…}; payload in raw deflate
//	payload                         iss (URL of the issuer), nbf, exp (seconds since 1970, may have
//	                                fractions), vc with a FHIR bundle and perhaps a rid
//
// A card in several codes is read when all of them are given at once, one a
// line, in any order; see [Chunk] for gathering them.
//
// Source: SMART Health Cards Framework 1.4; RFC 7515 (JWS), RFC 1951 (deflate).
//
// # What a card is worth
//
//	standing       problem        why
//	Signed                        a key of its issuer signed it
//	Signed         schema         so it did, but it does not say whose it is
//	UnknownIssuer  algorithm      it is signed with another algorithm than ES256
//	UnknownIssuer  unknown-key    the issuer, or its key of that kid, is not trusted
//	UnknownIssuer  expired-key    it was issued outside the time of its key
//	Forged         signature      no key of that issuer and kid signed it
//	Unreadable     incomplete     some codes of several
//	Unreadable     malformed      it is not of this format
//
// The content of a forged card is not handed on. The issued time is nbf, which is
// also what revocation lists with times mean.
//
// # Events
//
// Doses that are completed and observations that are final. Codes of vaccines
// against COVID-19 and yellow fever (CVX, ICD-11, ATC) and of tests (LOINC) have the
// disease by its SNOMED CT code; what
// the tables do not know has its own code in its place, "cvx:140", so that no
// other vaccine passes for it.
package shc
