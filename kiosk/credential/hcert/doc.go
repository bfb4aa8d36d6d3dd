// Package hcert reads electronic health certificates (HC1): the EU Digital COVID
// Certificate and all that are made like it (Vietnam's vaccine passport among
// them), WHO's DDCC and its digital vaccination certificate (DVC).
//
//	"HC1:" base45( zlib( COSE_Sign1( CWT ) ) )
//
//	COSE header   1 alg: -7 ES256 with P-256 or -37 PS256 with RSA of 2048 to 4096 bits
//	              4 kid: the first 8 bytes of the SHA-256 of the signer's certificate
//	CWT           1 iss (country, ISO 3166-1 alpha-2), 4 exp, 6 iat (seconds since 1970)
//	CWT -260      a map: 1 EU DCC, 3 DDCC vaccination, 4 DDCC test, 5 verifiable
//	              links, -6 DVC
//
// WHO's first certificates (DDCC 1.0) have their content in place of the CWT.
//
// Sources: Electronic Health Certificate Specification 1.0.5 and EU DCC JSON
// schema 1.3.0 (Implementing Decision (EU) 2021/1073), Guidelines on Technical
// Specifications for DCC Volume 1; WHO SMART Guidelines, Trust Network 1.1
// (HCERT); RFC 9285, RFC 9052, RFC 8392.
//
// # What a certificate is worth
//
//	standing       problem        why
//	Signed                        a trusted key signed it that may sign this kind
//	Signed         schema         so it is, but it does not say whose it is or what happened
//	UnknownIssuer  algorithm      it is signed with another algorithm
//	UnknownIssuer  no-key-id      it does not say which key signed it
//	UnknownIssuer  unknown-key    no trusted key of the algorithm's kind has that kid
//	UnknownIssuer  expired-key    it was issued outside the time of its key
//	UnknownIssuer  key-usage      the key that signed it may not sign this kind of certificate
//	Forged         signature      no key with that kid signed it
//	Unreadable     malformed      it is not of this format
//
// The content of a forged certificate is not handed on, apart from its issuing
// country. Whether a certificate is in its time, policy says: NotBefore is the
// later of nbf and iat. What is not signed decides nothing: the zlib header and
// check sum, what follows the deflate stream, the algorithm in the unprotected
// header.
//
// The schema of the DCC is not enforced: a field that only describes may be as its
// issuer writes it, and of one that decides the event says that it could not be
// read ([credential.Event]'s Unread).
//
// The key's extended usage decides which events it may sign: with none of the
// DCC's three usages it may sign all of them, unless it is for ICAO's seals.
package hcert
