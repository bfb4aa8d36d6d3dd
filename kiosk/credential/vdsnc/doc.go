// Package vdsnc reads ICAO's visible digital seals for non-constrained
// environments: proofs of vaccination and of testing.
//
//	{"data": {"hdr": {"t": "icao.vacc" or "icao.test", "v": 1, "is": "AUS"}, "msg": {…}},
//	 "sig":  {"alg": "ES256", "cer": certificate, "sigvl": signature}}
//
// The signature, r and s of 32 bytes each, covers the SHA-256 of data in the
// canonical form of RFC 8785. Certificate (DER) and signature are in base64url.
// The signer's certificate must be one that is trusted by itself, or be signed by
// a country's authority (CSCA) that is; that one is found by the authority key
// id. A seal has no validity of its own: it holds as long as its signer's
// certificate.
//
// Source: ICAO Technical Report VDS-NC 1.4, Guidelines VDS for health proofs.
//
// # What a seal is worth
//
//	standing       problem        why
//	Signed                        a signer whom a trusted CSCA certified signed it
//	Signed         schema         so it is, but it does not say whose it is or what happened
//	UnknownIssuer  algorithm      it is signed with another algorithm than ES256
//	UnknownIssuer  unknown-key    neither the signer nor its CSCA is trusted
//	UnknownIssuer  expired-key    the certificate was not made in the time of its CSCA
//	UnknownIssuer  key-usage      the signer's certificate is for something else
//	Forged         signature      the signer did not sign it, or the CSCA not the signer
//	Unreadable     malformed      it is not of this format
//
// The content of a forged seal is not handed on. ES256 alone is read.
package vdsnc
