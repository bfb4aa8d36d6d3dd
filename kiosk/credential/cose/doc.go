// Package cose reads the signed envelope that several families share: a
// COSE_Sign1 (RFC 9052) around a CWT (RFC 8392), both in CBOR (RFC 8949).
//
// [Parse] takes the envelope apart, [Message.Verify] checks it with ES256 or
// PS256 (RFC 9053, RFC 8230), [ParseClaims] reads the CWT, and [Decode] any CBOR
// as a [Value], which is what JSON could say as well.
//
// The input comes from whoever holds up a code, so everything is bounded:
// nesting to [MaxDepth], items to [MaxItems], lengths to what is there. Nothing
// is allocated for a length that is only announced.
package cose
