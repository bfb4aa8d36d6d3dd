// Package cose reads the signed envelope that several families share: a
// COSE_Sign1 (RFC 9052) around a CWT (RFC 8392), both in CBOR (RFC 8949).
//
// [Parse] takes the envelope apart, [Message.Verify] checks it with ES256 or
// PS256 (RFC 9053, RFC 8230), [ParseClaims] reads the CWT, and [Decode] any CBOR
// as a [value.Value], which is what JSON could say as well.
//
// The input comes from whoever holds up a code, so everything is bounded:
// nesting to [MaxDepth], items to [MaxItems], lengths to what is there. Nothing
// is allocated for a length that is only announced.
//
// Signatures are checked by crypto/ecdsa and crypto/rsa. CBOR is read here, since
// a general decoder (fxamacker/cbor with all its limits set was tried) cannot
//
//   - bound the items of a message altogether: 16 kB of empty maps in lists take
//     it 2.9 ms, here 0.04 ms; checking a signature takes 0.1 ms;
//   - read tags as transparent: it refuses tag 0 before a date without a time and
//     tag 1 before a text, both of which issuers write;
//   - repair a text that was cut within a letter, as long names are.
package cose
