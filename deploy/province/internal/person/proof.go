package person

import (
	"context"
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/intake"
	"chot/kiosk/record"
)

// Proofs closes the orders of erasure that kiosks prove to have carried out.
type Proofs struct{ Now func() time.Time }

// Kinds implements intake.Projector.
func (Proofs) Kinds() []record.Kind { return []record.Kind{record.KindErasure} }

// Project implements intake.Projector. A proof names entries of the journal that
// it stands in; an order is proved when each of its entries has been named, by
// one proof.
func (p Proofs) Project(ctx context.Context, tx bun.Tx, taken []intake.Taken) error {
	for _, t := range taken {
		proof, ok := t.Record.Body.(record.Erasure)
		if !ok || len(proof.Entries) == 0 {
			continue
		}
		var open []db.Erasure
		if err := tx.NewSelect().Model(&open).Where("journal = ? AND proved = 0", t.Entry.Journal).Scan(ctx); err != nil {
			return fmt.Errorf("looking up the open orders of kiosk %s: %w", t.Kiosk.ID, err)
		}
		named := map[uint64]bool{}
		for _, n := range proof.Entries {
			named[n] = true
		}
		for _, order := range open {
			var numbers []uint64
			if err := cbor.Unmarshal(order.Entries, &numbers); err != nil {
				return fmt.Errorf("reading an erasure order of kiosk %s: %w", t.Kiosk.ID, err)
			}
			if !all(named, numbers) {
				continue
			}
			order.Proved = db.At(p.Now())
			if _, err := tx.NewUpdate().Model(&order).Column("proved").WherePK().Exec(ctx); err != nil {
				return fmt.Errorf("ending an order of kiosk %s: %w", t.Kiosk.ID, err)
			}
		}
	}
	return nil
}

func all(named map[uint64]bool, numbers []uint64) bool {
	for _, n := range numbers {
		if !named[n] {
			return false
		}
	}
	return true
}

// Order is an order of erasure, for officers.
type Order struct {
	Kiosk   string
	Area    db.Area
	At      db.Time
	Request string
	Proved  db.Time
}

// Standing returns the orders to the kiosks of an area: those that are open, and
// the latest of those that were proved.
func Standing(ctx context.Context, d bun.IDB, area db.Area, limit int) ([]Order, error) {
	var rows []Order
	err := d.NewSelect().TableExpr("erasures AS e").Join("JOIN kiosks AS k ON k.id = e.kiosk").
		ColumnExpr("e.kiosk, k.area, e.at, e.request, e.proved").Apply(area.Where("k.area")).
		OrderExpr("CASE WHEN e.proved = 0 THEN 0 ELSE 1 END, e.at DESC").Limit(int64(limit)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("listing the orders of erasure: %w", err)
	}
	return rows, nil
}
