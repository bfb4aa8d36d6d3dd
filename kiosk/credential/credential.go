// Package credential turns the text of a code into a [Credential]: what the
// text claims, and what that claim is worth.
//
// Each family of credentials has a folder of its own below this one, whose variable
// Families describes it (or several) by [Family]; package
// [chot/kiosk/credential/families] has the table of all, recognises a text and hands
// it to the right one. A new family is a folder, a word in each language's file and
// go generate ./kiosk/credential/families.
// A family is strict on what proves something (signature, time, key usage) and
// lenient on what only describes (names, partial dates).
package credential

import (
	"crypto"
	"errors"
	"net/url"
	"strings"
	"time"
)

// FamilyID names a family of credentials, in JSON output and in records.
type FamilyID string

// The families that the kiosk reads.
const (
	EUDCC    FamilyID = "eu-dcc"    // HC1 with sub-claim 1, Vietnam's vaccine passport among them
	WHODDCC  FamilyID = "who-ddcc"  // HC1 with a WHO sub-claim (DDCC, verifiable links)
	WHODVC   FamilyID = "who-dvc"   // HC1 with the digital vaccination certificate (ICVP)
	SHC      FamilyID = "shc"       // SMART Health Card
	NZCP     FamilyID = "nzcp"      // New Zealand COVID Pass
	VDSNC    FamilyID = "vds-nc"    // ICAO visible digital seal for non-constrained environments
	VNID     FamilyID = "vn-id"     // Vietnamese citizen ID card
	VNQR     FamilyID = "vn-qr"     // personal QR, QĐ 1405/QĐ-BTTTT
	VNBHYT   FamilyID = "vn-bhyt"   // Vietnamese health-insurance card
	Slip     FamilyID = "slip"      // the slip that a kiosk prints
	Result   FamilyID = "result"    // a signed test result
	Badge    FamilyID = "badge"     // a staff badge
	Sheet    FamilyID = "provision" // a technician's provisioning code
	Place    FamilyID = "place"     // app and place codes, recognised by signed patterns
	NoFamily FamilyID = "unknown"   // not a credential
)

// Standing is what the claim is worth: the signature holds (Signed), it cannot be
// checked (UnknownIssuer, Unreadable), it does not hold (Forged), or the text has no
// signature (SelfDeclared). Why it cannot be checked, the credential's [Problem] says.
type Standing uint8

const (
	_             Standing = iota
	Signed                 // a trusted key that may sign it made the signature
	UnknownIssuer          // no trusted key is there to check the signature with
	Forged                 // the signature does not hold; said of nothing else
	SelfDeclared           // unsigned by design; identifies, proves nothing
	Unreadable             // of a family by its beginning, but not of its format, or a part of it alone
)

var standingNames = [...]string{"", "signed", "unknown-issuer", "forged", "self-declared", "unreadable"}

func (s Standing) String() string               { return standingNames[s] }
func (s Standing) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// SignatureState is what a standing says of the signature.
type SignatureState string

// The meanings that a standing can have.
const (
	SignatureHolds     SignatureState = "holds"
	SignatureUnchecked SignatureState = "cannot-be-checked"
	SignatureBroken    SignatureState = "does-not-hold"
	NoSignature        SignatureState = "none" // unsigned by design, or no credential
)

// Signature is what the standing says of the signature.
func (s Standing) Signature() SignatureState {
	switch s {
	case Signed:
		return SignatureHolds
	case UnknownIssuer, Unreadable:
		return SignatureUnchecked
	case Forged:
		return SignatureBroken
	}
	return NoSignature
}

// Credential is what a text claims.
type Credential struct {
	Family   FamilyID
	Standing Standing
	Problem  Problem // why the standing is not better; "" where there is nothing to say
	Link     *Link   // what a verifiable link points to; nil for any other credential

	ID     string // the certificate's own identifier: UVCI, jti, rid, document number
	Holder Holder
	Issuer Issuer
	Events []Event

	IssuedAt  time.Time // zero where the text does not say
	NotBefore time.Time // technical validity, zero where unbounded
	NotAfter  time.Time

	// Revocation holds the identifiers under which the certificate may have
	// been revoked, in the form that its family's lists use.
	Revocation []RevocationID

	// Payload is the decoded content for the rules engine (for a DCC the object
	// that CertLogic rules call "payload"); nil where the family has no rules.
	Payload any
}

// Problem is a machine-readable code, worded by the UI. Families document which
// of these they use, and their own.
type Problem string

// The problems that several families know.
const (
	Malformed    Problem = "malformed"   // Unreadable: not of the format
	Algorithm    Problem = "algorithm"   // UnknownIssuer: signed in a way that the family does not provide for
	BadSignature Problem = "signature"   // Forged: no key of that id made the signature
	KeyUsage     Problem = "key-usage"   // UnknownIssuer: the key that made it may not sign this kind
	NoKeyID      Problem = "no-key-id"   // UnknownIssuer: it does not say which key signed it
	UnknownKey   Problem = "unknown-key" // UnknownIssuer: no trusted key has that id
	ExpiredKey   Problem = "expired-key" // UnknownIssuer: issued outside the time of its key
	Schema       Problem = "schema"      // Signed, but it does not say whose it is or what happened
)

// Holder is the person whom the credential is about, as far as it says.
type Holder struct {
	Name     string // as written, in the usual order of its country
	Latin    string // transliterated, upper case, for comparison; "" where absent
	Birth    Date
	Sex      string // "male", "female", "other", "" where the text does not say
	Document string // the number of an identity document, possibly masked with *
	Address  string
	Proxy    bool // declared for another person (personal QR with LoaiDinhDanh 1)
}

// Date is a calendar date that may be partial: Month and Day are 0 where the
// document does not give them, Year as well.
type Date struct{ Year, Month, Day int }

// Issuer is who vouches for the credential.
type Issuer struct {
	Country string // ISO 3166-1 alpha-2, "" where the text does not say
	Name    string
	Key     string // kid, hexadecimal or as the family writes it
}

// EventKind says what happened to the holder.
type EventKind string

const (
	Dose     EventKind = "dose"
	Test     EventKind = "test"
	Recovery EventKind = "recovery"
	Visited  EventKind = "visit" // a slip: the holder was checked at a checkpoint
)

// Event is one dose, test or recovery.
type Event struct {
	Kind    EventKind
	ID      string // the event's own identifier where each has one (UVCI)
	Disease string // SNOMED CT code, 840539006 for COVID-19
	At      time.Time
	From    time.Time // first moment at which the document says that it counts, zero where it does not say
	Until   time.Time // last moment at which the document says that it counts, zero where it does not say
	Number  int       // dose number; 0 where not given
	Of      int       // doses in the series; 0 where not given
	Product string    // vaccine or test device, as coded by the family
	Maker   string
	Method  string // test type as coded (LOINC: LP6464-4 NAAT, LP217198-3 antigen)
	Result  string // "negative", "positive", "" where the text does not say
	Country string

	// Unread are the fields that are there but could not be read, or are not there
	// though the family always has them: their value is not known, it is not zero.
	Unread Fields
}

// Fields is a set of fields of an [Event].
type Fields uint8

// The fields whose value can decide a verdict.
const (
	FieldAt Fields = 1 << iota
	FieldUntil
	FieldNumber
	FieldOf
	FieldResult
	FieldDisease
	FieldFrom
	FieldMethod
)

var fieldNames = [...]string{"at", "until", "number", "of", "result", "disease", "from", "method"}

// Has says whether one of the fields is in the set.
func (f Fields) Has(of Fields) bool { return f&of != 0 }

// String names the fields, with commas between.
func (f Fields) String() string {
	var names []string
	for i, name := range fieldNames {
		if f.Has(1 << i) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ",")
}

// MarshalText is for JSON, as String.
func (f Fields) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// Link is what a verifiable link points to. It is not followed.
type Link struct {
	URL   string    // where the document is
	Label string    // what the link says of it, "" where it says nothing
	Until time.Time // when the link ends, zero where it does not say
}

// Host is the server that the link leads to.
func (l Link) Host() string {
	u, err := url.Parse(l.URL)
	if err != nil {
		return ""
	}
	return u.Host
}

// RevocationID is one identifier under which a certificate may be revoked.
type RevocationID struct {
	Kind string // "uvci", "country-uvci", "signature" (DCC), "rid" (SHC), "jti"
	Key  string // the issuer's key id where lists are kept by key, else ""
	Hash []byte // as the list has it, SHA-256 truncated to 16 bytes for a DCC
}

// Key is a public key that may have signed credentials.
type Key struct {
	Family  FamilyID
	ID      []byte // kid as the family matches it
	Issuer  string // issuer URL, DID or country
	Public  crypto.PublicKey
	Usage   []string // extended key usage OIDs of the certificate; nil where it has none
	Country string

	NotBefore, NotAfter time.Time // zero where unbounded
}

// HeldAt says whether the key was valid at a time; an unknown time, zero, is
// taken for one.
func (k *Key) HeldAt(at time.Time) bool {
	return at.IsZero() || !at.Before(k.NotBefore) && (k.NotAfter.IsZero() || !at.After(k.NotAfter))
}

// Keyring finds the keys that may have signed a credential. Several keys may
// share one id: callers try all. An empty issuer matches any.
type Keyring interface {
	Keys(family FamilyID, issuer string, id []byte) []Key
}

// ErrNotRecognised is returned by a family for a text that is not of its kind.
var ErrNotRecognised = errors.New("credential: text is not of this family")

// Family describes one family of credentials: all that the rest of the system needs
// to know of it. Its name for people is the text "family." and its ID in each
// language's file.
type Family struct {
	ID FamilyID
	// Also are further families that Read tells from the content.
	Also []FamilyID
	// Guessed says that its texts have no beginning of their own, so that it is
	// tried after those families whose texts have one.
	Guessed bool
	// Recognise says, from the look of the text alone and without allocating,
	// whether Read should be tried.
	Recognise func(text string) bool
	// Read decodes the text and checks its signature. A text of the family that
	// proves nothing is not an error but a Credential that says so; the error is
	// ErrNotRecognised alone.
	Read func(text string, keys Keyring) (Credential, error)
	// Keys are the files of keys that Read asks a keyring for.
	Keys []KeyFile
	// Revocable is the kind of [RevocationID] under which a list denies a single
	// credential by its ID; "" where a credential has no identifier.
	Revocable string
	// Purpose is what a code of the family is shown for.
	Purpose Purpose
	// Accept is the default policy: a valid code is enough without an event, since
	// its issuer checks before it issues and writes no events.
	Accept bool
}

// IDs are all families that the reader tells.
func (f *Family) IDs() []FamilyID { return append([]FamilyID{f.ID}, f.Also...) }

// KeyFile is a form in which keys come to a kiosk.
type KeyFile struct {
	Folder string // below trust/ in the signed bundle
	Parse  func(data []byte) (KeySet, error)
}

// KeySet is what a file of keys holds.
type KeySet struct {
	Keys    []Key
	Skipped int // keys in it that could not be read
}

// Purpose is what a code is shown for.
type Purpose uint8

// The purposes of codes. The zero value is that of a visitor who shows what speaks
// for being let through; the others say nothing of a visitor.
const (
	ForVisit     Purpose = iota
	ForStaff             // a member of staff
	ForProvision         // setting up a kiosk
	ForVenue             // a place or an app
)
