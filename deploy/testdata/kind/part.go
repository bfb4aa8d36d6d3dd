// Package toy is the example of a part, see deploy/kind_test.go.
package toy

import (
	"context"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/intake"
	"chot/deploy/province/internal/person"
	"chot/deploy/province/internal/web"
	"chot/kiosk/record"
)

type row struct {
	bun.BaseModel `bun:"table:toys"`
	Journal       []byte `bun:",pk"`
	Entry         int64  `bun:",pk"`
	Area          db.Area
	Lent          string
}

// Part is the toy's part of the server.
type Part struct{ DB *bun.DB }

// Kinds implements intake.Projector.
func (Part) Kinds() []record.Kind { return []record.Kind{record.KindToy} }

// Project implements intake.Projector.
func (Part) Project(ctx context.Context, tx bun.Tx, taken []intake.Taken) error {
	var rows []row
	for _, t := range taken {
		b := t.Record.Body.(record.Toy)
		rows = append(rows, row{Journal: t.Entry.Journal, Entry: t.Entry.Number, Area: t.Kiosk.Area, Lent: b.Lent})
	}
	return db.Insert(ctx, tx, rows)
}

// Forget implements person.Forgetter.
func (Part) Forget(ctx context.Context, tx bun.Tx, entries []person.Key) error {
	for _, k := range entries {
		_, err := tx.NewDelete().Model((*row)(nil)).Where("journal = ? AND entry = ?", k.Journal, k.Number).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// Section implements web.Sectioner.
func (p Part) Section() web.Section {
	return web.Section{Pages: []web.Page{{Pattern: "GET /toys", Right: account.SeePeople, Menu: "menu.toys", Serve: p.page}}}
}

func (p Part) page(r *web.Request) (web.View, error) {
	var rows []row
	err := p.DB.NewSelect().Model(&rows).Apply(r.Account.Area.Where("area")).Scan(r.Context())
	list := web.List{Columns: []string{"menu.toys"}}
	for _, row := range rows {
		list.Rows = append(list.Rows, []string{row.Lent})
	}
	return web.View{Template: "list", Title: "menu.toys", Data: list}, err
}
