package account

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
)

// Log adds an action to the audit log. There is no way to change or delete one.
// The target names a thing, never a person; a word of the page stands in it by its
// key in braces, "{field.phone}", so that each reader has it in their language.
func (g *Registry) Log(ctx context.Context, tx bun.IDB, who Account, action, target, remote string) error {
	now := g.Now()
	var random [6]byte
	rand.Read(random[:])
	row := &db.Audit{
		ID: fmt.Sprintf("%013d-%x", now.UnixMilli(), random), At: db.At(now), Account: who.Name, Area: who.Area,
		Action: action, Target: target, Remote: remote,
	}
	if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
		return fmt.Errorf("writing the audit log: %w", err)
	}
	return nil
}

// ReadLog returns the latest actions of accounts in the area, before an id where
// that is not "".
func (g *Registry) ReadLog(ctx context.Context, area db.Area, before string, limit int) ([]db.Audit, error) {
	var rows []db.Audit
	q := g.DB.NewSelect().Model(&rows).Apply(area.Where("area")).OrderExpr("id DESC").Limit(int64(limit))
	if before != "" {
		q = q.Where("id < ?", before)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading the audit log: %w", err)
	}
	return rows, nil
}
