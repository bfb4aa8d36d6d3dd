package export

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/web"
)

//go:embed html/*.html
var html embed.FS

// Section is the desk's page, for web.New.
func (d *Desk) Section() web.Section {
	return web.Section{Templates: html, Pages: []web.Page{
		{Pattern: "GET /export", Right: account.Export, Menu: "menu.export", Serve: d.page},
		{Pattern: "POST /export", Right: account.Export, Serve: d.download},
	}}
}

func (d *Desk) page(*web.Request) (web.View, error) {
	today := d.Now().In(db.Zone)
	return web.View{Template: "export", Title: "menu.export", Data: struct{ From, To string }{
		today.AddDate(0, 0, -6).Format(time.DateOnly), today.Format(time.DateOnly),
	}}, nil
}

// longest is how many days an export has at most.
const longest = 366

func (d *Desk) asked(r *web.Request) (span, error) {
	s := span{area: r.Account.Area}
	for _, at := range []struct {
		field string
		day   *db.Day
	}{{"from", &s.from}, {"to", &s.to}} {
		day, err := time.Parse(time.DateOnly, r.PostFormValue(at.field))
		if err != nil {
			return s, web.Refusal{Status: http.StatusBadRequest, Key: "error.bad-request"}
		}
		*at.day = db.DayOf(day)
	}
	if s.from > s.to || s.to-s.from >= longest {
		return s, web.Refusal{Status: http.StatusBadRequest, Key: "error.bad-request"}
	}
	return s, nil
}

// format is one way to write an export.
type format struct {
	kind, ending string
	write        func(*bytes.Buffer, *Desk, *holding, func(string) string) error
}

var formats = map[string]format{
	"fhir": {"application/fhir+json", "json", func(out *bytes.Buffer, d *Desk, h *holding, _ func(string) string) error {
		return json.NewEncoder(out).Encode(makeBundle(h, d.Now()))
	}},
	"xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", func(out *bytes.Buffer, d *Desk, h *holding, say func(string) string) error {
		return writeXLSX(out, tables(h, say))
	}},
	"tests.csv":        asCSV(0),
	"declarations.csv": asCSV(1),
	"vaccinations.csv": asCSV(2),
	"doses.csv":        asCSV(3),
}

func asCSV(which int) format {
	return format{"text/csv; charset=utf-8", "csv", func(out *bytes.Buffer, d *Desk, h *holding, say func(string) string) error {
		return writeCSV(out, tables(h, say)[which])
	}}
}

// download makes an export. It is made whole before it is sent: half of one would
// look like all.
func (d *Desk) download(r *web.Request) (web.View, error) {
	name := r.PostFormValue("format")
	f, known := formats[name]
	if !known {
		return web.View{}, web.Refusal{Status: http.StatusBadRequest, Key: "error.bad-request"}
	}
	s, err := d.asked(r)
	if err != nil {
		return web.View{}, err
	}
	h, err := d.gather(r.Context(), s)
	if errors.Is(err, ErrTooLarge) {
		return web.View{}, web.Refusal{Status: http.StatusRequestEntityTooLarge, Key: "error.export-large"}
	}
	if err != nil {
		return web.View{}, err
	}
	var out bytes.Buffer
	if err := f.write(&out, d, h, func(key string) string { return r.Say(key) }); err != nil {
		return web.View{}, err
	}
	days := fmt.Sprintf("%s_%s", s.from.Time().Format(time.DateOnly), s.to.Time().Format(time.DateOnly))
	target := fmt.Sprintf("%s %s; {kind.2}: %d, {kind.10}: %d, {kind.3}: %d, {kind.6}: %d, {audit.doses}: %d", name, days,
		len(h.declarations), len(h.orders), len(h.specimens), len(h.registrations), len(h.doses))
	if err := d.Registry.Log(r.Context(), d.DB, r.Account, "export", target, r.Remote()); err != nil {
		return web.View{}, err
	}
	r.W.Header().Set("Content-Type", f.kind)
	r.W.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="chot_%s.%s"`, days, f.ending))
	out.WriteTo(r.W)
	return web.View{Done: true}, nil
}

func stamp(t db.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(db.Zone).Format("02/01/2006 15:04")
}
