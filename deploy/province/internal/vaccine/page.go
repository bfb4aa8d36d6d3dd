package vaccine

import (
	"embed"
	"fmt"
	"io"
	"net/http"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/person"
	"chot/deploy/province/internal/web"
	"chot/kiosk/record"
)

//go:embed html/*.html
var html embed.FS

// Section is the desk's page, for web.New.
func (d *Desk) Section() web.Section {
	return web.Section{Templates: html, Pages: []web.Page{
		{Pattern: "GET /vaccination", Right: account.SeePeople, Menu: "menu.vaccination", Serve: d.page},
		{Pattern: "POST /vaccination", Right: account.SeePeople, Serve: d.upload},
	}}
}

// shown is how many rows the page has at most.
const shown = 200

type registered struct {
	db.Registration
	Who  record.Person
	Gone bool
}

type view struct {
	Rows                       []registered
	Registered, Doses, Invited int64
	Imported                   bool
	Kept, Lines                int
	Failed                     string
}

func (d *Desk) page(r *web.Request) (web.View, error) { return d.show(r, view{}) }

func (d *Desk) show(r *web.Request, v view) (web.View, error) {
	ctx, area := r.Context(), r.Account.Area
	var rows []db.Registration
	err := d.DB.NewSelect().Model(&rows).Apply(area.Where("area")).OrderExpr("at DESC").Limit(shown).Scan(ctx)
	if err != nil {
		return web.View{}, fmt.Errorf("listing registrations: %w", err)
	}
	for _, row := range rows {
		who, err := person.Open(ctx, d.Vault, row.Origin, row.Sealed)
		v.Rows = append(v.Rows, registered{row, who, err != nil})
	}
	for model, n := range map[any]*int64{
		(*db.Registration)(nil): &v.Registered, (*db.Dose)(nil): &v.Doses, (*db.Invitation)(nil): &v.Invited,
	} {
		if *n, err = d.DB.NewSelect().Model(model).Apply(area.Where("area")).Count(ctx); err != nil {
			return web.View{}, fmt.Errorf("counting vaccinations: %w", err)
		}
	}
	if err := d.Registry.Log(ctx, d.DB, r.Account, "read-registrations", fmt.Sprintf("{audit.rows}: %d", len(rows)), r.Remote()); err != nil {
		return web.View{}, err
	}
	return web.View{Template: "vaccination", Title: "menu.vaccination", Data: v}, nil
}

func (d *Desk) upload(r *web.Request) (web.View, error) {
	refused := web.Refusal{Status: http.StatusBadRequest, Key: "error.bad-request"}
	file, header, err := r.FormFile("file")
	if err != nil {
		return web.View{}, refused
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		return web.View{}, refused
	}
	notices, err := Parse(data)
	if err != nil {
		return d.show(r, view{Failed: err.Error()})
	}
	kept, err := d.Import(r.Context(), r.Account, r.Remote(), header.Filename, notices)
	if err != nil {
		return web.View{}, err
	}
	return d.show(r, view{Imported: true, Kept: kept, Lines: len(notices)})
}
