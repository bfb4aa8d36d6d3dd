package lab

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/analytes"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/exchange"
	"chot/deploy/province/internal/exchange/table"
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
		{Pattern: "GET /tests", Right: account.SeeTests, Menu: "menu.tests", Serve: d.tests},
		{Pattern: "POST /tests", Right: account.EnterTests, Serve: files.Upload},
		{Pattern: "POST /tests/preview", Right: account.EnterTests, Serve: files.LookAgain},
		{Pattern: "POST /tests/confirm", Right: account.EnterTests, Serve: files.Confirm},
		{Pattern: "GET /tests/work", Right: account.SeeTests, Menu: "menu.work", Serve: d.work},
		{Pattern: "POST /tests/work", Right: account.EnterTests, Serve: d.settled},
		{Pattern: "GET /tests/recall", Right: account.SeePeople, Menu: "menu.recall", Serve: d.recall},
		{Pattern: "POST /tests/recall", Right: account.SeePeople, Serve: d.called},
	}}
}

// shown is how many rows a list has at most.
const shown = 200

// tests is what the page of that name shows.
type tests struct {
	Rows    []db.Result
	Waiting int // specimens without a result
	Work    int64
	Enter   bool
	Failed  string // text key of why a file could not be read
	Detail  string
}

func (d *Desk) tests(r *web.Request) (web.View, error) { return d.show(r, tests{}) }

func (d *Desk) show(r *web.Request, t tests) (web.View, error) {
	t.Enter = r.Account.May(account.EnterTests)
	area := r.Account.Area
	err := d.DB.NewSelect().Model(&t.Rows).Where("outcome > 0 OR before > 0").Apply(area.Where("area")).
		OrderExpr("came DESC, tube_key").Limit(shown).Scan(r.Context())
	if err != nil {
		return web.View{}, fmt.Errorf("listing results: %w", err)
	}
	tubes := d.DB.NewSelect().TableExpr("specimens AS s").ColumnExpr("DISTINCT s.tube_key, s.kiosk").Apply(area.Where("s.area")).
		Where("s.voided = 0 AND NOT EXISTS (SELECT 1 FROM results AS r WHERE r.tube_key = s.tube_key AND r.kiosk = s.kiosk AND r.technique = s.technique AND r.outcome > 0)")
	if err := d.DB.NewSelect().TableExpr("(?) AS t", tubes).ColumnExpr("COUNT(*)").Scan(r.Context(), &t.Waiting); err != nil {
		return web.View{}, fmt.Errorf("counting tubes without a result: %w", err)
	}
	t.Work, err = d.DB.NewSelect().Model((*db.Work)(nil)).Where("done = '' AND kind = 'result'").Apply(area.Where("area")).Count(r.Context())
	return web.View{Template: "tests", Title: "menu.tests", Data: t}, err
}

func (d *Desk) files() *uploads.Store { return &uploads.Store{DB: d.DB, Keys: d.Vault, Now: d.Now} }

// intake takes files of results by the page.
func (d *Desk) intake() uploads.Intake[exchange.Result] {
	return uploads.Intake[exchange.Result]{
		Store: d.files(), Kind: "results", Address: "/tests", Fields: table.ResultFields, Read: Read,
		Report: func(ctx context.Context, who account.Account, remote, name string, f *exchange.File[exchange.Result], dry bool) (*exchange.Answer, error) {
			return d.Report(ctx, FromAccount(who), who, remote, name, f, dry)
		},
		Failed: func(r *web.Request, key, detail string) (web.View, error) {
			return d.show(r, tests{Failed: key, Detail: detail})
		},
	}
}

// work is one row of the work list, with what holds now of the specimen.
type workRow struct {
	db.Work
	Held       *db.Result
	Acceptable bool
	Offers     []string // numbers of tubes that may be meant
}

func (d *Desk) work(r *web.Request) (web.View, error) {
	var rows []db.Work
	err := d.DB.NewSelect().Model(&rows).Where("kind = 'result'").Apply(r.Account.Area.Where("area")).
		OrderExpr("CASE WHEN done = '' THEN 0 ELSE 1 END, came DESC, id").Limit(shown).Scan(r.Context())
	if err != nil {
		return web.View{}, fmt.Errorf("listing the work: %w", err)
	}
	list := make([]workRow, len(rows))
	for i, w := range rows {
		row := workRow{Work: w, Acceptable: acceptable[Problem(w.Problem)] && (w.Outcome != 0 || w.Problem == string(Conflict))}
		if w.Proposals != "" {
			row.Offers = strings.Split(w.Proposals, "\n")
		}
		if w.Kiosk != "" {
			var held db.Result
			err := d.DB.NewSelect().Model(&held).Where("tube_key = ? AND kiosk = ? AND outcome > 0", exchange.TubeKey(w.Tube), w.Kiosk).
				OrderExpr("CASE WHEN technique = ? THEN 0 ELSE 1 END", w.Technique).Limit(1).Scan(r.Context())
			if err == nil {
				row.Held = &held
			} else if !errors.Is(err, sql.ErrNoRows) {
				return web.View{}, fmt.Errorf("looking up what holds: %w", err)
			}
		}
		list[i] = row
	}
	return web.View{Template: "work", Title: "menu.work", Data: struct {
		Rows    []workRow
		Enter   bool
		Choices []analytes.Kind
	}{list, r.Account.May(account.EnterTests), analytes.Choices}}, nil
}

func (d *Desk) settled(r *web.Request) (web.View, error) {
	if _, err := d.Vault.Day(r.Context(), db.DayOf(d.Now())); err != nil {
		return web.View{}, err // made before the transaction that may need it
	}
	err := d.Settle(r.Context(), r.Account, r.Remote(), r.PostFormValue("id"), Choice{
		Decision: Decision(r.PostFormValue("decision")), Tube: strings.TrimSpace(r.PostFormValue("tube")),
		Kind: analytes.Kind(r.PostFormValue("meaning")), Technique: record.ParseTechnique(r.PostFormValue("technique")),
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return web.View{}, web.NotFound
	case errors.Is(err, ErrUndecided):
		return web.View{}, web.Refusal{Status: http.StatusBadRequest, Key: "error.undecided"}
	}
	return web.View{Redirect: "/tests/work"}, err
}

// recall lists whom to call back. It shows names, so it is written down.
func (d *Desk) recall(r *web.Request) (web.View, error) {
	rows, err := d.Recalls(r.Context(), r.Account.Area)
	if err != nil {
		return web.View{}, err
	}
	err = d.Registry.Log(context.WithoutCancel(r.Context()), d.DB, r.Account, "read-recall", fmt.Sprintf("{audit.rows}: %d", len(rows)), r.Remote())
	return web.View{Template: "recall", Title: "menu.recall", Data: rows}, err
}

func (d *Desk) called(r *web.Request) (web.View, error) {
	member, err := strconv.Atoi(r.PostFormValue("member"))
	if err != nil {
		return web.View{}, web.Refusal{Status: http.StatusBadRequest, Key: "error.bad-request"}
	}
	ok, err := d.Call(r.Context(), r.Account, r.Remote(), r.PostFormValue("tube"), member)
	if err == nil && !ok {
		err = web.NotFound
	}
	return web.View{Redirect: "/tests/recall"}, err
}
