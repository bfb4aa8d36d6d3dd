package vaccine

import (
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/exchange"
	"chot/deploy/province/internal/exchange/table"
	"chot/deploy/province/internal/person"
	"chot/deploy/province/internal/uploads"
	"chot/deploy/province/internal/web"
	"chot/kiosk/record"
)

//go:embed html/*.html
var html embed.FS

// Section is the desk's pages, for web.New.
func (d *Desk) Section() web.Section {
	files := d.intake()
	return web.Section{Templates: html, Pages: []web.Page{
		{Pattern: "GET /vaccination", Right: account.SeePeople, Menu: "menu.vaccination", Serve: d.page},
		{Pattern: "POST /vaccination", Right: account.SeePeople, Serve: files.Upload},
		{Pattern: "POST /vaccination/preview", Right: account.SeePeople, Serve: files.LookAgain},
		{Pattern: "POST /vaccination/confirm", Right: account.SeePeople, Serve: files.Confirm},
		{Pattern: "GET /vaccination/work", Right: account.SeePeople, Serve: d.work},
		{Pattern: "POST /vaccination/work", Right: account.SeePeople, Serve: d.settle},
	}}
}

// intake takes files of doses by the page.
func (d *Desk) intake() uploads.Intake[exchange.Dose] {
	return uploads.Intake[exchange.Dose]{
		Store: d.files(), Kind: "doses", Address: "/vaccination", Fields: table.DoseFields, Read: Read, Report: d.Report,
		Failed: func(r *web.Request, key, detail string) (web.View, error) {
			return d.show(r, view{Failed: key, Detail: detail})
		},
	}
}

func (d *Desk) files() *uploads.Store { return &uploads.Store{DB: d.DB, Keys: d.Vault, Now: d.Now} }

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
	Work                       int64
	Failed                     string // text key of why a file could not be read
	Detail                     string
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
	v.Work, err = d.DB.NewSelect().Model((*db.Work)(nil)).Where("kind = 'dose' AND done = ''").Apply(area.Where("area")).Count(ctx)
	if err != nil {
		return web.View{}, fmt.Errorf("counting the work: %w", err)
	}
	if err := d.Registry.Log(ctx, d.DB, r.Account, "read-registrations", fmt.Sprintf("{audit.rows}: %d", len(rows)), r.Remote()); err != nil {
		return web.View{}, err
	}
	return web.View{Template: "vaccination", Title: "menu.vaccination", Data: v}, nil
}

// work lists what a person must look at. It shows names, so it is written down.
func (d *Desk) work(r *web.Request) (web.View, error) {
	rows, err := d.List(r.Context(), r.Account.Area)
	if err != nil {
		return web.View{}, err
	}
	err = d.Registry.Log(r.Context(), d.DB, r.Account, "read-dose-work", fmt.Sprintf("{audit.rows}: %d", len(rows)), r.Remote())
	return web.View{Template: "dose-work", Title: "vaccinations.work", Data: rows}, err
}

func (d *Desk) settle(r *web.Request) (web.View, error) {
	if _, err := d.Vault.Day(r.Context(), db.DayOf(d.Now())); err != nil {
		return web.View{}, err // made before the transaction that may need it
	}
	decision := r.PostFormValue("decision")
	err := ErrUndecided
	if decision == "accept" || decision == "dismiss" {
		err = d.Settle(r.Context(), r.Account, r.Remote(), r.PostFormValue("id"), decision == "accept", strings.TrimSpace(r.PostFormValue("document")))
	}
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return web.View{}, web.NotFound
	case errors.Is(err, ErrUndecided):
		return web.View{}, web.Refusal{Status: http.StatusBadRequest, Key: "error.undecided"}
	}
	return web.View{Redirect: "/vaccination/work"}, err
}
