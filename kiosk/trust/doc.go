// Package trust holds the keys that may have signed credentials, what has been
// revoked, and how old that knowledge is. [Store] is a [credential.Keyring].
//
// # Files
//
// [Load] reads a directory, on a kiosk that of the verified bundle:
//
//	trust/version.json       version and time of the whole, see [Import]
//	trust/<family>/…         keys; the folder says for which family
//	kiosks.json              keys of the kiosks, whose slips and results hold, and of the province
//	revocation/….idx         revoked identifiers, made by [ImportRevocations]
//
//	folder      what its files may be
//	eu-dcc      DCC trust list, certificates
//	gdhcn       DID documents of WHO's network: for eu-dcc, who-ddcc and who-dvc,
//	            or for that one whose trust domain the document names
//	who-ddcc, who-dvc   the same for one family
//	shc         snapshot of the VCI directory, or a JWKS with its issuer as "iss"
//	nzcp        DID document
//	vds-nc      certificates: CSCAs, and signers that are trusted by themselves
//	pass        keys of the province, see [PassKey]
//
// A DCC trust list is JSON: a list of {"kid", "rawData", "country"}, such a list
// under "certificates", or an object from kid to certificate; certificates and
// kids in base64. Text before the first bracket, as Germany's signature, is
// passed over: what arrives in a bundle is signed as a whole.
//
// Sources: dgc-gateway trust list; W3C DID 1.0 and WHO DID trust list 2.0; RFC
// 7517; SMART Health Cards 1.4 and VCI directory; ICAO Doc 9303 part 12.
//
// A certificate that cannot be read, for instance one of a curve that Go does
// not know, does not make its list unreadable: it is left out and counted.
package trust
