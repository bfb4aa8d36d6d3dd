package intake

import (
	"context"
	"fmt"
	"slices"

	"github.com/fxamacker/cbor/v2"
	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
	"chot/kiosk/record"
)

// late is an entry of a person who had been erased when it arrived.
type late struct {
	number  int64
	request string // that the person was erased for
}

// dropErased empties the entries that a kiosk recorded before their person was
// erased, and leaves it orders to erase them too. They are counted, and their place
// in the journal stays. A batch may come here twice, when its transaction is tried
// again.
func (in *Intake) dropErased(ctx context.Context, tx bun.Tx, taken []*pending) error {
	var erased []db.ErasedPerson
	if err := tx.NewSelect().Model(&erased).Scan(ctx); err != nil {
		return fmt.Errorf("looking up who was erased: %w", err)
	}
	byHash := map[string][]db.ErasedPerson{}
	for _, e := range erased {
		byHash[string(e.Hash)] = append(byHash[string(e.Hash)], e)
	}
	for _, t := range taken {
		if len(byHash) > 0 {
			t.findLate(byHash)
		}
		if err := t.orderLate(ctx, tx, db.At(in.Now())); err != nil {
			return err
		}
	}
	return nil
}

func (t *pending) findLate(erased map[string][]db.ErasedPerson) {
	gone := map[int64]bool{}
	for _, l := range t.lookups {
		if erased[string(l.Hash)] == nil {
			continue
		}
		at := slices.IndexFunc(t.entries, func(e db.Entry) bool { return e.Number == l.Number })
		if at < 0 {
			continue
		}
		entry := &t.entries[at]
		for _, e := range erased[string(l.Hash)] {
			if gone[l.Number] || !e.Area.Contains(t.kiosk.Area) || entry.At.After(e.At.Time) {
				continue
			}
			gone[l.Number] = true
			entry.State, entry.Body = db.Erased, nil
			t.late = append(t.late, late{l.Number, e.Request})
		}
	}
	if len(gone) == 0 {
		return
	}
	t.lookups = slices.DeleteFunc(t.lookups, func(l db.Lookup) bool { return gone[l.Number] })
	for kind, rows := range t.projected {
		if _, personal := kind.New().(record.Personal); personal {
			t.projected[kind] = slices.DeleteFunc(rows, func(r Taken) bool { return gone[r.Entry.Number] })
		}
	}
}

func (t *pending) orderLate(ctx context.Context, tx bun.Tx, now db.Time) error {
	for _, l := range t.late {
		body, err := cbor.Marshal([]int64{l.number})
		if err != nil {
			return fmt.Errorf("encoding an order of erasure: %w", err)
		}
		_, err = tx.NewInsert().Model(&db.Erasure{
			Journal: t.before.ID, Kiosk: t.kiosk.ID, At: now, Request: l.request, Part: l.number, Entries: body,
		}).Exec(ctx)
		if err != nil {
			return fmt.Errorf("leaving an order for kiosk %s: %w", t.kiosk.ID, err)
		}
	}
	return nil
}
