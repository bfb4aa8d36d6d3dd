// Package apikeys is the page of the keys by which other systems are let in: who
// has one, for what and until when, when it was last used, and the button that
// revokes it.
package apikeys

import (
	"embed"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/web"
)

//go:embed html/*.html
var html embed.FS

// Pages shows and manages API keys.
type Pages struct{ Registry *account.Registry }

// Section is the page, for web.New.
func (p *Pages) Section() web.Section {
	return web.Section{Templates: html, Pages: []web.Page{
		{Pattern: "GET /api-keys", Right: account.ManageAccounts, Menu: "menu.api-keys", Serve: p.list},
		{Pattern: "POST /api-keys", Right: account.ManageAccounts, Serve: p.make},
		{Pattern: "POST /api-keys/revoke", Right: account.ManageAccounts, Serve: p.revoke},
	}}
}

type view struct {
	Rows   []account.ListedKey
	Scopes []account.Scope // that may be given
	Area   db.Area
	Title  string // of the key that was just made
	Secret string // shown once
}

func (p *Pages) list(r *web.Request) (web.View, error) { return p.show(r, view{}) }

func (p *Pages) show(r *web.Request, v view) (web.View, error) {
	var err error
	if v.Rows, err = p.Registry.Keys(r.Context(), r.Account); err != nil {
		return web.View{}, err
	}
	for _, scope := range account.ScopeNames {
		if r.Account.May(account.Scopes[scope]) {
			v.Scopes = append(v.Scopes, scope)
		}
	}
	v.Area = r.Account.Area
	return web.View{Template: "api-keys", Title: "menu.api-keys", Data: v}, nil
}

func (p *Pages) make(r *web.Request) (web.View, error) {
	value := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	days, err := strconv.Atoi(value("days"))
	if err != nil {
		days = 0 // refused below
	}
	spec := account.KeySpec{Title: value("title"), Source: value("source"), Area: db.Area(value("area")), Days: days}
	for _, scope := range r.PostForm["scope"] {
		spec.Scopes = append(spec.Scopes, account.Scope(scope))
	}
	secret, err := p.Registry.MakeKey(r.Context(), r.Account, spec, r.Remote())
	var wrong account.InputError
	switch {
	case errors.Is(err, account.ErrNotYours):
		return web.View{}, web.NotFound
	case errors.As(err, &wrong):
		return web.View{}, web.Refusal{Status: http.StatusBadRequest, Key: "error.api-key"}
	case err != nil:
		return web.View{}, err
	}
	return p.show(r, view{Title: spec.Title, Secret: secret})
}

func (p *Pages) revoke(r *web.Request) (web.View, error) {
	err := p.Registry.RevokeKey(r.Context(), r.Account, r.PostFormValue("id"), r.Remote())
	if errors.Is(err, account.ErrNotYours) {
		return web.View{}, web.NotFound
	}
	return web.View{Redirect: "/api-keys"}, err
}
