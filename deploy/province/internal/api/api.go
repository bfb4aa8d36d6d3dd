// Package api is the officers' side as JSON, for other systems of the health
// service; /openapi.json describes it, made from this code.
//
// A machine sends its API key as "Authorization: Bearer …"; a person's client logs in
// by POST /api/v1/session and sends the token that it gets in the same way. What it may do and see is the account's: each
// operation names a [account.Right], and each query the account's area. Other
// packages add operations by [Add].
package api

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/uptrace/bun"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/fleet"
)

// API is the description with its operations.
type API struct {
	huma     huma.API
	registry *account.Registry
}

// Operator is a package that adds operations.
type Operator interface{ Operations(*API) }

// New adds the API and its description to mux.
func New(mux *http.ServeMux, registry *account.Registry) *API {
	config := huma.DefaultConfig("Chốt provincial server", "1")
	config.DocsPath, config.SchemasPath = "", "" // no page that loads scripts from elsewhere
	config.CreateHooks = nil
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "http", Scheme: "bearer"},
	}
	a := &API{humago.New(mux, config), registry}
	huma.Register(a.huma, huma.Operation{
		OperationID: "login", Method: http.MethodPost, Path: "/api/v1/session", Summary: "Log in",
		Description: "The token ends after twelve hours, or one without use.", Errors: []int{401, 429},
	}, a.login)
	return a
}

type credentials struct {
	source string // address that the log-in comes from
	Body   struct {
		Name     string `json:"name" maxLength:"64"`
		Password string `json:"password" maxLength:"256"`
	}
}

type session struct {
	Body struct {
		Token string `json:"token"`
		Role  string `json:"role"`
		Area  string `json:"area" doc:"unit codes: province/district/commune"`
	}
}

// Resolve implements huma.Resolver: it notes where a log-in comes from.
func (c *credentials) Resolve(ctx huma.Context) []error {
	c.source = ctx.RemoteAddr()
	if host, _, err := net.SplitHostPort(c.source); err == nil {
		c.source = host
	}
	return nil
}

func (a *API) login(ctx context.Context, in *credentials) (*session, error) {
	who, opened, err := a.registry.Login(ctx, account.Attempt{Name: in.Body.Name, Password: in.Body.Password, Source: in.source})
	switch {
	case errors.Is(err, account.ErrLocked):
		return nil, huma.NewError(http.StatusTooManyRequests, account.ErrLocked.Error())
	case errors.Is(err, account.ErrWrong):
		return nil, huma.Error401Unauthorized(account.ErrWrong.Error())
	case errors.Is(err, account.ErrBusy):
		return nil, huma.Error503ServiceUnavailable(account.ErrBusy.Error())
	case err != nil:
		return nil, err
	}
	if err := a.registry.Log(ctx, a.registry.DB, who, "login", "api", in.source); err != nil {
		return nil, err
	}
	var out session
	out.Body.Token, out.Body.Role, out.Body.Area = opened.Session, string(who.Role), string(who.Area)
	return &out, nil
}

// Add adds an operation for accounts that have a right.
func Add[In, Out any](a *API, op huma.Operation, right account.Right, do func(context.Context, account.Account, *In) (*Out, error)) {
	op.Security = []map[string][]string{{"session": {}}}
	op.Errors = append(op.Errors, http.StatusUnauthorized, http.StatusForbidden)
	op.Middlewares = append(op.Middlewares, func(c huma.Context, next func(huma.Context)) {
		token, ok := strings.CutPrefix(c.Header("Authorization"), "Bearer ")
		who, err := account.Account{}, account.ErrWrong
		switch {
		case ok && account.IsKey(token):
			who, err = a.registry.Key(c.Context(), token)
		case ok:
			who, err = a.registry.Session(c.Context(), token)
		}
		status, text := 0, ""
		switch {
		case errors.Is(err, account.ErrWrong):
			status, text = http.StatusUnauthorized, "log in first"
		case err != nil:
			status, text = http.StatusServiceUnavailable, "come back later"
		case !who.May(right):
			status, text = http.StatusForbidden, "the account may not do that"
		default:
			next(huma.WithValue(c, key{}, who))
			return
		}
		if err := huma.WriteErr(a.huma, c, status, text); err != nil {
			return // the client has gone away
		}
	})
	huma.Register(a.huma, op, func(ctx context.Context, in *In) (*Out, error) {
		who, _ := ctx.Value(key{}).(account.Account) // the zero account sees nothing
		return do(ctx, who, in)
	})
}

type key struct{}

// Source is what the base operations read.
type Source struct {
	DB  *bun.DB
	Now func() time.Time
}

// Base adds the operations on kiosks and incidents.
func Base(a *API, s Source) {
	Add(a, huma.Operation{
		OperationID: "list-kiosks", Method: http.MethodGet, Path: "/api/v1/kiosks", Summary: "Kiosks of the account's area and how they are",
	}, account.SeeFleet, s.kiosks)
	Add(a, huma.Operation{
		OperationID: "list-incidents", Method: http.MethodGet, Path: "/api/v1/incidents", Summary: "Forks, gaps and refusals, the open ones first",
	}, account.SeeFleet, s.incidents)
}

// Kiosk is one kiosk of a list.
type Kiosk struct {
	ID      string    `json:"id"`
	Site    string    `json:"site"`
	Area    string    `json:"area"`
	Group   string    `json:"group,omitempty"`
	Revoked bool      `json:"revoked"`
	Seen    time.Time `json:"seen,omitzero" doc:"last batch"`
	Version string    `json:"version,omitempty"`
	Backlog int64     `json:"backlog" doc:"entries that waited on the kiosk at its last report"`
	Alerts  []Alert   `json:"alerts"`
}

// Alert is something that should be seen to.
type Alert struct {
	Code     string `json:"code"`
	Severity uint8  `json:"severity" doc:"1 notice, 2 warning, 3 out of order"`
}

// List is one page of a list.
type List[T any] struct {
	Body struct {
		Items []T    `json:"items"`
		Next  string `json:"next,omitempty" doc:"hand it in as after for the next page"`
	}
}

type page struct {
	After string `query:"after" maxLength:"64"`
	Limit int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (s Source) kiosks(ctx context.Context, who account.Account, in *page) (*List[Kiosk], error) {
	rows, err := fleet.List(ctx, s.DB, who.Area, in.After, in.Limit, s.Now())
	if err != nil {
		return nil, err
	}
	out := &List[Kiosk]{}
	out.Body.Items = []Kiosk{}
	for _, row := range rows {
		k := Kiosk{
			ID: row.ID, Site: row.Site, Area: string(row.Area), Group: row.Group, Revoked: !row.Revoked.IsZero(),
			Seen: row.Seen.Time, Version: row.Health.Version, Backlog: row.Health.Backlog, Alerts: []Alert{},
		}
		for _, alert := range row.Alerts {
			k.Alerts = append(k.Alerts, Alert{alert.Code, alert.Severity})
		}
		out.Body.Items = append(out.Body.Items, k)
	}
	if len(rows) == in.Limit {
		out.Body.Next = rows[len(rows)-1].ID
	}
	return out, nil
}

// Incident is something that officers must see.
type Incident struct {
	Kiosk   string    `json:"kiosk"`
	Kind    string    `json:"kind"`
	Text    string    `json:"text"`
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`
	Count   int64     `json:"count"`
	Settled string    `json:"settled_by,omitempty"`
}

func (s Source) incidents(ctx context.Context, who account.Account, in *page) (*List[Incident], error) {
	var rows []db.Incident
	err := s.DB.NewSelect().Model(&rows).Apply(who.Area.Where("area")).OrderExpr("done, last DESC").Limit(int64(in.Limit)).Scan(ctx)
	if err != nil {
		return nil, err
	}
	out := &List[Incident]{}
	out.Body.Items = []Incident{}
	for _, row := range rows {
		out.Body.Items = append(out.Body.Items, Incident{row.Kiosk, row.Kind, row.Text, row.First.Time, row.Last.Time, row.Count, row.Done})
	}
	return out, nil
}
