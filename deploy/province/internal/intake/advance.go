package intake

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
)

// step moves one journal from a position to the next.
type step struct {
	bun.BaseModel `bun:"table:journals,alias:step"`
	Journal       []byte
	Number        int64
	Hash          []byte
	At            db.Time `bun:",type:bigint"`
	Segment       []byte
	Lost          int64
	FromNumber    int64
	FromHash      []byte
}

// advance moves the journals of a group from the positions before the batches to
// those after them, by a statement for those that are new and one for the others.
// It returns which batches moved their journal; the others came too late.
func advance(ctx context.Context, tx bun.Tx, group []*waiting) (map[*pending]bool, error) {
	var fresh []db.Journal
	var steps []step
	first := map[string]*pending{} // by journal: of two batches from one position one comes too late
	for _, w := range group {
		t := w.pending
		if first[string(t.before.ID)] != nil {
			continue
		}
		first[string(t.before.ID)] = t
		if t.before.Number == 0 {
			fresh = append(fresh, t.after)
			continue
		}
		steps = append(steps, step{
			Journal: t.after.ID, Number: t.after.Number, Hash: t.after.Hash, At: t.after.At, Segment: t.after.Segment, Lost: t.after.Lost,
			FromNumber: t.before.Number, FromHash: t.before.Hash,
		})
	}
	var ids [][]byte
	if len(fresh) > 0 {
		var made [][]byte
		_, err := tx.NewInsert().Model(&fresh).On("CONFLICT DO NOTHING").Returning("id").Exec(ctx, &made)
		if err != nil {
			return nil, fmt.Errorf("beginning %d journals: %w", len(fresh), err)
		}
		ids = made
	}
	if len(steps) > 0 {
		var moved [][]byte
		_, err := tx.NewUpdate().With("step", tx.NewValues(&steps)).Model((*db.Journal)(nil)).TableExpr("step").
			Set("number = step.number").Set("hash = step.hash").Set("at = step.at").Set("segment = step.segment").Set("lost = step.lost").
			Where("journal.id = step.journal AND journal.number = step.from_number AND journal.hash = step.from_hash").
			Returning("id").Exec(ctx, &moved)
		if err != nil {
			return nil, fmt.Errorf("moving %d journals: %w", len(steps), err)
		}
		ids = append(ids, moved...)
	}
	advanced := make(map[*pending]bool, len(ids))
	for _, id := range ids {
		advanced[first[string(id)]] = true
	}
	return advanced, nil
}

// contact is what a batch says of its kiosk.
type contact struct {
	bun.BaseModel `bun:"table:kiosks,alias:contact"`
	ID            string
	Seen          db.Time `bun:",type:bigint"`
	Clock         int64
	Journal       []byte
	BatchMade     db.Time `bun:",type:bigint"`
	Health        string  // "" for a batch without a report
}

// recordContact writes when kiosks were heard, from which journal, and what they
// said of their health.
func recordContact(ctx context.Context, tx bun.Tx, taken []*pending) error {
	rows, at := make([]contact, 0, len(taken)), map[string]int{}
	for _, t := range taken {
		i, known := at[t.kiosk.ID]
		if !known {
			i = len(rows)
			at[t.kiosk.ID] = i
			rows = append(rows, contact{ID: t.kiosk.ID})
		}
		rows[i].Seen, rows[i].Clock = t.kiosk.Seen, t.kiosk.Clock
		if !t.kiosk.BatchMade.Before(rows[i].BatchMade.Time) { // batches may overtake each other
			rows[i].Journal, rows[i].BatchMade = t.kiosk.Journal, t.kiosk.BatchMade
		}
		if t.health != "" {
			rows[i].Health = t.health
		}
	}
	_, err := tx.NewUpdate().With("contact", tx.NewValues(&rows)).Model((*db.Kiosk)(nil)).TableExpr("contact").
		Set("seen = contact.seen").Set("clock = contact.clock").
		Set("journal = CASE WHEN contact.batch_made >= kiosk.batch_made THEN contact.journal ELSE kiosk.journal END").
		Set("batch_made = CASE WHEN contact.batch_made >= kiosk.batch_made THEN contact.batch_made ELSE kiosk.batch_made END").
		Set("health = CASE contact.health WHEN '' THEN kiosk.health ELSE contact.health END").
		Set("health_at = CASE contact.health WHEN '' THEN kiosk.health_at ELSE contact.seen END").
		Where("kiosk.id = contact.id").Exec(ctx)
	if err != nil {
		return fmt.Errorf("recording the contact of %d kiosks: %w", len(rows), err)
	}
	return nil
}
