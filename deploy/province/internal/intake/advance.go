package intake

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
)

// step takes one journal from a position to the next.
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

// advance takes the journals of a group from the positions before the batches to
// those after them, by a statement for those that are new and one for the others.
// It returns whose batch took its journal on; the others came too late.
func advance(ctx context.Context, tx bun.Tx, group []*waiting) (map[*taking]bool, error) {
	var fresh []db.Journal
	var steps []step
	first := map[string]*taking{} // by journal: of two batches for one place one comes too late
	for _, w := range group {
		t := w.taking
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
	advanced := make(map[*taking]bool, len(ids))
	for _, id := range ids {
		advanced[first[string(id)]] = true
	}
	return advanced, nil
}

// heard is what a batch says of its kiosk.
type heard struct {
	bun.BaseModel `bun:"table:kiosks,alias:heard"`
	ID            string
	Seen          db.Time `bun:",type:bigint"`
	Clock         int64
	Health        string // "" where the batch has no report
}

// touch notes that kiosks were heard, and what they said of their health.
func touch(ctx context.Context, tx bun.Tx, taken []*taking) error {
	rows, at := make([]heard, 0, len(taken)), map[string]int{}
	for _, t := range taken {
		i, known := at[t.kiosk.ID]
		if !known {
			i = len(rows)
			at[t.kiosk.ID] = i
			rows = append(rows, heard{ID: t.kiosk.ID})
		}
		rows[i].Seen, rows[i].Clock = t.kiosk.Seen, t.kiosk.Clock
		if t.health != "" {
			rows[i].Health = t.health
		}
	}
	_, err := tx.NewUpdate().With("heard", tx.NewValues(&rows)).Model((*db.Kiosk)(nil)).TableExpr("heard").
		Set("seen = heard.seen").Set("clock = heard.clock").
		Set("health = CASE heard.health WHEN '' THEN kiosk.health ELSE heard.health END").
		Set("health_at = CASE heard.health WHEN '' THEN kiosk.health_at ELSE heard.seen END").
		Where("kiosk.id = heard.id").Exec(ctx)
	if err != nil {
		return fmt.Errorf("noting that %d kiosks were heard: %w", len(rows), err)
	}
	return nil
}
