// Package owncode writes and reads the four codes that the system itself signs:
//
//	prefix    family            signed by                  what for
//	CHOT1S:   slip              a kiosk                    visited here, with this verdict; holds at other kiosks offline
//	CHOT1R:   result            the province or a kiosk    the result of one specimen
//	CHOT1B:   badge             the province               a member of staff
//	CHOT1P:   provision         the province               what a new kiosk needs to enrol
//
// After the prefix comes the base45 (RFC 9285) of a COSE_Sign1 (RFC 9052, tag 18)
// with ES256, whose payload is a CWT (RFC 8392):
//
//	protected header   1 alg: -7 (ES256), 4 kid: 8 bytes, see [KeyID]
//	1 iss              the kiosk's name, or the province's
//	3 aud              chot:slip, chot:result, chot:badge, chot:provision
//	4 exp, 5 nbf, 6 iat  seconds since 1970
//	7 cti              the number of the slip, result, badge or sheet
//	-65537             the content: a map with integer keys, see [Slip], [Result], [Badge], [Sheet]
//
// The audience is signed, the prefix is not: a code under another prefix than
// its audience's is not read, so that none passes for another. The format is ours,
// hence read strictly: other algorithms, indefinite lengths and duplicate keys in
// the CWT, and trailing bytes are not read either.
//
// # Standings
//
//	standing       problem        why
//	Signed                        a key of the issuer made the signature, and was valid when the code was issued
//	UnknownIssuer  unknown-key    no key for the family, the issuer and the kid
//	UnknownIssuer  expired-key    the key was not valid when the code was issued
//	Forged         signature      the key did not make the signature
//	Unreadable     audience       it was signed as another kind of code
//	Unreadable     malformed      it is not of this format
//
// The content of a forged or unreadable code is not handed on. Whether a code is in
// its time, policy says.
//
// A new kiosk may have no key to check its provisioning sheet with. Its content
// is then handed on with the standing UnknownIssuer and the kid in Issuer.Key,
// for the technician to compare.
package owncode
