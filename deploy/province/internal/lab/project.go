package lab

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/exchange"
	"chot/deploy/province/internal/intake"
	"chot/deploy/province/internal/person"
	"chot/deploy/province/internal/uploads"
	"chot/kiosk/record"
)

// Kinds implements intake.Projector.
func (d *Desk) Kinds() []record.Kind {
	return []record.Kind{record.KindOrder, record.KindSample, record.KindPool, record.KindResult, record.KindStaff}
}

// Project implements intake.Projector for orders, samples, pools, results read
// on the spot, and what staff undo.
func (d *Desk) Project(ctx context.Context, tx bun.Tx, taken []intake.Taken) error {
	var (
		orders    []db.Order
		specimens []db.Specimen
		steps     []db.PoolStep
		tubes     []string
	)
	for _, t := range taken {
		switch b := t.Record.Body.(type) {
		case record.Order:
			who, err := person.Seal(d.Vault, t, b.Person)
			if err != nil {
				return err
			}
			orders = append(orders, db.Order{
				Origin: person.Origin(t), Number: b.Number, Technique: int16(b.Technique), Reason: b.Reason, Sealed: who,
			})
		case record.Sample:
			who, err := person.Seal(d.Vault, t, b.Person)
			if err != nil {
				return err
			}
			specimens = append(specimens, db.Specimen{
				Origin: person.Origin(t), Tube: b.Tube, TubeKey: exchange.TubeKey(b.Tube), TubeLoose: exchange.LooseKey(b.Tube), Technique: int16(b.Technique),
				Reason: b.Reason, OrderNumber: b.Order, Member: b.Member, Sealed: who,
			})
			tubes = append(tubes, exchange.TubeKey(b.Tube))
		case record.Pool:
			steps = append(steps, db.PoolStep{Origin: person.Origin(t), TubeKey: exchange.TubeKey(b.Tube), Step: int16(b.Step), Size: b.Size})
			tubes = append(tubes, exchange.TubeKey(b.Tube))
		}
	}
	if err := db.Insert(ctx, tx, orders); err != nil {
		return err
	}
	if err := db.Insert(ctx, tx, specimens); err != nil {
		return err
	}
	if err := db.Insert(ctx, tx, steps); err != nil {
		return err
	}
	for _, t := range taken {
		switch b := t.Record.Body.(type) {
		case record.Result:
			if err := d.reading(ctx, tx, t, b); err != nil {
				return err
			}
		case record.Staff:
			if err := d.undo(ctx, tx, t, b); err != nil {
				return err
			}
		}
	}
	return d.retry(ctx, tx, tubes)
}

// reading takes a result that was read on the spot, by the kiosk that took the
// specimen.
func (d *Desk) reading(ctx context.Context, tx bun.Tx, t intake.Taken, b record.Result) error {
	if exchange.CheckTube(exchange.Trim(b.Tube)) != nil || b.Outcome == 0 {
		return nil // not a reading that any version of a kiosk makes
	}
	by := Source{t.Kiosk.ID, t.Kiosk.Area, Kiosk}
	s := exchange.Result{
		Message: fmt.Sprintf("%x-%d", t.Entry.Journal, t.Entry.Number), Specimens: []exchange.Identifier{{Value: exchange.Trim(b.Tube)}},
		Technique: b.Technique, Outcome: b.Outcome, Read: b.Outcome.String(), Resulted: t.Record.Time, Table: true,
	}
	who := account.Account{Name: t.Kiosk.ID, Area: t.Kiosk.Area}
	_, err := d.decideAll(ctx, tx, newState(by.Scope), sift([]exchange.Result{s}, nil), by, who, "", b.Number, false)
	return err
}

// undo takes back what staff took back: the last member of a pool, or a tube.
func (d *Desk) undo(ctx context.Context, tx bun.Tx, t intake.Taken, b record.Staff) error {
	if b.Target == "" || b.Action != "undo" && b.Action != "void" {
		return nil
	}
	q := tx.NewUpdate().Model((*db.Specimen)(nil)).Set("voided = ?", t.Entry.At).
		Where("journal = ? AND entry < ? AND voided = 0 AND tube_key = ?", t.Entry.Journal, t.Entry.Number, exchange.TubeKey(b.Target))
	if b.Action == "undo" {
		q = q.Where("member = ?", b.Member)
	}
	if _, err := q.Exec(ctx); err != nil {
		return fmt.Errorf("taking back tube %s: %w", b.Target, err)
	}
	return nil
}

// Forget implements person.Forgetter: what a tube was and became stays, whose it
// was goes.
func (d *Desk) Forget(ctx context.Context, tx bun.Tx, entries []person.Key) error {
	journals := map[string][]int64{}
	for _, k := range entries {
		journals[string(k.Journal)] = append(journals[string(k.Journal)], k.Number)
	}
	for journal, numbers := range journals {
		_, err := tx.NewDelete().Model((*db.Order)(nil)).Where("journal = ? AND entry IN (?)", []byte(journal), bun.List(numbers)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("forgetting orders: %w", err)
		}
		_, err = tx.NewUpdate().Model((*db.Specimen)(nil)).Set("person = NULL").Set("document = NULL").Set("order_number = ''").
			Where("journal = ? AND entry IN (?)", []byte(journal), bun.List(numbers)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("forgetting whose specimens were: %w", err)
		}
	}
	return nil
}

// Erase implements person.Eraser: statements that name a person leave the work
// list without them.
func (d *Desk) Erase(ctx context.Context, tx bun.Tx, hashes [][]byte) (int, error) {
	return uploads.EraseWork(ctx, tx, "result", hashes)
}
