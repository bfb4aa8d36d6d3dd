package lab

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/web"
)

//go:embed html/*.html
var html embed.FS

// Section is the desk's pages, for web.New.
func (d *Desk) Section() web.Section {
	return web.Section{Templates: html, Pages: []web.Page{
		{Pattern: "GET /tests", Right: account.SeeTests, Menu: "menu.tests", Serve: d.tests},
		{Pattern: "POST /tests", Right: account.EnterTests, Serve: d.upload},
		{Pattern: "GET /tests/work", Right: account.SeeTests, Menu: "menu.work", Serve: d.work},
		{Pattern: "POST /tests/work", Right: account.EnterTests, Serve: d.settle},
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
	Done    *Count
	Format  string
	Failed  string
}

func (d *Desk) tests(r *web.Request) (web.View, error) { return d.show(r, tests{}) }

func (d *Desk) show(r *web.Request, t tests) (web.View, error) {
	t.Enter = r.Account.May(account.EnterTests)
	area := r.Account.Area
	err := d.DB.NewSelect().Model(&t.Rows).Apply(area.Where("area")).OrderExpr("came DESC, tube_key").Limit(shown).Scan(r.Context())
	if err != nil {
		return web.View{}, fmt.Errorf("listing results: %w", err)
	}
	err = d.DB.NewSelect().TableExpr("specimens AS s").ColumnExpr("COUNT(DISTINCT s.tube_key)").Apply(area.Where("s.area")).
		Where("s.voided = 0 AND NOT EXISTS (SELECT 1 FROM results AS r WHERE r.tube_key = s.tube_key AND r.technique = s.technique)").
		Scan(r.Context(), &t.Waiting)
	if err != nil {
		return web.View{}, fmt.Errorf("counting tubes without a result: %w", err)
	}
	t.Work, err = d.DB.NewSelect().Model((*db.Work)(nil)).Where("done = ''").Apply(area.Where("area")).Count(r.Context())
	return web.View{Template: "tests", Title: "menu.tests", Data: t}, err
}

// upload files what is in a file.
func (d *Desk) upload(r *web.Request) (web.View, error) {
	file, header, err := r.FormFile("file")
	if err != nil {
		return web.View{}, web.Refusal{Status: http.StatusBadRequest, Key: "error.bad-request"}
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		return web.View{}, web.Refusal{Status: http.StatusBadRequest, Key: "error.bad-request"}
	}
	format, reports, err := Parse(data)
	if err != nil {
		return d.show(r, tests{Failed: err.Error()})
	}
	count, err := d.Import(r.Context(), r.Account, r.Remote(), header.Filename, reports)
	if err != nil {
		return web.View{}, err
	}
	return d.show(r, tests{Done: &count, Format: format})
}

func (d *Desk) work(r *web.Request) (web.View, error) {
	var rows []db.Work
	err := d.DB.NewSelect().Model(&rows).Apply(r.Account.Area.Where("area")).
		OrderExpr("CASE WHEN done = '' THEN 0 ELSE 1 END, came DESC, id").Limit(shown).Scan(r.Context())
	return web.View{Template: "work", Title: "menu.work", Data: struct {
		Rows  []db.Work
		Enter bool
	}{rows, r.Account.May(account.EnterTests)}}, err
}

func (d *Desk) settle(r *web.Request) (web.View, error) {
	err := d.Settle(r.Context(), r.Account, r.Remote(), r.PostFormValue("id"), Decision(r.PostFormValue("decision")),
		strings.TrimSpace(r.PostFormValue("tube")))
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
