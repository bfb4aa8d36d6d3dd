package db

import (
	"crypto/sha256"
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// Time is a time as the database keeps it, to the millisecond in UTC.
type Time struct{ time.Time }

// At is t as a [Time].
func At(t time.Time) Time { return Time{t.UTC().Truncate(time.Millisecond)} }

// Value implements driver.Valuer.
func (t Time) Value() (driver.Value, error) { return t.milli(), nil }

func (t Time) milli() int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Scan implements sql.Scanner.
func (t *Time) Scan(from any) error {
	ms, ok := from.(int64)
	if !ok {
		return fmt.Errorf("reading a time: a %T", from)
	}
	*t = Time{}
	if ms != 0 {
		t.Time = time.UnixMilli(ms).UTC()
	}
	return nil
}

// Day counts days since 1970.
type Day int32

// Zone is where the province is: Vietnam has one time, without summer time.
var Zone = time.FixedZone("ICT", 7*3600)

// LocalDay is the day of t as people in the province count it: the days of
// tallies.
func LocalDay(t time.Time) Day { return DayOf(t.Add(7 * time.Hour)) }

// DayOf is the day of t in UTC: the days of keys.
func DayOf(t time.Time) Day {
	s := t.Unix()
	if s < 0 {
		s -= 86399
	}
	return Day(s / 86400)
}

// Time is the day's beginning.
func (d Day) Time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// ISO is the day as forms and addresses have it: "2026-11-23".
func (d Day) ISO() string { return d.Time().Format(time.DateOnly) }

// Kiosk is one appliance.
type Kiosk struct {
	bun.BaseModel `bun:"table:kiosks"`
	ID            string `bun:",pk"`
	Site          string // code of the post where it stands
	Area          Area
	Group         string `bun:"grp"` // for staged roll-out
	Role          string // what it is used for: "checkpoint", "sampling"
	Made          Time
	Revoked       Time // zero while it is welcome
	Reason        string
	Seen          Time   // last request
	Clock         int64  // milliseconds that its clock was ahead in the last batch
	Health        string // last health report, as JSON; "" before the first
	HealthAt      Time
	Journal       []byte // of the latest batch
	BatchMade     Time   // when the kiosk made it, by its clock, but not after it came
}

// Certificate was issued to a kiosk.
type Certificate struct {
	bun.BaseModel `bun:"table:certificates"`
	Serial        string `bun:",pk"` // hexadecimal
	Kiosk         string
	Public        []byte // SubjectPublicKeyInfo
	DER           []byte `bun:"der"`
	NotBefore     Time
	NotAfter      Time
	Revoked       Time
}

// Token lets one kiosk enrol once.
type Token struct {
	bun.BaseModel `bun:"table:tokens"`
	Hash          []byte `bun:",pk"` // SHA-256
	Kiosk         string
	Site          string
	Area          Area
	Group         string `bun:"grp"`
	Role          string
	Made          Time
	Expires       Time
	Used          Time
	Serial        string // of the certificate that it gave
}

// Journal says how far a journal is held.
type Journal struct {
	bun.BaseModel `bun:"table:journals"`
	ID            []byte `bun:",pk"` // see JournalID
	Kiosk         string
	Journal       []byte // what the kiosk calls it
	Number        int64
	Hash          []byte
	At            Time   // when the last entry was committed
	Segment       []byte `bun:",nullzero"` // that the next entries are sealed under
	Lost          int64  // entries that the kiosk says it lost
	Forked        Time
}

// JournalID is under what the province keeps a kiosk's journal: a kiosk that takes
// the name of another's journal has one of its own.
func JournalID(kiosk string, journal []byte) []byte {
	sum := sha256.Sum256(append(append([]byte("chot journal\x00"), journal...), kiosk...))
	return sum[:16]
}

// State of an entry's body.
type State int16

// The states.
const (
	Held       State = 1 // the body is here
	Structural State = 2 // an entry of the journal itself, without a body
	Unsealed   State = 3 // the seal did not open; the sealed bytes are kept as body
	Unreadable State = 4 // opened, but not understood; kept as body
	Erased     State = 5 // deleted at a person's request, here or on the kiosk
	Expired    State = 6 // deleted when its retention was over
)

// Entry is one record as the province holds it.
type Entry struct {
	bun.BaseModel `bun:"table:entries"`
	Journal       []byte `bun:",pk"`
	Number        int64  `bun:",pk"`
	Kind          int16
	Level         int16 // of the verdict, 0 if absent
	State         State
	At            Time // by the kiosk's clock
	Digest        []byte
	Hash          []byte
	Day           Day    // of arrival: names the key of the body
	Body          []byte `bun:",nullzero"` // encrypted by package datakeys
}

// Arrival is one batch's new entries.
type Arrival struct {
	bun.BaseModel `bun:"table:arrivals"`
	Journal       []byte `bun:",pk"`
	First         int64  `bun:",pk"`
	Last          int64
	Kiosk         string
	Area          Area
	At            Time
	Carrier       string // kiosk whose connection it came over
	Oldest        Time   // of its entries, by the kiosk's clock
	Newest        Time
	Doubt         int64 // milliseconds that these times are beyond what they can be, see package intake; 0 for plausible ones
	Expired       Time  // when the bodies of all its entries were deleted
}

// ErasedPerson remembers that a person was erased, for what a kiosk recorded before
// and brings after it. The hash is keyed, see package datakeys: it names no person.
type ErasedPerson struct {
	bun.BaseModel `bun:"table:erased"`
	Hash          []byte `bun:",pk"`
	Area          Area   `bun:",pk"` // where the erasure was asked for
	At            Time
	Request       string
}

// Tally counts entries; it stays when they are deleted.
type Tally struct {
	bun.BaseModel `bun:"table:tallies"`
	Day           Day    `bun:",pk"` // by the entries' time, see LocalDay
	Kiosk         string `bun:",pk"`
	Area          Area   `bun:",pk"`
	Kind          int16  `bun:",pk"`
	Label         string `bun:",pk"` // "" for all; "level/green", "reason/…", "family/…"
	Count         int64
}

// Same says whether two tallies count the same.
func (t Tally) Same(as Tally) bool {
	t.Count, as.Count = 0, 0
	return t == as
}

// Lookup finds entries by the keyed hash of a person's number.
type Lookup struct {
	bun.BaseModel `bun:"table:lookups"`
	Journal       []byte `bun:",pk"`
	Number        int64  `bun:",pk"`
	Hash          []byte `bun:",pk"` // by Keyring.Hash, which tells fields apart
}

// DataKey is the wrapped key of one day's bodies.
type DataKey struct {
	bun.BaseModel `bun:"table:data_keys"`
	Day           Day `bun:",pk"`
	Wrapped       []byte
}

// Incident is something that officers must see.
type Incident struct {
	bun.BaseModel `bun:"table:incidents"`
	Kiosk         string `bun:",pk"`
	Kind          string `bun:",pk"` // "fork", "gap", "revoked", "clock", "clone", "token" …
	Area          Area
	Text          string
	First         Time
	Last          Time
	Count         int64
	Done          string // account that settled it; "" while open
}

// Erasure is an order to a kiosk to delete entries at a person's request.
type Erasure struct {
	bun.BaseModel `bun:"table:erasures"`
	Journal       []byte `bun:",pk"`
	Kiosk         string
	At            Time   `bun:",pk"`
	Request       string `bun:",pk"`
	Part          int64  `bun:",pk"` // first of the numbers
	Entries       []byte // CBOR array of numbers
	Proved        Time   // when the kiosk's proof came that it has obeyed; zero while it is open
}

// Clock is the province's latest statement about a kiosk's clock.
type Clock struct {
	bun.BaseModel `bun:"table:clocks"`
	Kiosk         string `bun:",pk"`
	Serial        int64
	Time          Time
}

// Account is an officer.
type Account struct {
	bun.BaseModel `bun:"table:accounts"`
	Name          string `bun:",pk"`
	Title         string // as shown
	Role          string
	Area          Area
	Password      string // argon2id, in PHC string format
	Language      string // code of a language, "vi"
	Made          Time
	Disabled      Time
}

// Session is a browser that has logged in.
type Session struct {
	bun.BaseModel `bun:"table:sessions"`
	Hash          []byte `bun:",pk"` // SHA-256 of the cookie
	Account       string
	Made          Time
	Seen          Time
	Expires       Time
}

// Device is a browser from which an account has logged in.
type Device struct {
	bun.BaseModel `bun:"table:devices"`
	Hash          []byte `bun:",pk"` // SHA-256 of the cookie
	Account       string
	Made          Time
}

// Audit is one action of an officer. Rows are only ever added.
type Audit struct {
	bun.BaseModel `bun:"table:audit"`
	ID            string `bun:",pk"` // sorts by time
	At            Time
	Account       string
	Area          Area // of who acted
	Action        string
	Target        string // never a person's data
	Remote        string // address
}

// File is one file of the way down.
type File struct {
	bun.BaseModel `bun:"table:files"`
	Name          string `bun:",pk"`  // below /tuf/
	ETag          string `bun:"etag"` // SHA-256, hexadecimal
	Size          int64
	At            Time
}

// Chunk is a piece of a file's content.
type Chunk struct {
	bun.BaseModel `bun:"table:chunks"`
	ETag          string `bun:"etag,pk"`
	Seq           int    `bun:",pk"`
	Body          []byte
}
