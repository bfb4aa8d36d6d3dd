package report

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/adminunits"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/web"
)

//go:embed html/*.html
var html embed.FS

// Pages is the section of reports.
type Pages struct {
	DB       *bun.DB
	Figures  func(ctx context.Context, area db.Area, day db.Day) ([]db.Tally, error) // counts of a day
	Registry *account.Registry
	Places   *adminunits.Names
	Now      func() time.Time
}

// Section is the section for web.New.
func (s *Pages) Section() web.Section {
	return web.Section{Templates: html, Pages: []web.Page{
		{Pattern: "GET /reports", Right: account.SeeReports, Menu: "menu.reports", Serve: s.daily},
		{Pattern: "GET /reports/daily.xlsx", Right: account.SeeReports, Serve: s.dailyFile},
		{Pattern: "GET /campaigns", Right: account.SeeReports, Menu: "menu.campaigns", Serve: s.campaigns},
		{Pattern: "POST /campaigns", Right: account.RunCampaigns, Serve: s.keep},
		{Pattern: "GET /campaigns/{campaign}", Right: account.SeeReports, Serve: s.campaign},
		{Pattern: "GET /campaigns/{campaign}/report.xlsx", Right: account.SeeReports, Serve: s.campaignFile},
	}}
}

// longestSpan is how many days a report has at most.
const longestSpan = 366

// make reads what a request for daily figures asks for; without days the last
// seven are meant.
func (s *Pages) make(r *web.Request) (*Daily, error) {
	q := r.URL.Query()
	to := db.LocalDay(s.Now())
	from := to - 6
	for _, at := range []struct {
		name string
		day  *db.Day
	}{{"from", &from}, {"to", &to}} {
		if text := q.Get(at.name); text != "" {
			day, err := time.Parse(time.DateOnly, text)
			if err != nil {
				return nil, web.Refusal{Status: http.StatusBadRequest, Key: "error.bad-request"}
			}
			*at.day = db.DayOf(day)
		}
	}
	level := Level(q.Get("level"))
	switch level {
	case Checkpoint, Commune, District:
	case "":
		level = Commune
	default:
		return nil, web.Refusal{Status: http.StatusBadRequest, Key: "error.bad-request"}
	}
	if to < from || to-from >= longestSpan {
		return nil, web.Refusal{Status: http.StatusBadRequest, Key: "error.span"}
	}
	return Make(r.Context(), s.DB, r.Account.Area, from, to, level)
}

// chart is what the page's script draws: days since 1970, and a line a series.
type chart struct {
	Label  string   `json:"label"` // of the days
	Days   []db.Day `json:"days"`
	Series []series `json:"series"`
}

type series struct {
	Label  string  `json:"label"`
	Colour string  `json:"colour"`
	Values []int64 `json:"values"`
}

func (s *Pages) daily(r *web.Request) (web.View, error) {
	report, err := s.make(r)
	if err != nil {
		return web.View{}, err
	}
	lines := chart{Label: r.Say("report.day"), Series: []series{
		{Label: r.Say("report.visits"), Colour: "#0b5d51"}, {Label: r.Say("report.red"), Colour: "#b3261e"},
		{Label: r.Say("report.declarations"), Colour: "#3b5bdb"},
	}}
	for _, day := range report.Days {
		lines.Days = append(lines.Days, day.Day)
		for i, n := range []int64{day.Visits, day.Red, day.Declarations} {
			lines.Series[i].Values = append(lines.Series[i].Values, n)
		}
	}
	drawn, err := json.Marshal(lines)
	if err != nil {
		return web.View{}, fmt.Errorf("describing the chart: %w", err)
	}
	return web.View{Template: "daily", Title: "menu.reports", Charts: true, Data: struct {
		*Daily
		Levels []Level
		Chart  string
		Made   db.Time
		Few    int
	}{report, Levels, string(drawn), db.At(s.Now()), Few}}, nil
}

func (s *Pages) dailyFile(r *web.Request) (web.View, error) {
	report, err := s.make(r)
	if err != nil {
		return web.View{}, err
	}
	return s.send(r, fmt.Sprintf("chot-%s-%s.xlsx", report.From.Time().Format("20060102"), report.To.Time().Format("20060102")), report.sheets(s.words(r)))
}

// words are those of a request's language.
func (s *Pages) words(r *web.Request) words {
	return words{func(key string, fill ...any) string { return r.Say(key, fill...) }, s.Places.Full}
}

// send answers with a workbook, and writes to the audit log that it left.
func (s *Pages) send(r *web.Request, name string, sheets []sheet) (web.View, error) {
	if err := s.Registry.Log(r.Context(), s.DB, r.Account, "download-report", name, r.Remote()); err != nil {
		return web.View{}, err
	}
	h := r.W.Header()
	h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	return web.View{Done: true}, writeXLSX(r.W, sheets...)
}

func (s *Pages) campaigns(r *web.Request) (web.View, error) {
	rows, err := Campaigns(r.Context(), s.DB, r.Account.Area)
	return web.View{Template: "campaigns", Title: "menu.campaigns", Data: struct {
		Rows []Campaign
		Run  bool
		Now  time.Time
	}{rows, r.Account.May(account.RunCampaigns), s.Now()}}, err
}

// follow reports on the campaign that a request names.
func (s *Pages) follow(r *web.Request) (*Progress, error) {
	p, err := Follow(r.Context(), s.DB, r.Account.Area, r.PathValue("campaign"))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, web.NotFound
	}
	return p, err
}

func (s *Pages) campaign(r *web.Request) (web.View, error) {
	p, err := s.follow(r)
	if err != nil {
		return web.View{}, err
	}
	return web.View{Template: "campaign", Title: "menu.campaigns", Data: struct {
		*Progress
		Left int
		Made db.Time
		Few  int
	}{p, p.Left(s.Now()), db.At(s.Now()), Few}}, nil
}

func (s *Pages) campaignFile(r *web.Request) (web.View, error) {
	p, err := s.follow(r)
	if err != nil {
		return web.View{}, err
	}
	return s.send(r, "campaign-"+p.ID+".xlsx", p.sheets(s.words(r)))
}

// keep writes the campaign of a form.
func (s *Pages) keep(r *web.Request) (web.View, error) {
	value := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	deadline, dayErr := time.ParseInLocation(time.DateOnly, value("deadline"), db.Zone)
	goal, goalErr := strconv.Atoi(value("goal"))
	c := Campaign{
		ID: value("id"), Title: value("title"), Target: value("target"), Goal: goal, Area: r.Account.Area,
		Deadline: db.At(deadline.Add(24*time.Hour - time.Second)), Made: db.At(s.Now()), Account: r.Account.Name,
	}
	if c.ID == "" || len(c.ID) > longest || strings.ContainsFunc(c.ID, notCode) || c.Title == "" || dayErr != nil || goalErr != nil || goal < 1 || goal > 100 {
		return web.View{}, web.Refusal{Status: http.StatusBadRequest, Key: "error.campaign"}
	}
	agencies, err := ReadAgencies(c.ID, c.Area, value("agencies"))
	if err != nil || len(agencies) == 0 {
		return web.View{}, web.Refusal{Status: http.StatusBadRequest, Key: "error.agencies"}
	}
	err = s.DB.RunInTx(r.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
		if err := Keep(ctx, tx, c, agencies); err != nil {
			return err
		}
		return s.Registry.Log(ctx, tx, r.Account, "keep-campaign", c.ID, r.Remote())
	})
	if errors.Is(err, ErrElsewhere) {
		return web.View{}, web.Refusal{Status: http.StatusConflict, Key: "error.campaign-taken"}
	}
	return web.View{Redirect: "/campaigns/" + c.ID}, err
}

// notCode says whether a character cannot stand in a campaign's code, which is
// part of an address and of a file's name.
func notCode(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
}
