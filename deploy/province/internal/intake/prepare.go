package intake

import (
	"context"
	"errors"
	"fmt"

	"chot/deploy/province/internal/datakeys"
	"chot/deploy/province/internal/db"
	"chot/kiosk/record"
	"chot/store"
	"chot/store/wire"
)

// taking is one batch, ready to be committed.
type taking struct {
	before, after db.Journal
	kiosk         db.Kiosk
	arrival       db.Arrival
	entries       []db.Entry
	tallies       map[tallyKey]int64
	lookups       []db.Lookup
	health        string
	projected     map[record.Kind][]Taken
}

type tallyKey struct {
	day   db.Day
	kind  int16
	label label
}

// prepare opens the entries' seals and derives what is to be written.
func (in *Intake) prepare(ctx context.Context, carrier string, kiosk db.Kiosk, journal db.Journal, batch *wire.Batch, entries []store.Entry) (*taking, error) {
	now := db.At(in.Now())
	box, err := in.Vault.Day(ctx, db.DayOf(now.Time))
	if err != nil {
		return nil, err
	}
	payloads, segment, err := in.Opener.Open(kiosk.ID, batch.Journal, journal.Segment, entries)
	if err != nil {
		// Kept sealed: no other entry, and no kiosk, must wait for it.
		in.incident(ctx, kiosk, "sealed", err.Error())
	}
	head := batch.Head()
	t := &taking{
		before: journal, after: journal, kiosk: kiosk,
		entries: make([]db.Entry, len(entries)), tallies: map[tallyKey]int64{}, projected: map[record.Kind][]Taken{},
	}
	t.after.Kiosk, t.after.Number, t.after.Hash = kiosk.ID, int64(head.Number), head.Hash[:]
	t.after.At, t.after.Segment = now, segment
	if skipped := int64(entries[0].Number) - journal.Number - 1; skipped > 0 {
		t.after.Lost += skipped
		in.incident(ctx, kiosk, "loss", fmt.Sprintf("the kiosk has lost %d entries before number %d", skipped, entries[0].Number))
	}
	t.arrival = db.Arrival{
		Journal: journal.ID, First: int64(entries[0].Number), Last: int64(head.Number),
		Kiosk: kiosk.ID, Area: kiosk.Area, At: now, Carrier: carrier,
		Oldest: db.At(entries[0].Time), Newest: db.At(entries[len(entries)-1].Time), // a journal's times never go back
	}
	d := desk{in: in, t: t, box: box, visits: map[sameVisits]int64{}}
	d.bodies = make([]byte, 0, sealedSize(entries, payloads))
	for i := range entries {
		e, hash := &entries[i], head.Hash[:]
		if i+1 < len(entries) {
			hash = entries[i+1].Prev[:] // the chain was checked: it is the entry's hash
		}
		d.entry(&t.entries[i], e, hash, payloads[i])
	}
	t.countVisits(d.visits)
	return t, nil
}

// sealedSize is the room that the bodies take at most.
func sealedSize(entries []store.Entry, payloads [][]byte) (size int) {
	for i, e := range entries {
		size += datakeys.Overhead + max(len(payloads[i]), len(e.Sealed))
	}
	return size
}

// desk works through the entries of a batch. What it uses for each lies here, so
// that a batch of hundreds makes little garbage.
type desk struct {
	in     *Intake
	t      *taking
	box    datakeys.Box
	bodies []byte // all of them, end to end
	data   []byte // associated data
	facts  facts
	visits map[sameVisits]int64
}

// keep encrypts a body.
func (d *desk) keep(row *db.Entry, body []byte) {
	d.data = datakeys.AppendEntryData(d.data[:0], row.Journal, row.Number)
	from := len(d.bodies)
	d.bodies = d.box.AppendSeal(d.bodies, body, d.data)
	row.Body = d.bodies[from:len(d.bodies):len(d.bodies)]
}

func (d *desk) entry(row *db.Entry, e *store.Entry, hash, payload []byte) {
	in, t := d.in, d.t
	*row = db.Entry{
		Journal: t.before.ID, Number: int64(e.Number), Kind: int16(e.Kind), State: db.Held, At: db.At(e.Time),
		Digest: e.Digest[:], Hash: hash, Day: d.box.Day,
	}
	day := db.LocalDay(e.Time)
	switch {
	case e.Kind == store.KindSegment:
		row.State = db.Structural
		return
	case e.Sealed == nil:
		row.State = db.Erased
	case payload == nil:
		row.State = db.Unsealed
		d.keep(row, e.Sealed)
	default:
		d.keep(row, payload)
	}
	kind := record.Kind(e.Kind)
	_, projected := in.Projectors[kind]
	if row.State == db.Held && kind == record.KindVisit && !projected {
		if v := in.visits.of(payload); v != nil {
			row.Level = v.level
			d.visits[sameVisits{day, v}]++
			return
		}
	}
	t.tallies[tallyKey{day, row.Kind, whole}]++
	if row.State != db.Held {
		return
	}
	r, err := record.Decode(kind, e.Time, payload)
	var unknown record.UnknownKind
	if err != nil {
		if !errors.As(err, &unknown) {
			in.Log.Warn("an entry was not understood", "kiosk", t.kiosk.ID, "number", e.Number, "kind", e.Kind)
		}
		row.State = db.Unreadable
		return
	}
	f := &d.facts
	f.derive(r)
	row.Level = int16(f.level)
	for _, label := range f.labels {
		t.tallies[tallyKey{day, row.Kind, label}]++
	}
	for _, l := range f.lookups {
		t.lookups = append(t.lookups, db.Lookup{Journal: row.Journal, Number: row.Number, Hash: in.Vault.Hash(l.field, l.value)})
	}
	if f.health != "" {
		t.health = f.health
	}
	if projected {
		t.projected[kind] = append(t.projected[kind], Taken{t.kiosk, row, r, d.box})
	}
}
