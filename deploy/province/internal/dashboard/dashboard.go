// Package dashboard is the page's first section: what arrives, the kiosks, what is
// wrong with them, what is held of a person, and the audit log.
package dashboard

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/arrivals"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/fleet"
	"chot/deploy/province/internal/person"
	"chot/deploy/province/internal/web"
)

//go:embed html/*.html
var html embed.FS

// Pages is the section.
type Pages struct {
	DB       *bun.DB
	Feed     *arrivals.Feed
	Registry *account.Registry
	Finder   *person.Finder
	Now      func() time.Time
	// Watchers bounds how many pages are watched live at once.
	Watchers chan struct{}
}

// Section is the section for web.New.
func (s *Pages) Section() web.Section {
	return web.Section{Templates: html, Pages: []web.Page{
		{Pattern: "GET /{$}", Right: account.SeeFleet, Menu: "menu.arrivals", Serve: s.arrivals},
		{Pattern: "GET /arrivals/stream", Right: account.SeeFleet, Serve: s.stream},
		{Pattern: "GET /kiosks", Right: account.SeeFleet, Menu: "menu.kiosks", Serve: s.kiosks},
		{Pattern: "POST /kiosks/revoke", Right: account.SettleFleet, Serve: s.revoke},
		{Pattern: "POST /kiosks/clock", Right: account.SettleFleet, Serve: s.setClock},
		{Pattern: "GET /people", Right: account.SeePeople, Menu: "menu.people", Serve: s.people},
		{Pattern: "POST /people", Right: account.SeePeople, Serve: s.search},
		{Pattern: "POST /people/erase", Right: account.ErasePeople, Serve: s.erase},
		{Pattern: "GET /incidents", Right: account.SeeFleet, Menu: "menu.incidents", Serve: s.incidents},
		{Pattern: "POST /incidents", Right: account.SettleFleet, Serve: s.settle},
		{Pattern: "GET /erasures", Right: account.SeePeople, Serve: s.erasures},
		{Pattern: "GET /accounts", Right: account.ManageAccounts, Menu: "menu.accounts", Serve: s.accounts},
		{Pattern: "POST /accounts", Right: account.ManageAccounts, Serve: s.setAccount},
		{Pattern: "POST /accounts/disable", Right: account.ManageAccounts, Serve: s.disableAccount},
		{Pattern: "GET /audit", Right: account.SeeAudit, Menu: "menu.audit", Serve: s.audit},
	}}
}

// arrivals is the first page: today's figures and the latest records.
func (s *Pages) arrivals(r *web.Request) (web.View, error) {
	rows, err := s.Feed.Latest(r.Context(), r.Account.Area, s.Now().Add(-24*time.Hour), 50)
	if err != nil {
		return web.View{}, err
	}
	figures, err := s.figures(r.Context(), r.Account.Area)
	if err != nil {
		return web.View{}, err
	}
	return web.View{Template: "arrivals", Title: "menu.arrivals", Data: struct {
		Rows    []arrivals.Row
		Figures map[string]int64
		Names   []string
	}{rows, figures, figureNames}}, nil
}

// figureNames are the first page's figures, by kind and label.
var figureNames = []string{"1", "1/level/green", "1/level/amber", "1/level/red", "2", "3"}

func (s *Pages) figures(ctx context.Context, area db.Area) (map[string]int64, error) {
	tallies, err := s.Feed.Figures(ctx, area, db.LocalDay(s.Now()))
	if err != nil {
		return nil, err
	}
	figures := map[string]int64{}
	for _, name := range figureNames {
		figures[name] = 0
	}
	for _, t := range tallies {
		name := fmt.Sprint(t.Kind)
		if t.Label != "" {
			name += "/" + t.Label
		}
		if _, wanted := figures[name]; wanted {
			figures[name] = t.Count
		}
	}
	return figures, nil
}

// recheck is how often a page that is watched live is asked for its session.
const recheck = 5 * time.Second

var errLoggedOut = errors.New("the session has ended")

// stream sends what arrives as server-sent events: rows as HTML, figures as JSON.
func (s *Pages) stream(r *web.Request) (web.View, error) {
	select {
	case s.Watchers <- struct{}{}:
		defer func() { <-s.Watchers }()
	default:
		return web.View{}, web.Refusal{Status: http.StatusServiceUnavailable, Key: "error.watchers"}
	}
	out := http.NewResponseController(r.W)
	r.W.Header().Set("Content-Type", "text/event-stream")
	checked := s.Now()
	err := s.Feed.Watch(r.Context(), r.Account.Area, func(rows []arrivals.Row) error {
		if now := s.Now(); now.Sub(checked) >= recheck {
			if checked = now; !r.LoggedIn() {
				return errLoggedOut
			}
		}
		if err := out.SetWriteDeadline(s.Now().Add(20 * time.Second)); err != nil {
			return err
		}
		if len(rows) == 0 {
			fmt.Fprint(r.W, ": nothing new\n\n")
			return out.Flush()
		}
		text, err := r.Draw("arrival-rows", rows)
		if err != nil {
			return err
		}
		figures, err := s.figures(r.Context(), r.Account.Area)
		if err != nil {
			return err
		}
		counts, err := json.Marshal(figures)
		if err != nil {
			return err
		}
		fmt.Fprintf(r.W, "event: rows\ndata: %s\n\nevent: figures\ndata: %s\n\n", bytes.ReplaceAll(text, []byte("\n"), []byte(" ")), counts)
		return out.Flush()
	})
	if r.Context().Err() != nil || errors.Is(err, context.Canceled) {
		err = nil
	}
	if err != nil {
		return web.View{Done: true}, nil // too late for another answer; the browser comes back
	}
	return web.View{Done: true}, nil
}

// shown is how many rows a list has at most.
const shown = 200

func (s *Pages) kiosks(r *web.Request) (web.View, error) {
	rows, err := fleet.List(r.Context(), s.DB, r.Account.Area, r.URL.Query().Get("after"), shown, s.Now())
	if err != nil {
		return web.View{}, err
	}
	last := ""
	if len(rows) == shown {
		last = rows[shown-1].ID
	}
	return web.View{Template: "kiosks", Title: "menu.kiosks", Data: struct {
		Rows   []fleet.Standing
		Last   string
		Revoke bool
	}{rows, last, r.Account.May(account.SettleFleet)}}, nil
}

// revoke refuses a kiosk of the officer's area from now on.
func (s *Pages) revoke(r *web.Request) (web.View, error) {
	kiosk, reason := r.PostFormValue("kiosk"), strings.TrimSpace(r.PostFormValue("reason"))
	if reason == "" {
		return web.View{}, web.Refusal{Status: http.StatusBadRequest, Key: "error.reason"}
	}
	if err := s.mine(r, kiosk); err != nil {
		return web.View{}, err
	}
	if err := s.Registry.Log(r.Context(), s.DB, r.Account, "revoke-kiosk", kiosk, r.Remote()); err != nil {
		return web.View{}, err
	}
	err := fleet.Revoke(r.Context(), s.DB, kiosk, reason, s.Now())
	if errors.Is(err, fleet.ErrNoKiosk) {
		return web.View{}, web.NotFound
	}
	return web.View{Redirect: "/kiosks"}, err
}

// mine says whether a kiosk stands in the officer's area.
func (s *Pages) mine(r *web.Request, kiosk string) error {
	n, err := s.DB.NewSelect().Model((*db.Kiosk)(nil)).Where("id = ?", kiosk).Apply(r.Account.Area.Where("area")).Count(r.Context())
	if err != nil {
		return fmt.Errorf("looking up kiosk %s: %w", kiosk, err)
	}
	if n == 0 {
		return web.NotFound
	}
	return nil
}

// setClock tells a kiosk that has believed a wrong time what time it is.
func (s *Pages) setClock(r *web.Request) (web.View, error) {
	kiosk := r.PostFormValue("kiosk")
	if err := s.mine(r, kiosk); err != nil {
		return web.View{}, err
	}
	err := s.DB.RunInTx(r.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.Registry.Log(ctx, tx, r.Account, "set-clock", kiosk, r.Remote()); err != nil {
			return err
		}
		return fleet.SetClock(ctx, tx, kiosk, s.Now())
	})
	return web.View{Redirect: "/kiosks"}, err
}

func (s *Pages) incidents(r *web.Request) (web.View, error) {
	var rows []db.Incident
	err := s.DB.NewSelect().Model(&rows).Apply(r.Account.Area.Where("area")).OrderExpr("done, last DESC").Limit(shown).Scan(r.Context())
	return web.View{Template: "incidents", Title: "menu.incidents", Data: struct {
		Rows   []db.Incident
		Settle bool
	}{rows, r.Account.May(account.SettleFleet)}}, err
}

// settle marks an incident as seen to.
func (s *Pages) settle(r *web.Request) (web.View, error) {
	row := db.Incident{Kiosk: r.PostFormValue("kiosk"), Kind: r.PostFormValue("kind")}
	err := s.DB.NewSelect().Model(&row).WherePK().Apply(r.Account.Area.Where("area")).Scan(r.Context())
	if err != nil {
		return web.View{}, errors.Join(web.NotFound, err)
	}
	err = s.DB.RunInTx(r.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
		row.Done = r.Account.Name
		if _, err := tx.NewUpdate().Model(&row).Column("done").WherePK().Exec(ctx); err != nil {
			return err
		}
		return s.Registry.Log(ctx, tx, r.Account, "settle-incident", row.Kiosk+": {incident."+row.Kind+"}", r.Remote())
	})
	return web.View{Redirect: "/incidents"}, err
}

func (s *Pages) audit(r *web.Request) (web.View, error) {
	rows, err := s.Registry.ReadLog(r.Context(), r.Account.Area, r.URL.Query().Get("before"), shown)
	return web.View{Template: "audit", Title: "menu.audit", Data: struct {
		Rows []db.Audit
		More bool
	}{rows, len(rows) == shown}}, err
}
