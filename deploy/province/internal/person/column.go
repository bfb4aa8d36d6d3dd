package person

import (
	"context"
	"fmt"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"chot/deploy/province/internal/datakeys"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/intake"
	"chot/kiosk/record"
)

// DocumentHash is what a person is found by in other tables: the hash that
// lookups has, nil where the number is missing or masked.
func DocumentHash(v *datakeys.Keyring, document string) []byte {
	document = intake.Normal("document", document)
	if document == "" || strings.Contains(document, "*") {
		return nil
	}
	return v.Hash("document", document)
}

// Seal encrypts a person for a row that was made from an entry.
func Seal(v *datakeys.Keyring, t intake.Taken, p record.Person) (db.Sealed, error) {
	plain, err := cbor.Marshal(p)
	if err != nil {
		return db.Sealed{}, fmt.Errorf("encoding a person: %w", err)
	}
	return db.Sealed{
		Document: DocumentHash(v, p.Document), Day: t.Box.Day,
		Person: t.Box.Seal(plain, columnData(t.Entry.Journal, t.Entry.Number)),
	}, nil
}

// Open decrypts what Seal wrote. The error is [datakeys.ErrGone] where the person
// was erased or the retention is over.
func Open(ctx context.Context, v *datakeys.Keyring, o db.Origin, s db.Sealed) (p record.Person, err error) {
	if s.Person == nil {
		return p, fmt.Errorf("reading the person of entry %d: %w", o.Entry, datakeys.ErrGone)
	}
	plain, err := v.Open(ctx, s.Day, s.Person, columnData(o.Journal, o.Entry))
	if err != nil {
		return p, fmt.Errorf("reading the person of entry %d: %w", o.Entry, err)
	}
	if err := cbor.Unmarshal(plain, &p); err != nil {
		return p, fmt.Errorf("reading the person of entry %d: %w", o.Entry, err)
	}
	return p, nil
}

func columnData(journal []byte, entry int64) []byte {
	return datakeys.AppendEntryData([]byte("person"), journal, entry)
}

// Origin is where a record that is being taken in comes from.
func Origin(t intake.Taken) db.Origin {
	return db.Origin{Journal: t.Entry.Journal, Entry: t.Entry.Number, Kiosk: t.Kiosk.ID, Area: t.Kiosk.Area, At: t.Entry.At}
}
