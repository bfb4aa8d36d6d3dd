package store

import (
	"fmt"
	"time"
)

// What says what happened to a journal. Values are written to disk.
type What uint8

const (
	// ClockJump: the wall clock was set from From to Time.
	ClockJump What = 1
	// Damage: a file was damaged and set aside; entries First to Last, as far
	// as known, are lost.
	Damage What = 2
	// ClockSource: the system's clock is synchronised, or no longer is; MaxError
	// bounds its error. It holds for the entries that follow.
	ClockSource What = 3
)

// Incident is what happened to a journal, for the record.
type Incident struct {
	What    What
	Time    time.Time
	From    time.Time // ClockJump: what the clock showed before
	Journal ID        // Damage: of the journal in the file that was set aside
	First   uint64    // Damage: first entry that is lost, 0 if not known
	Last    uint64    // Damage: last entry that is lost, 0 if not known
	File    string    // Damage: name of the file that was set aside
	Cause   string    // Damage: in words

	Synchronised bool          // ClockSource
	MaxError     time.Duration // ClockSource: zero if not known
}

type incident struct {
	What    What   `cbor:"1,keyasint"`
	Time    int64  `cbor:"2,keyasint"`
	From    int64  `cbor:"3,keyasint,omitempty"`
	Journal []byte `cbor:"4,keyasint,omitempty"`
	First   uint64 `cbor:"5,keyasint,omitempty"`
	Last    uint64 `cbor:"6,keyasint,omitempty"`
	File    string `cbor:"7,keyasint,omitempty"`
	Cause   string `cbor:"8,keyasint,omitempty"`
	Synced  bool   `cbor:"9,keyasint,omitempty"`
	Error   int64  `cbor:"10,keyasint,omitempty"` // microseconds
}

// Encode returns the incident as a CBOR map: 1 what, 2 time and 3 from in
// milliseconds since 1970, 4 journal, 5 first, 6 last, 7 file, 8 cause,
// 9 synchronised, 10 the clock's largest error in microseconds.
func (i Incident) Encode() []byte {
	w := incident{What: i.What, Time: i.Time.UnixMilli(), First: i.First, Last: i.Last, File: i.File, Cause: i.Cause,
		Synced: i.Synchronised, Error: i.MaxError.Microseconds()}
	if !i.From.IsZero() {
		w.From = i.From.UnixMilli()
	}
	if i.Journal != (ID{}) {
		w.Journal = i.Journal[:]
	}
	return encode(w)
}

// DecodeIncident reads what [Incident.Encode] wrote.
func DecodeIncident(data []byte) (Incident, error) {
	var w incident
	if err := strict.Unmarshal(data, &w); err != nil {
		return Incident{}, fmt.Errorf("reading an incident: %w", err)
	}
	i := Incident{What: w.What, Time: time.UnixMilli(w.Time).UTC(), First: w.First, Last: w.Last, File: w.File, Cause: w.Cause,
		Synchronised: w.Synced, MaxError: time.Duration(w.Error) * time.Microsecond}
	if w.From != 0 {
		i.From = time.UnixMilli(w.From).UTC()
	}
	copy(i.Journal[:], w.Journal)
	return i, nil
}
