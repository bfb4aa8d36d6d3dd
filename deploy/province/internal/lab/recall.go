package lab

import (
	"context"
	"fmt"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/exchange"
	"chot/deploy/province/internal/person"
	"chot/kiosk/record"
)

// Recall is a person who must come again: a member of a pool that was found
// positive or suspected, of whom no single specimen has been taken since.
type Recall struct {
	db.Specimen
	Outcome int16   // of the pool
	Known   db.Time // when the result came
	Who     record.Person
	Gone    bool // the person was erased, or the retention is over
}

// Recalls lists whom to call back in an area, those not called first.
func (d *Desk) Recalls(ctx context.Context, area db.Area) ([]Recall, error) {
	var rows []struct {
		db.Specimen
		Outcome int16
		Known   db.Time
	}
	err := d.DB.NewSelect().TableExpr("specimens AS s").
		Join("JOIN results AS r ON r.tube_key = s.tube_key AND r.kiosk = s.kiosk AND r.technique = s.technique").
		ColumnExpr("s.*, r.outcome, r.came AS known").
		Where("s.member > 0 AND s.voided = 0 AND r.outcome IN (?, ?)", record.Positive, record.Suspected).
		Where("s.document IS NULL OR NOT EXISTS (SELECT 1 FROM specimens AS n WHERE n.document = s.document AND n.member = 0 AND n.voided = 0 AND n.at > s.at)").
		Apply(area.Where("s.area")).OrderExpr("CASE WHEN s.called = '' THEN 0 ELSE 1 END, r.came DESC, s.tube, s.member").Limit(2000).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("listing whom to call back: %w", err)
	}
	recalls := make([]Recall, len(rows))
	for i, row := range rows {
		who, err := person.Open(ctx, d.Vault, row.Origin, row.Sealed)
		recalls[i] = Recall{row.Specimen, row.Outcome, row.Known, who, err != nil}
	}
	return recalls, nil
}

// Call notes that an account has called a member of a pool back. It says whether
// there was one in the account's area.
func (d *Desk) Call(ctx context.Context, who account.Account, remote, tube string, member int) (bool, error) {
	done, err := d.DB.NewUpdate().Model((*db.Specimen)(nil)).Set("called = ?", who.Name).
		Where("tube_key = ? AND member = ? AND member > 0 AND voided = 0", exchange.TubeKey(tube), member).
		Where("area = ? OR area LIKE ?", who.Area, string(who.Area)+"/%").Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("noting a call: %w", err)
	}
	n, err := done.RowsAffected()
	if err != nil || n == 0 {
		return false, err
	}
	return true, d.Registry.Log(ctx, d.DB, who, "call-back", fmt.Sprintf("%s/%d", tube, member), remote)
}
