package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"chot/deploy/province/internal/datakeys"
	"chot/deploy/province/internal/db"
	"chot/kiosk/record"
	"chot/store"
)

// pending is one batch, ready to be committed.
type pending struct {
	before, after db.Journal
	kiosk         db.Kiosk
	arrival       db.Arrival
	entries       []db.Entry
	tallies       map[tallyKey]int64
	lookups       []db.Lookup
	health        string
	projected     map[record.Kind][]Taken
	memory        memory
	late          []late // of its entries, see dropErased
}

type tallyKey struct {
	day   db.Day
	kind  int16
	label label
}

// A kiosk's time is doubted when it is ahead of the province's by more than the
// first, or behind it by more than the second: entries wait on a kiosk for weeks
// when it has no network.
const (
	maxAhead  = 10 * time.Minute
	maxBehind = 365 * 24 * time.Hour
)

// doubt is by how much a time is beyond what it can be, in milliseconds; negative
// for the past, 0 for a plausible one.
func doubt(at, now time.Time) int64 {
	if off := at.Sub(now); off > maxAhead || off < -maxBehind {
		return off.Milliseconds()
	}
	return 0
}

func earlier(a, b db.Time) db.Time {
	if a.Before(b.Time) {
		return a
	}
	return b
}

// prepare opens the entries' seals and derives what is to be written.
func (in *Intake) prepare(ctx context.Context, d *delivery) error {
	if len(d.entries) == 0 {
		return nil
	}
	now := db.At(in.Now())
	box, err := in.Keys.Day(ctx, db.DayOf(now.Time))
	if err != nil {
		return err
	}
	in.switched(ctx, d)
	head, first, last := d.batch.Head(), d.entries[0], d.entries[len(d.entries)-1]
	p := &pending{
		before: d.journal, after: d.journal, kiosk: d.author, memory: memory{of: in.opened},
		entries: make([]db.Entry, len(d.entries)), tallies: map[tallyKey]int64{}, projected: map[record.Kind][]Taken{},
	}
	d.pending = p
	p.after.Number, p.after.Hash, p.after.At = int64(head.Number), head.Hash[:], now
	if skipped := int64(first.Number) - d.journal.Number - 1; skipped > 0 {
		p.after.Lost += skipped
		in.incident(ctx, d.author, "loss", fmt.Sprintf("the kiosk has lost %d entries before number %d", skipped, first.Number))
	}
	p.kiosk.Journal, p.kiosk.BatchMade = d.journal.ID, earlier(db.At(d.batch.Made), now)
	p.arrival = db.Arrival{
		Journal: d.journal.ID, First: int64(first.Number), Last: int64(head.Number),
		Kiosk: d.author.ID, Area: d.author.Area, At: now, Carrier: d.carrier.Kiosk.ID,
		Oldest: db.At(first.Time), Newest: db.At(last.Time), // a journal's times never go back
	}
	if p.arrival.Doubt = doubt(last.Time, now.Time); p.arrival.Doubt == 0 {
		p.arrival.Doubt = doubt(first.Time, now.Time)
	}
	if p.arrival.Doubt != 0 {
		in.incident(ctx, d.author, "clock", fmt.Sprintf("entries %d to %d were made from %s to %s by the kiosk's clock, and came at %s",
			first.Number, head.Number, first.Time.UTC().Format(time.RFC3339), last.Time.UTC().Format(time.RFC3339), now.Format(time.RFC3339)))
	}
	return in.open(ctx, d, &preparer{in: in, p: p, box: box, now: now.Time, visits: map[sameVisits]int64{}}, head.Hash)
}

// open opens the entries, some at a time, and hands them to the preparer.
func (in *Intake) open(ctx context.Context, d *delivery, to *preparer, head store.Hash) error {
	segment := d.journal.Segment
	for from := 0; from < len(d.entries); from += openAtOnce {
		part := d.entries[from:min(from+openAtOnce, len(d.entries))]
		var failed, prepared error
		err := in.opened.open(ctx, func() {
			var payloads [][]byte
			payloads, segment, failed = in.Opener.Open(d.author.ID, d.batch.Journal, segment, part)
			prepared = to.entries(part, payloads, d.entries[from+len(part):], head, from)
		})
		if err = errors.Join(err, prepared); err != nil {
			return err
		}
		if failed != nil { // kept sealed: no other entry, and no kiosk, must wait for it
			in.incident(ctx, d.author, "sealed", failed.Error())
		}
	}
	if to.sealed > 0 {
		in.incident(ctx, d.author, "large", fmt.Sprintf("%d entries open to more than a batch may, and were kept sealed", to.sealed))
	}
	to.p.after.Segment = segment
	to.p.countVisits(to.visits)
	return nil
}

// preparer works through the entries of a batch. What it uses for each lies here,
// so that a batch of hundreds makes little garbage.
type preparer struct {
	in     *Intake
	p      *pending
	box    datakeys.Box
	now    time.Time
	bodies []byte // of a part, end to end
	data   []byte // associated data
	facts  facts
	visits map[sameVisits]int64
	sealed int // entries that were kept sealed for their size
}

// entries prepares a part of the batch, whose rows begin at a place. The hash of
// an entry is the Prev of the one after it, which is in the part or the first of
// those that follow; the last one's is the head.
func (d *preparer) entries(part []store.Entry, payloads [][]byte, follow []store.Entry, head store.Hash, at int) error {
	size := 0
	for i, e := range part {
		switch n := max(len(payloads[i]), len(e.Sealed)); {
		case len(payloads[i]) > record.MaxPayload:
			payloads[i], d.sealed = nil, d.sealed+1 // no record is that long
			size += datakeys.Overhead + len(e.Sealed)
		default:
			ok, err := d.p.memory.grow(n)
			if err != nil {
				return err
			}
			if !ok {
				payloads[i], d.sealed, n = nil, d.sealed+1, len(e.Sealed)
			}
			size += datakeys.Overhead + n
		}
	}
	d.bodies = make([]byte, 0, size)
	for i := range part {
		hash := head[:]
		switch {
		case i+1 < len(part):
			hash = part[i+1].Prev[:] // the chain was checked
		case len(follow) > 0:
			hash = follow[0].Prev[:]
		}
		d.entry(&d.p.entries[at+i], &part[i], hash, payloads[i])
	}
	return nil
}

// keep encrypts a body.
func (d *preparer) keep(row *db.Entry, body []byte) {
	d.data = datakeys.AppendEntryData(d.data[:0], row.Journal, row.Number)
	from := len(d.bodies)
	d.bodies = d.box.AppendSeal(d.bodies, body, d.data)
	row.Body = d.bodies[from:len(d.bodies):len(d.bodies)]
}

func (d *preparer) entry(row *db.Entry, e *store.Entry, hash, payload []byte) {
	in, p := d.in, d.p
	*row = db.Entry{
		Journal: p.before.ID, Number: int64(e.Number), Kind: int16(e.Kind), State: db.Held, At: db.At(e.Time),
		Digest: e.Digest[:], Hash: hash, Day: d.box.Day,
	}
	day := db.LocalDay(e.Time)
	if doubt(e.Time, d.now) != 0 {
		day = db.LocalDay(d.now)
	}
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
	_, projected := in.projectors[kind]
	if row.State == db.Held && kind == record.KindVisit && !projected {
		if v := in.visits.of(payload); v != nil {
			row.Level = v.level
			d.visits[sameVisits{day, v}]++
			return
		}
	}
	p.tallies[tallyKey{day, row.Kind, allOfKind}]++
	if row.State != db.Held {
		return
	}
	r, err := record.Decode(kind, e.Time, payload)
	var unknown record.UnknownKind
	if err != nil {
		if !errors.As(err, &unknown) {
			in.Log.Warn("an entry was not understood", "kiosk", p.kiosk.ID, "number", e.Number, "kind", e.Kind)
		}
		row.State = db.Unreadable
		return
	}
	f := &d.facts
	f.derive(r)
	row.Level = int16(f.level)
	for _, label := range f.labels {
		p.tallies[tallyKey{day, row.Kind, label}]++
	}
	for _, l := range f.lookups {
		p.lookups = append(p.lookups, db.Lookup{Journal: row.Journal, Number: row.Number, Hash: in.Keys.Hash(l.field, l.value)})
	}
	if f.health != "" {
		p.health = f.health
	}
	if projected {
		p.projected[kind] = append(p.projected[kind], Taken{p.kiosk, row, r, d.box})
	}
}
