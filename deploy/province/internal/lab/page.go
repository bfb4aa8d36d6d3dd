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
	return web.Section{Templates: html, Pages: []web.Page{
		{Pattern: "GET /tests", Right: account.SeeTests, Menu: "menu.tests", Serve: d.tests},
		{Pattern: "POST /tests", Right: account.EnterTests, Serve: d.upload},
		{Pattern: "POST /tests/preview", Right: account.EnterTests, Serve: d.lookAgain},
		{Pattern: "POST /tests/confirm", Right: account.EnterTests, Serve: d.confirm},
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

// Preview is what a file would do, or has done.
type Preview struct {
	*exchange.Answer
	Form    uploads.Form
	Name    string
	Lines   []exchange.Line
	More    int      // lines that are not shown
	Missing []string // fields without a column: nothing was looked at yet
	Done    bool
	Back    string // address of the page that the file belongs to
}

// listed is how many lines of a file the page shows.
const listed = 300

func (d *Desk) files() *uploads.Store { return &uploads.Store{DB: d.DB, Keys: d.Vault, Now: d.Now} }

// upload keeps a file and shows what it would do.
func (d *Desk) upload(r *web.Request) (web.View, error) {
	data, name, err := File(r)
	if err != nil {
		return web.View{}, err
	}
	id, err := d.files().Put(r.Context(), r.Account.Name, "results", name, data)
	if err != nil {
		return web.View{}, err
	}
	return d.preview(r, id, name, data, table.Options{})
}

// File is the file of a form.
func File(r *web.Request) (data []byte, name string, err error) {
	refused := web.Refusal{Status: http.StatusBadRequest, Key: "error.bad-request"}
	file, header, err := r.FormFile("file")
	if err != nil {
		return nil, "", refused
	}
	defer file.Close()
	if data, err = io.ReadAll(file); err != nil {
		return nil, "", refused
	}
	return data, header.Filename, nil
}

// lookAgain shows the preview with the columns and the encoding that were chosen.
func (d *Desk) lookAgain(r *web.Request) (web.View, error) {
	id := r.PostFormValue("id")
	data, name, err := d.files().Get(r.Context(), r.Account.Name, "results", id)
	if errors.Is(err, uploads.ErrGone) {
		return d.show(r, tests{Failed: "file.gone"})
	}
	if err != nil {
		return web.View{}, err
	}
	return d.preview(r, id, name, data, uploads.FromForm(r.Request, table.ResultFields))
}

func (d *Desk) preview(r *web.Request, id, name string, data []byte, o table.Options) (web.View, error) {
	f, err := uploads.Read(r.Context(), d.files(), r.Account.Name, "results", data, o, Read)
	var missing *table.MissingColumns
	if errors.As(err, &missing) {
		return web.View{Template: "preview", Title: "preview.title", Data: Preview{
			Answer: &exchange.Answer{Columns: missing.Columns}, Name: name, Missing: missing.Fields, Back: "/tests",
			Form: uploads.NewForm(id, "/tests", table.ResultFields, missing.Columns, missing.Header, o, ""),
		}}, nil
	}
	if err != nil {
		return d.show(r, tests{Failed: Unreadable(err), Detail: name})
	}
	answer, err := d.Report(r.Context(), FromAccount(r.Account), r.Account, r.Remote(), name, f, true)
	if err != nil {
		return web.View{}, err
	}
	p := NewPreview(answer, name, "/tests")
	p.Form = uploads.NewForm(id, "/tests", table.ResultFields, f.Columns, f.Header, o, f.Encoding)
	return web.View{Template: "preview", Title: "preview.title", Data: p}, nil
}

// NewPreview is what an answer shows.
func NewPreview(answer *exchange.Answer, name, back string) Preview {
	p := Preview{Answer: answer, Name: name, Lines: answer.Shown(listed), Back: back}
	p.More = len(answer.Lines) - len(p.Lines)
	return p
}

// confirm files what the preview showed.
func (d *Desk) confirm(r *web.Request) (web.View, error) {
	id := r.PostFormValue("id")
	files := d.files()
	data, name, err := files.Get(r.Context(), r.Account.Name, "results", id)
	if errors.Is(err, uploads.ErrGone) {
		return d.show(r, tests{Failed: "file.gone"})
	}
	if err != nil {
		return web.View{}, err
	}
	o := uploads.FromForm(r.Request, table.ResultFields)
	f, err := uploads.Read(r.Context(), files, r.Account.Name, "results", data, o, Read)
	if err != nil {
		return d.show(r, tests{Failed: Unreadable(err), Detail: name})
	}
	if first, err := files.Drop(r.Context(), id); err != nil || !first {
		if err == nil {
			return d.show(r, tests{Failed: "file.gone"})
		}
		return web.View{}, err
	}
	answer, err := d.Report(r.Context(), FromAccount(r.Account), r.Account, r.Remote(), name, f, false)
	if err != nil {
		return web.View{}, err
	}
	if o.Columns != nil {
		if err := files.Remember(r.Context(), r.Account.Name, "results", f.Columns, o.Columns); err != nil {
			return web.View{}, err
		}
	}
	p := NewPreview(answer, name, "/tests")
	p.Done = true
	return web.View{Template: "preview", Title: "preview.done", Data: p}, nil
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
