package intake

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/datakeys"
	"chot/deploy/province/internal/db"
	"chot/kiosk/record"
	"chot/store"
	"chot/store/wire"
)

// ahead is how far a kiosk's clock may be ahead of the province's.
const ahead = 10 * time.Minute

// Taken is one record on its way into the database, for a [Projector].
type Taken struct {
	Kiosk  db.Kiosk
	Entry  *db.Entry
	Record record.Record
	Box    datakeys.Box // encrypts personal columns under the key of the day
}

// Projector keeps what one kind of record means in tables of its own. It runs
// inside the transaction that commits the records: an error refuses the batch,
// and is for the database alone. What is wrong with a record itself goes to a
// work list.
type Projector interface {
	Project(ctx context.Context, tx bun.Tx, taken []Taken) error
}

// Options are what an Intake works with.
type Options struct {
	DB         *bun.DB
	Vault      *datakeys.Keyring
	Opener     *store.Opener
	Signer     crypto.Signer // of receipts: ECDSA on P-256
	Projectors map[record.Kind]Projector
	Committed  func() // called after each commit, for those who watch
	Now        func() time.Time
	Log        *slog.Logger
}

// Intake takes in batches. It is safe for concurrent use.
type Intake struct {
	Options
	journals *db.BatchLoader[db.Journal]
	commits  *committer
	visits   visits
}

// New starts an intake; Close ends it.
func New(o Options) *Intake {
	in := &Intake{Options: o, journals: db.NewBatchLoader(
		func(j *db.Journal) string { return string(j.ID) },
		func(ctx context.Context, keys []string) (rows []db.Journal, err error) {
			ids := make([][]byte, len(keys))
			for i, key := range keys {
				ids[i] = []byte(key)
			}
			err = o.DB.NewSelect().Model(&rows).Where("id IN (?)", bun.List(ids)).Scan(ctx)
			return rows, err
		},
	)}
	in.commits = newCommitter(in)
	return in
}

// Close waits for the batches under way.
func (in *Intake) Close() { in.commits.close() }

// Carrier is the kiosk over whose connection a batch comes. It is welcome, as
// the caller has made sure.
type Carrier struct {
	Kiosk db.Kiosk
	Key   *ecdsa.PublicKey // of the certificate that it showed
}

// Take takes in the bytes of a batch that the carrier brought, and returns the
// bytes of a receipt. What the province refuses is an error of type
// [*wire.Error].
func (in *Intake) Take(ctx context.Context, carrier Carrier, data []byte) ([]byte, error) {
	batch, err := wire.DecodeBatch(data)
	if err != nil {
		return nil, err
	}
	kiosk, err := in.check(ctx, carrier, batch)
	if err != nil {
		return nil, in.refuse(ctx, kiosk, err)
	}
	for {
		receipt, err := in.follow(ctx, carrier.Kiosk.ID, kiosk, batch)
		if errors.Is(err, errMoved) {
			continue // another instance, or another carrier, was faster
		}
		if err != nil {
			return nil, in.refuse(ctx, kiosk, err)
		}
		return receipt, nil
	}
}

// check says whether the kiosk that the batch names is welcome and signed it,
// now.
func (in *Intake) check(ctx context.Context, carrier Carrier, batch *wire.Batch) (db.Kiosk, error) {
	kiosk := carrier.Kiosk
	// Nearly always a kiosk brings its own, signed with the key that it has just
	// shown: nothing needs to be looked up.
	if batch.Kiosk != kiosk.ID || batch.Verify(carrier.Key) != nil {
		var err error
		if kiosk, err = in.author(ctx, batch); err != nil {
			return kiosk, err
		}
	}
	now := in.Now()
	last := batch.Entries[len(batch.Entries)-1].Time
	if latest := now.Add(ahead); batch.Made.After(latest) || last.After(latest) {
		return kiosk, &wire.Error{Code: wire.Future, Now: now, Text: fmt.Sprintf("the batch was made at %s, its last entry at %s",
			batch.Made.Format(time.RFC3339), last.Format(time.RFC3339))}
	}
	kiosk.Seen, kiosk.Clock = db.At(now), batch.Made.Sub(now).Milliseconds()
	return kiosk, nil
}

// author looks up the kiosk that a batch names and checks its signature.
func (in *Intake) author(ctx context.Context, batch *wire.Batch) (db.Kiosk, error) {
	kiosk := db.Kiosk{ID: batch.Kiosk}
	err := in.DB.NewSelect().Model(&kiosk).WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return db.Kiosk{}, &wire.Error{Code: wire.Unknown, Text: "no kiosk of that name is enrolled"}
	}
	if err != nil {
		return kiosk, fmt.Errorf("looking up kiosk %s: %w", kiosk.ID, err)
	}
	if !kiosk.Revoked.IsZero() {
		return kiosk, &wire.Error{Code: wire.Revoked, Text: "the kiosk was revoked"}
	}
	var certificates []db.Certificate
	err = in.DB.NewSelect().Model(&certificates).Column("public").
		Where("kiosk = ? AND revoked = 0", kiosk.ID).OrderExpr("not_after DESC").Scan(ctx)
	if err != nil {
		return kiosk, fmt.Errorf("looking up the keys of kiosk %s: %w", kiosk.ID, err)
	}
	err = &wire.Error{Code: wire.BadSignature, Text: "the kiosk has no certificate"}
	for _, c := range certificates {
		public, parseErr := x509.ParsePKIXPublicKey(c.Public)
		if parseErr != nil {
			return kiosk, fmt.Errorf("reading a key of kiosk %s: %w", kiosk.ID, parseErr)
		}
		key, _ := public.(*ecdsa.PublicKey) // nil, which verifies nothing, for another kind
		if err = batch.Verify(key); err == nil {
			break
		}
	}
	return kiosk, err
}

// follow commits what is new in the batch, if anything, and signs the receipt.
func (in *Intake) follow(ctx context.Context, carrier string, kiosk db.Kiosk, batch *wire.Batch) ([]byte, error) {
	journal, err := in.journal(ctx, batch.Journal)
	if err != nil {
		return nil, err
	}
	if journal.Number > 0 && journal.Kiosk != kiosk.ID {
		return nil, &wire.Error{Code: wire.Fork, Text: "the journal is another kiosk's"}
	}
	entries, err := batch.After(position(journal), func(number uint64) (store.Hash, error) {
		return in.hashAt(ctx, journal.ID, number)
	})
	if err != nil {
		return nil, err
	}
	if len(entries) > 0 {
		taking, err := in.prepare(ctx, carrier, kiosk, journal, batch, entries)
		if err != nil {
			return nil, err
		}
		if err := in.commits.commit(ctx, taking); err != nil {
			return nil, err
		}
		journal = taking.after
	}
	return in.sign(journal)
}

func position(j db.Journal) store.Position {
	p := store.Position{Number: uint64(j.Number)}
	copy(p.Hash[:], j.Hash)
	return p
}

// journal returns the row of a journal, one with number 0 where nothing is held.
func (in *Intake) journal(ctx context.Context, id store.ID) (db.Journal, error) {
	j, err := in.journals.Row(ctx, string(id[:]))
	if errors.Is(err, sql.ErrNoRows) {
		return db.Journal{ID: id[:]}, nil
	}
	if err != nil {
		return j, fmt.Errorf("looking up journal %s: %w", id, err)
	}
	return j, nil
}

// hashAt returns the hash of a held entry. One that was lost for good, or that
// does not exist, has the zero hash, which differs from any.
func (in *Intake) hashAt(ctx context.Context, journal []byte, number uint64) (hash store.Hash, err error) {
	if number > math.MaxInt64 {
		return hash, nil
	}
	e := db.Entry{Journal: journal, Number: int64(number)}
	err = in.DB.NewSelect().Model(&e).Column("hash").WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return hash, nil
	}
	copy(hash[:], e.Hash)
	return hash, err
}

// Receipt returns the bytes of the latest receipt of a journal.
func (in *Intake) Receipt(ctx context.Context, kiosk string, id store.ID) ([]byte, error) {
	journal, err := in.journal(ctx, id)
	if err != nil {
		return nil, err
	}
	if journal.Number == 0 || journal.Kiosk != kiosk {
		return nil, &wire.Error{Code: wire.None, Text: "nothing of that journal is held"}
	}
	return in.sign(journal)
}

// sign makes the receipt for what is committed. It depends on the journal's row
// alone, and the signature is deterministic (RFC 6979, by a nil source of
// randomness): asked again, any instance gives the same bytes.
func (in *Intake) sign(j db.Journal) ([]byte, error) {
	r := wire.Receipt{Kiosk: j.Kiosk, Journal: store.ID(j.ID), Held: position(j), Time: j.At.Time}
	return r.Encode(in.Signer, nil)
}
