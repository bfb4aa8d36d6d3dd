// Package person finds, deletes and lets expire what the province holds of a
// person. Counts (tallies) and the proof (the entries' hashes and digests, which
// the chain is made of) stay.
package person

import (
	"context"
	"crypto"
	"errors"
	"fmt"
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

// Eraser deletes what a package keeps of a person whose entries are erased on
// request, under the hashes that found the entries: what was not made from an
// entry, and what no retention deletes.
type Eraser interface {
	Erase(ctx context.Context, tx bun.Tx, hashes [][]byte) error
}

// Finder finds people by exact values.
type Finder struct {
	DB         *bun.DB
	Vault      *datakeys.Keyring
	Forgetters []Forgetter
	Erasers    []Eraser
}

// Fields by which entries of a person are found.
var Fields = []string{"document", "phone", "number", "tube"}

// Find returns the entries, of kiosks in the area, that hold the value.
func (f *Finder) Find(ctx context.Context, area db.Area, field, value string) ([]db.Entry, error) {
	var entries []db.Entry
	err := f.DB.NewSelect().Model(&entries).
		Join("JOIN lookups AS l ON l.journal = entry.journal AND l.number = entry.number").
		Join("JOIN arrivals AS a ON a.journal = entry.journal AND entry.number BETWEEN a.first AND a.last").
		Where("l.hash = ?", f.Vault.Hash(field, intake.Normal(field, value))).
		Apply(area.Where("a.area")).
		OrderExpr("entry.at DESC").Limit(500).Scan(ctx)
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
	payload, err := f.Vault.Open(ctx, e.Day, e.Body, datakeys.EntryData(e.Journal, e.Number))
	if err != nil {
		return record.Record{}, fmt.Errorf("reading entry %d: %w", e.Number, err)
	}
	return record.Decode(record.Kind(e.Kind), e.At.Time, payload)
}

// Erase deletes the bodies of entries at a person's request, and leaves an order
// for each kiosk that may still hold them. The request is the office's number for
// it and names nobody. It returns how many entries were erased.
func (f *Finder) Erase(ctx context.Context, entries []db.Entry, request string, now time.Time) (int, error) {
	if request == "" {
		return 0, errors.New("erasing: the request's number is missing")
	}
	byJournal := map[store.ID][]uint64{}
	keys := make([]Key, 0, len(entries))
	for _, e := range entries {
		id := store.ID(e.Journal)
		byJournal[id] = append(byJournal[id], uint64(e.Number))
		keys = append(keys, Key{e.Journal, e.Number})
	}
	err := f.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := f.eraseElsewhere(ctx, tx, keys); err != nil {
			return err
		}
		if err := f.drop(ctx, tx, keys, db.Erased); err != nil {
			return err
		}
		for id, numbers := range byJournal {
			if err := order(ctx, tx, id, numbers, request, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("erasing for request %s: %w", request, err)
	}
	return len(keys), nil
}

// eraseElsewhere runs the erasers, while the hashes are still there.
func (f *Finder) eraseElsewhere(ctx context.Context, tx bun.Tx, keys []Key) error {
	var hashes [][]byte
	for _, k := range keys {
		var some []db.Lookup
		err := tx.NewSelect().Model(&some).Column("hash").Where("journal = ? AND number = ?", k.Journal, k.Number).Scan(ctx)
		if err != nil {
			return err
		}
		for _, l := range some {
			hashes = append(hashes, l.Hash)
		}
	}
	if len(hashes) == 0 {
		return nil
	}
	for _, e := range f.Erasers {
		if err := e.Erase(ctx, tx, hashes); err != nil {
			return err
		}
	}
	return nil
}

func order(ctx context.Context, tx bun.Tx, id store.ID, numbers []uint64, request string, now time.Time) error {
	j := db.Journal{ID: id[:]}
	if err := tx.NewSelect().Model(&j).WherePK().Scan(ctx); err != nil {
		return err
	}
	body, err := cbor.Marshal(numbers)
	if err != nil {
		return err
	}
	_, err = tx.NewInsert().Model(&db.Erasure{Journal: id[:], Kiosk: j.Kiosk, At: db.At(now), Request: request, Entries: body}).Exec(ctx)
	return err
}

// drop deletes the bodies of entries and what finds them.
func (f *Finder) drop(ctx context.Context, tx bun.Tx, keys []Key, state db.State) error {
	for _, k := range keys {
		_, err := tx.NewUpdate().Model((*db.Entry)(nil)).Set("body = NULL").Set("state = ?", state).
			Where("journal = ? AND number = ?", k.Journal, k.Number).Exec(ctx)
		if err != nil {
			return err
		}
		_, err = tx.NewDelete().Model((*db.Lookup)(nil)).Where("journal = ? AND number = ?", k.Journal, k.Number).Exec(ctx)
		if err != nil {
			return err
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
	var rows []db.Erasure
	err := d.NewSelect().Model(&rows).Where("kiosk = ? AND proved = 0 AND at > ?", kiosk, db.At(now.Add(-standing))).Order("at").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking up the erasure orders of kiosk %s: %w", kiosk, err)
	}
	orders := make([][]byte, 0, len(rows))
	for _, row := range rows {
		e := wire.Erasure{Kiosk: row.Kiosk, Journal: store.ID(row.Journal), Time: row.At.Time}
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

// Expire deletes the bodies of entries that are older than the retention, and
// the keys of days that have no bodies left. It returns how many it deleted.
func (f *Finder) Expire(ctx context.Context, retention time.Duration, now time.Time) (int, error) {
	total, before := 0, db.At(now.Add(-retention))
	for {
		var batches []db.Arrival
		err := f.DB.NewSelect().Model(&batches).Where("expired = 0 AND oldest < ?", before).
			OrderExpr("oldest").Limit(expiring).Scan(ctx)
		if err != nil {
			return total, fmt.Errorf("looking for what has expired: %w", err)
		}
		more := false
		for _, batch := range batches {
			n, err := f.expire(ctx, batch, before, now)
			if err != nil {
				return total, fmt.Errorf("letting entries expire: %w", err)
			}
			total, more = total+n, more || batch.Newest.Before(before.Time)
		}
		if !more { // those that are left have younger entries too
			return total, f.forgetDays(ctx, db.DayOf(before.Time))
		}
	}
}

// expiring is how many batches are looked at together.
const expiring = 200

// expire deletes the bodies of a batch's entries from before a time, in one
// transaction.
func (f *Finder) expire(ctx context.Context, batch db.Arrival, before db.Time, now time.Time) (int, error) {
	var entries []db.Entry
	err := f.DB.NewSelect().Model(&entries).Column("journal", "number").
		Where("journal = ? AND number BETWEEN ? AND ?", batch.Journal, batch.First, batch.Last).
		Where("body IS NOT NULL AND at < ?", before).Scan(ctx)
	if err != nil {
		return 0, err
	}
	keys := make([]Key, len(entries))
	for i, e := range entries {
		keys[i] = Key{e.Journal, e.Number}
	}
	return len(keys), f.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := f.drop(ctx, tx, keys, db.Expired); err != nil || !batch.Newest.Before(before.Time) {
			return err
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
		if err := f.Vault.Forget(ctx, f.DB, day); err != nil {
			return err
		}
	}
	return nil
}

const dayMillis int64 = 24 * 3600 * 1000
