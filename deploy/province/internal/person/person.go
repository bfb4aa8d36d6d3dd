// Package person finds, deletes and lets expire what the province holds of a
// person. Counts (tallies) and the proof (the entries' hashes and digests, which
// the chain is made of) stay.
package person

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/uptrace/bun"

	"chot/deploy/province/internal/datakeys"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/intake"
	"chot/kiosk/record"
	"chot/store"
	"chot/store/wire"
)

// Key names an entry.
type Key struct {
	Journal []byte
	Number  int64
}

// Forgetter deletes what a package keeps of entries in tables of its own. It
// runs inside the transaction that deletes the entries' bodies.
type Forgetter interface {
	Forget(ctx context.Context, tx bun.Tx, entries []Key) error
}

// Eraser deletes what a package keeps of a person whom a keyed hash names,
// see [datakeys.Keyring.Hash]: what was not made from an entry, and what no
// retention deletes. It returns how many things it has deleted.
type Eraser interface {
	Erase(ctx context.Context, tx bun.Tx, hashes [][]byte) (int, error)
}

// Finder finds people by exact values.
type Finder struct {
	DB         *bun.DB
	Keys       *datakeys.Keyring
	Forgetters []Forgetter
	Erasers    []Eraser
}

// Fields by which entries of a person are found.
var Fields = []string{"document", "phone", "number", "tube"}

// maxFound is how many entries of a person are shown.
const maxFound = 500

// Find returns the latest entries, of kiosks in the area, that hold the value.
func (f *Finder) Find(ctx context.Context, area db.Area, field, value string) ([]db.Entry, error) {
	var entries []db.Entry
	err := f.DB.NewSelect().Model(&entries).
		Join("JOIN lookups AS l ON l.journal = entry.journal AND l.number = entry.number").
		Join("JOIN arrivals AS a ON a.journal = entry.journal AND entry.number BETWEEN a.first AND a.last").
		Where("l.hash = ?", f.Keys.Hash(field, intake.Normal(field, value))).
		Apply(area.Where("a.area")).
		OrderExpr("entry.at DESC").Limit(maxFound).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking up a person by %s: %w", field, err)
	}
	return entries, nil
}

// Read decrypts an entry's body.
func (f *Finder) Read(ctx context.Context, e db.Entry) (record.Record, error) {
	if e.State != db.Held || e.Body == nil {
		return record.Record{}, fmt.Errorf("reading entry %d: %w", e.Number, datakeys.ErrGone)
	}
	payload, err := f.Keys.Open(ctx, e.Day, e.Body, datakeys.EntryData(e.Journal, e.Number))
	if err != nil {
		return record.Record{}, fmt.Errorf("reading entry %d: %w", e.Number, err)
	}
	return record.Decode(record.Kind(e.Kind), e.At.Time, payload)
}

// Erased is how much was erased.
type Erased struct {
	Entries int // that kiosks had recorded
	Other   int // doses, invitations and what else was kept under the person's numbers
}

// erasing is how many entries are erased by one transaction.
const erasing = 200

// Erase deletes at a person's request what is held under a value of theirs, in an
// area: the bodies of entries, what sections made of them, and what is kept under
// any of the numbers that the entries were found by. It leaves an order for each
// kiosk that may still hold an entry. The request is the office's number for it
// and names no person.
//
// What a kiosk recorded before the erasure and brings after it is erased when it
// arrives, see [db.ErasedPerson]; what it records later, the person has given again.
//
// It goes on until nothing is left. When it fails, what was erased stays so, and
// it can be repeated. SQLite overwrites what it deletes, see [db.Scrub]; in
// PostgreSQL the encrypted bodies stay in dead rows until VACUUM, in its WAL
// archive and in backups, and are readable until the key of their day is deleted.
func (f *Finder) Erase(ctx context.Context, area db.Area, field, value, request string, now time.Time) (done Erased, err error) {
	normal := intake.Normal(field, value)
	if request == "" || normal == "" {
		return done, errors.New("erasing: the request's number or the value is missing")
	}
	hash := f.Keys.Hash(field, normal)
	// First: what arrives from now on is erased by intake.
	_, err = f.DB.NewInsert().Model(&db.ErasedPerson{Hash: hash, Area: area, At: db.At(now), Request: request}).
		On("CONFLICT (hash, area) DO UPDATE").Set("at = EXCLUDED.at").Set("request = EXCLUDED.request").Exec(ctx)
	if err != nil {
		return done, fmt.Errorf("remembering the erasure for request %s: %w", request, err)
	}
	for {
		n, err := f.eraseSome(ctx, area, hash, request, now, &done)
		if err != nil {
			return done, fmt.Errorf("erasing for request %s: %w", request, err)
		}
		if n < erasing {
			break
		}
	}
	if err := db.Scrub(ctx, f.DB); err != nil {
		return done, fmt.Errorf("erasing for request %s: %w", request, err)
	}
	return done, nil
}

// eraseSome erases some of the entries under a hash, and what is kept under their
// hashes, in one transaction. It returns how many entries these were.
func (f *Finder) eraseSome(ctx context.Context, area db.Area, hash []byte, request string, now time.Time, done *Erased) (n int, err error) {
	var so Erased
	err = f.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		so = Erased{}
		var keys []Key
		err := tx.NewSelect().TableExpr("lookups AS l").ColumnExpr("l.journal, l.number").
			Join("JOIN arrivals AS a ON a.journal = l.journal AND l.number BETWEEN a.first AND a.last").
			Where("l.hash = ?", hash).Apply(area.Where("a.area")).OrderExpr("l.journal, l.number").Limit(erasing).Scan(ctx, &keys)
		if err != nil {
			return fmt.Errorf("looking for entries: %w", err)
		}
		n, so.Entries = len(keys), len(keys)
		if so.Other, err = f.eraseElsewhere(ctx, tx, hash, keys); err != nil {
			return err
		}
		if err := f.drop(ctx, tx, keys, db.Erased); err != nil {
			return err
		}
		for journal, numbers := range byJournal(keys) {
			if err := order(ctx, tx, journal, numbers, request, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		done.Entries, done.Other = done.Entries+so.Entries, done.Other+so.Other
	}
	return n, err
}

// byJournal groups keys, their numbers in order.
func byJournal(keys []Key) map[string][]int64 {
	groups := map[string][]int64{}
	for _, k := range keys {
		groups[string(k.Journal)] = append(groups[string(k.Journal)], k.Number)
	}
	return groups
}

// eraseElsewhere runs the erasers, while the hashes are still there.
func (f *Finder) eraseElsewhere(ctx context.Context, tx bun.Tx, hash []byte, keys []Key) (n int, err error) {
	hashes := [][]byte{hash}
	for journal, numbers := range byJournal(keys) {
		var some [][]byte
		err := tx.NewSelect().Model((*db.Lookup)(nil)).ColumnExpr("DISTINCT hash").
			Where("journal = ? AND number IN (?)", []byte(journal), bun.List(numbers)).Scan(ctx, &some)
		if err != nil {
			return 0, fmt.Errorf("looking for what the entries were found by: %w", err)
		}
		hashes = append(hashes, some...)
	}
	for _, e := range f.Erasers {
		more, err := e.Erase(ctx, tx, hashes)
		if err != nil {
			return 0, err
		}
		n += more
	}
	return n, nil
}

// order leaves an order of erasure for the kiosk of a journal.
func order(ctx context.Context, tx bun.Tx, journal string, numbers []int64, request string, now time.Time) error {
	j := db.Journal{ID: []byte(journal)}
	if err := tx.NewSelect().Model(&j).WherePK().Scan(ctx); err != nil {
		return fmt.Errorf("looking up a journal: %w", err)
	}
	body, err := cbor.Marshal(numbers)
	if err != nil {
		return fmt.Errorf("encoding an order of erasure: %w", err)
	}
	// Part is the first number: a person with many entries has several orders.
	_, err = tx.NewInsert().Model(&db.Erasure{
		Journal: j.ID, Kiosk: j.Kiosk, At: db.At(now), Request: request, Part: numbers[0], Entries: body,
	}).Exec(ctx)
	if err != nil {
		return fmt.Errorf("leaving an order for kiosk %s: %w", j.Kiosk, err)
	}
	return nil
}

// drop deletes the bodies of entries and what finds them.
func (f *Finder) drop(ctx context.Context, tx bun.Tx, keys []Key, state db.State) error {
	for journal, numbers := range byJournal(keys) {
		_, err := tx.NewUpdate().Model((*db.Entry)(nil)).Set("body = NULL").Set("state = ?", state).
			Where("journal = ? AND number IN (?)", []byte(journal), bun.List(numbers)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("deleting bodies: %w", err)
		}
		_, err = tx.NewDelete().Model((*db.Lookup)(nil)).
			Where("journal = ? AND number IN (?)", []byte(journal), bun.List(numbers)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("deleting what finds entries: %w", err)
		}
	}
	for _, forgetter := range f.Forgetters {
		if err := forgetter.Forget(ctx, tx, keys); err != nil {
			return err
		}
	}
	return nil
}

// standing is how long a kiosk is told of an order that it does not prove: one
// that was destroyed never will.
const standing = 90 * 24 * time.Hour

// Orders returns the signed erasure orders that a kiosk must still carry out.
func Orders(ctx context.Context, d bun.IDB, key crypto.Signer, kiosk string, now time.Time) ([][]byte, error) {
	var rows []struct {
		db.Erasure
		Name []byte // of the journal, by the kiosk
	}
	err := d.NewSelect().TableExpr("erasures AS e").Join("JOIN journals AS j ON j.id = e.journal").ColumnExpr("e.*, j.journal AS name").
		Where("e.kiosk = ? AND e.proved = 0 AND e.at > ?", kiosk, db.At(now.Add(-standing))).OrderExpr("e.at, e.part").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("looking up the erasure orders of kiosk %s: %w", kiosk, err)
	}
	orders := make([][]byte, 0, len(rows))
	for _, row := range rows {
		e := wire.Erasure{Kiosk: row.Kiosk, Journal: store.ID(row.Name), Time: row.At.Time}
		if err := cbor.Unmarshal(row.Entries, &e.Numbers); err != nil {
			return nil, fmt.Errorf("reading an erasure order of kiosk %s: %w", kiosk, err)
		}
		order, err := e.Encode(key, nil)
		if err != nil {
			return nil, err
		}
		orders = append(orders, order)
	}
	return orders, nil
}

// Expire deletes the bodies of entries that came longer ago than the retention,
// and the keys of days that have no bodies left. It returns how many it deleted.
// The province's clock alone decides: what a kiosk brings after a month without a
// network is kept as long as what it brings at once.
func (f *Finder) Expire(ctx context.Context, retention time.Duration, now time.Time) (int, error) {
	total, before := 0, db.At(now.Add(-retention))
	for {
		var batches []db.Arrival
		err := f.DB.NewSelect().Model(&batches).Where("expired = 0 AND at < ?", before).OrderExpr("at").Limit(expiring).Scan(ctx)
		if err != nil {
			return total, fmt.Errorf("looking for what has expired: %w", err)
		}
		for _, batch := range batches {
			n, err := f.expire(ctx, batch, now)
			if err != nil {
				return total, fmt.Errorf("letting entries expire: %w", err)
			}
			total += n
		}
		if len(batches) < expiring {
			break
		}
	}
	_, err := f.DB.NewDelete().Model((*db.ErasedPerson)(nil)).Where("at < ?", db.At(now.Add(-remembered))).Exec(ctx)
	if err != nil {
		return total, fmt.Errorf("forgetting old erasures: %w", err)
	}
	if err := f.forgetDays(ctx, db.DayOf(before.Time)); err != nil || total == 0 {
		return total, err
	}
	return total, db.Scrub(ctx, f.DB)
}

// remembered is how long a kiosk may be away with records of a person who was
// erased: longer than it keeps what it could not send.
const remembered = 3 * 365 * 24 * time.Hour

// expiring is how many batches are looked at together.
const expiring = 200

// expire deletes the bodies of a batch's entries, in one transaction.
func (f *Finder) expire(ctx context.Context, batch db.Arrival, now time.Time) (int, error) {
	var keys []Key
	err := f.DB.NewSelect().Model((*db.Entry)(nil)).Column("journal", "number").
		Where("journal = ? AND number BETWEEN ? AND ? AND body IS NOT NULL", batch.Journal, batch.First, batch.Last).Scan(ctx, &keys)
	if err != nil {
		return 0, err
	}
	return len(keys), f.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		for part := range slices.Chunk(keys, erasing) {
			if err := f.drop(ctx, tx, part, db.Expired); err != nil {
				return err
			}
		}
		batch.Expired = db.At(now)
		_, err := tx.NewUpdate().Model(&batch).Column("expired").WherePK().Exec(ctx)
		return err
	})
}

// forgetDays deletes the keys of days before one, of which no body is left.
func (f *Finder) forgetDays(ctx context.Context, before db.Day) error {
	var days []db.Day
	err := f.DB.NewSelect().Model((*db.DataKey)(nil)).Column("day").Where("day < ?", before).
		Where("NOT EXISTS (SELECT 1 FROM arrivals AS a WHERE a.expired = 0 AND a.at >= day * ? AND a.at < (day + 1) * ?)", dayMillis, dayMillis).
		Scan(ctx, &days)
	if err != nil {
		return fmt.Errorf("looking for days that have expired: %w", err)
	}
	for _, day := range days {
		if err := f.Keys.Forget(ctx, f.DB, day); err != nil {
			return err
		}
	}
	return nil
}

const dayMillis int64 = 24 * 3600 * 1000
