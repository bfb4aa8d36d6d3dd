package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
	"chot/kiosk/record"
)

// theirs are the names under which another commune's things go, by the name of
// the part of an address or the field of a form that a route takes. A route that
// takes another must say here what to ask for.
var theirs = map[string]string{
	"kiosk": "hall-there", "campaign": "their-campaign", "name": "their-officer", "day": time.Now().In(db.Zone).Format(time.DateOnly),
}

// mine are the values with which a form is understood.
var mine = url.Values{
	"field": {"document"}, "value": {"030199000001"}, "reason": {"YC-1"}, "kind": {"gap"}, "lang": {"vi"}, "role": {"commune"},
	"area": {"30/299/11300"}, "password": {"một mật khẩu mới"}, "id": {"their-campaign"}, "title": {"x"}, "goal": {"50"},
	"deadline": {"2030-01-01"}, "agencies": {"theirs;x;30/299/11300;5"}, "from": {"2026-01-01"}, "to": {"2026-12-31"}, "level": {"checkpoint"},
}

// An officer of one commune asks for another's things by every route there is,
// and sees and changes none of them.
func TestNoRouteLeadsToAnotherArea(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		there := s.kioskIn("hall-there", "30/299/11300")
		there.declare(time.Now(), "Nguyễn Ởxakia", "030199000001", "0912345678")
		there.add(record.Roll{Campaign: "all", Agency: "their-agency", Person: record.Person{Name: "Nguyễn Ởxakia"}},
			record.Sample{Tube: "their-tube", Person: record.Person{Name: "Nguyễn Ởxakia", Document: "030199000001"}})
		there.visits(3)
		there.sendAll()
		there.visits(3)
		_, err := there.send(len(there.Entries), len(there.Entries))
		refused(t, err, "gap")
		district := s.officer("their-officer", "district", "30/299")
		for id, who := range map[string]*officer{"their-campaign": district, "all": s.officer("tinh", "province", "30")} {
			form := url.Values{"id": {id}, "title": {"their-title"}, "goal": {"50"}, "deadline": {"2030-01-01"}, "agencies": {"their-agency;x;30/299/11300;50"}}
			if id == "all" {
				form.Set("title", "everybody's")
			}
			if status, _ := who.post("/campaigns", form); status != http.StatusOK {
				t.Fatalf("making a campaign: %d", status)
			}
		}
		theirMark := regexp.MustCompile(`hall-there|11300|Ởxakia|their-`)
		before := s.rowsOf("30/299")
		o := s.officer("xa", "commune", "30/298/11194")
		for _, route := range s.routes() {
			method, path, _ := strings.Cut(route, " ")
			path = strings.TrimSuffix(path, "{$}")
			path = regexp.MustCompile(`\{([a-z]+)\}`).ReplaceAllStringFunc(path, func(part string) string {
				value, known := theirs[strings.Trim(part, "{}")]
				if !known {
					t.Errorf("%s: what to ask for as %s is not in the list of this test", route, part)
				}
				return value
			})
			if strings.HasSuffix(path, "/stream") || path == "/logout" {
				continue // the stream is watched below; logging out is one's own affair
			}
			form := url.Values{}
			for name, values := range mine {
				form[name] = values
			}
			for name, value := range theirs {
				form.Set(name, value)
			}
			var status int
			var body string
			switch {
			case strings.HasPrefix(path, "/api/"):
				status, body = s.ask("xa", path+"?"+form.Encode())
			case method == http.MethodGet:
				status, body = o.get(path + "?" + form.Encode())
			default:
				status, body = o.post(path, form)
			}
			// What was asked for may be said back, in the form or as the address.
			said := strings.NewReplacer(path, "", "?"+form.Encode(), "", `name="back" value="`+path, "").Replace(body)
			if found := theirMark.FindString(said); found != "" {
				t.Errorf("%s answers %d and shows %q", route, status, found)
			}
			if status >= 500 {
				t.Errorf("%s answers %d", route, status)
			}
		}
		if after := s.rowsOf("30/299"); !slices.Equal(before, after) {
			t.Errorf("another area's rows were changed:\n%s\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
		}
		if _, body := district.get("/kiosks"); !strings.Contains(body, "hall-there") {
			t.Error("another's account was changed")
		}
		s.streamIsSilent(o, theirMark)
	})
}

// routes are all the page's and the API's that need an account.
func (s *server) routes() (routes []string) {
	s.t.Helper()
	p, err := newProvince(s.t.Context(), s.keys(), s.database(), slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		s.t.Fatal(err)
	}
	p.intake.Close()
	for _, page := range p.pages.Pages() {
		routes = append(routes, page.Pattern)
	}
	_, body := s.stranger().get("/openapi.json")
	var described struct {
		Paths map[string]map[string]struct {
			Security []any
		}
	}
	if err := json.Unmarshal([]byte(body), &described); err != nil {
		s.t.Fatal(err)
	}
	for path, operations := range described.Paths {
		for method, operation := range operations {
			if operation.Security != nil {
				routes = append(routes, strings.ToUpper(method)+" "+path)
			}
		}
	}
	if len(routes) < 20 {
		s.t.Fatalf("there are only %d routes", len(routes))
	}
	slices.Sort(routes)
	return routes
}

// rowsOf prints the rows that are of an area or of none, but for officers' coming
// and going and what the server publishes by itself.
func (s *server) rowsOf(area string) (rows []string) {
	s.t.Helper()
	d := s.database()
	var tables []string
	names := "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
	if db.Postgres(d) {
		names = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name"
	}
	if err := d.NewRaw(names).Scan(s.t.Context(), &tables); err != nil {
		s.t.Fatal(err)
	}
	for _, table := range tables {
		if slices.Contains([]string{"audit", "sessions", "devices", "tries", "settings", "accounts", "files", "chunks"}, table) || strings.HasPrefix(table, "sqlite_") {
			continue
		}
		lines := []string{}
		for _, row := range s.table(d, table) {
			if of, has := row["area"]; !has || db.Area(area).Contains(db.Area(fmt.Sprint(of))) {
				lines = append(lines, fmt.Sprint(table, " ", row))
			}
		}
		slices.Sort(lines)
		rows = append(rows, lines...)
	}
	return rows
}

// table reads all rows of a table by the columns' names.
func (s *server) table(d *bun.DB, name string) (all []map[string]any) {
	s.t.Helper()
	rows, err := d.QueryContext(s.t.Context(), "SELECT * FROM ?", bun.Ident(name))
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		s.t.Fatal(err)
	}
	for rows.Next() {
		cells, into, row := make([]any, len(columns)), make([]any, len(columns)), map[string]any{}
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			s.t.Fatal(err)
		}
		for i, column := range columns {
			row[column] = cells[i]
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
	return all
}

// streamIsSilent watches what arrives while another area's kiosk sends.
func (s *server) streamIsSilent(o *officer, theirMark *regexp.Regexp) {
	s.t.Helper()
	ctx, stop := context.WithTimeout(s.t.Context(), 1500*time.Millisecond)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Page+"/arrivals/stream", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	answer, err := o.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	k := s.kioskIn("hall-there-2", "30/299/11300")
	k.visits(2)
	k.sendAll()
	said := make([]byte, 64<<10)
	for {
		n, err := answer.Body.Read(said)
		if found := theirMark.Find(said[:n]); found != nil {
			s.t.Errorf("the stream shows %q", found)
		}
		if err != nil {
			return
		}
	}
}
