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
// Which folders there are below trust and what their files may be, the families
// of credentials say ([credential.Family]'s Keys, in each family's keys.go).
package trust
