package coding

import (
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/value"
)

// Fields reads values into the fields of an event.
type Fields struct{ Event *credential.Event }

// maxNumber is beyond any dose number; what is more is nonsense.
const maxNumber = 999

// Whole reads a number of doses. What is there but is no such number is marked as
// unreadable.
func (f Fields) Whole(into *int, v *value.Value, field credential.Fields) {
	n, ok := v.Whole()
	switch {
	case ok && n >= 0 && n <= maxNumber:
		*into = int(n)
	case v.Given():
		f.Event.Unread |= field
	}
}

// At reads when an event happened, which every event must say.
func (f Fields) At(v *value.Value) {
	f.Event.At = credential.ParseTime(v.String())
	if f.Event.At.IsZero() {
		f.Event.Unread |= credential.FieldAt
	}
}

// From reads the first day of validity, where it is there.
func (f Fields) From(v *value.Value) {
	f.Event.From = credential.ParseTime(v.String())
	if f.Event.From.IsZero() && filled(v) {
		f.Event.Unread |= credential.FieldFrom
	}
}

// Until reads the last day of validity, where it is there, or its last moment; a
// day counts to its end.
func (f Fields) Until(v *value.Value) {
	f.Event.Until = endOf(v.String())
	if f.Event.Until.IsZero() && filled(v) {
		f.Event.Unread |= credential.FieldUntil
	}
}

// filled says whether a place for a value was filled in.
func filled(v *value.Value) bool {
	s, text := v.Text()
	return v.Given() && (!text || s != "")
}

func endOf(text string) time.Time {
	t := credential.ParseTime(text)
	if len(text) == len("2006-01-02") && !t.IsZero() {
		t = t.AddDate(0, 0, 1).Add(-1)
	}
	return t
}

// Text reads a code that the event must have for its verdict.
func (f Fields) Text(into *string, v *value.Value, field credential.Fields) {
	s, ok := v.Text()
	if *into = s; !ok || s == "" {
		f.Event.Unread |= field
	}
}
