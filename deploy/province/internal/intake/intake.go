package intake

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/datakeys"
	"chot/deploy/province/internal/db"
	"chot/kiosk/record"
	"chot/store"
	"chot/store/wire"
)

// Taken is one record that is being committed, for a [Projector].
type Taken struct {
	Kiosk  db.Kiosk
	Entry  *db.Entry
	Record record.Record
	Box    datakeys.Box // encrypts personal columns under the key of the day
}

// Projector keeps what some kinds of records mean in tables of its own. Project
// runs inside the transaction that commits the records: an error refuses the
// batch, and is for the database alone. What is wrong with a record itself goes
// to a work list.
type Projector interface {
	// Kinds are those that Project is handed.
	Kinds() []record.Kind
	Project(ctx context.Context, tx bun.Tx, taken []Taken) error
}

// Options are what an Intake works with.
type Options struct {
	DB         *bun.DB
	Keys       *datakeys.Keyring
	Opener     *store.Opener
	Signer     crypto.Signer // of receipts: ECDSA on P-256
	Projectors []Projector
	Committed  func() // called after each commit
	Now        func() time.Time
	Log        *slog.Logger
}

// Intake takes in batches. It is safe for concurrent use.
type Intake struct {
	Options
	journals   *db.BatchLoader[db.Journal]
	projectors map[record.Kind][]Projector
	opened     *budget
	commits    *committer
	visits     visits
}

// New starts an intake; Close ends it.
func New(o Options) *Intake {
	in := &Intake{Options: o, projectors: map[record.Kind][]Projector{}, opened: newBudget(), journals: db.NewBatchLoader(
		func(j *db.Journal) string { return journalKey(j.Kiosk, store.ID(j.Journal)) },
		func(ctx context.Context, keys []string) (rows []db.Journal, err error) {
			ids := make([][]byte, len(keys))
			for i, key := range keys {
				ids[i] = []byte(key[:len(store.ID{})])
			}
			// Of other kiosks that call a journal the same there are rows too: no matter.
			err = o.DB.NewSelect().Model(&rows).Where("journal IN (?)", bun.List(ids)).Scan(ctx)
			return rows, err
		},
	)}
	for _, p := range o.Projectors {
		for _, kind := range p.Kinds() {
			in.projectors[kind] = append(in.projectors[kind], p)
		}
	}
	in.commits = newCommitter(in)
	return in
}

// Close waits for the batches under way.
func (in *Intake) Close() { in.commits.close() }

// Carrier is the kiosk over whose connection a batch comes. The caller has made
// sure that it is admitted.
type Carrier struct {
	Kiosk db.Kiosk
	Key   *ecdsa.PublicKey // of the certificate that it showed
}

// delivery is one batch on its way through the stages. Each stage sets what those
// after it need.
type delivery struct {
	carrier Carrier
	data    []byte

	batch   *wire.Batch   // decode
	author  db.Kiosk      // check
	journal db.Journal    // order: where it stands; commit: where it stands now
	entries []store.Entry // order: those that are new
	pending *pending      // prepare, nil for a repeat
	receipt []byte        // sign
}

// stage is one step of a delivery.
type stage struct {
	name string
	run  func(*Intake, context.Context, *delivery) error
}

// The stages. A journal that another instance has moved meanwhile is looked at
// again: those from order on are run once more.
var (
	once = []stage{{"decode", (*Intake).decode}, {"check", (*Intake).check}}
	many = []stage{
		{"order", (*Intake).order}, {"prepare", (*Intake).prepare}, {"commit", (*Intake).commit}, {"sign", (*Intake).sign},
	}
)

// Take takes in the bytes of a batch that the carrier brought, and returns the
// bytes of a receipt. What the province refuses is an error of type
// [*wire.Error].
func (in *Intake) Take(ctx context.Context, carrier Carrier, data []byte) ([]byte, error) {
	d := &delivery{carrier: carrier, data: data}
	defer d.release()
	err := in.run(ctx, once, d)
	for err == nil {
		if err = in.run(ctx, many, d); !errors.Is(err, errMoved) {
			break
		}
		d.release()
		err = nil
	}
	if err != nil {
		return nil, in.refuse(ctx, d.author, err)
	}
	return d.receipt, nil
}

func (in *Intake) run(ctx context.Context, stages []stage, d *delivery) error {
	for _, s := range stages {
		if err := s.run(in, ctx, d); err != nil {
			var refused *wire.Error
			if errors.As(err, &refused) || errors.Is(err, errMoved) {
				return err
			}
			return fmt.Errorf("taking in a batch: %s: %w", s.name, err)
		}
	}
	return nil
}

// release gives the memory of a delivery's opened bodies back to the budget.
func (d *delivery) release() {
	if d.pending != nil {
		d.pending.memory.release()
		d.pending = nil
	}
}
