package dashboard

import (
	"errors"
	"net/http"
	"strings"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/person"
	"chot/deploy/province/internal/web"
)

// accounts is what the page of that name shows.
type accounts struct {
	Rows     []account.Listed
	Roles    []account.Role // that the officer may give
	Area     db.Area
	Self     string // who looks
	Name     string // of the account that was just made or reset
	Password string // shown once
}

func (s *Pages) accounts(r *web.Request) (web.View, error) { return s.listAccounts(r, accounts{}) }

func (s *Pages) listAccounts(r *web.Request, page accounts) (web.View, error) {
	var err error
	if page.Rows, err = s.Registry.List(r.Context(), r.Account); err != nil {
		return web.View{}, err
	}
	page.Area, page.Self = r.Account.Area, r.Account.Name
	for _, role := range account.Roles {
		if r.Account.Manages(account.Account{Role: role, Area: r.Account.Area}) {
			page.Roles = append(page.Roles, role)
		}
	}
	return web.View{Template: "accounts", Title: "menu.accounts", Data: page}, nil
}

// setAccount makes an account, or resets one: password, role and area.
func (s *Pages) setAccount(r *web.Request) (web.View, error) {
	value := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	a := account.Account{Name: value("name"), Title: value("title"), Role: account.Role(value("role")), Area: db.Area(value("area"))}
	password, err := s.Registry.Set(r.Context(), r.Account, a, r.PostFormValue("password"), r.Remote())
	var wrong account.InputError
	switch {
	case errors.Is(err, account.ErrNotYours):
		return web.View{}, web.NotFound
	case errors.As(err, &wrong):
		return web.View{}, web.Refusal{Status: http.StatusBadRequest, Key: "error.account"}
	case err != nil:
		return web.View{}, err
	}
	if r.PostFormValue("password") != "" {
		password = "" // who typed it knows it
	}
	return s.listAccounts(r, accounts{Name: a.Name, Password: password})
}

func (s *Pages) disableAccount(r *web.Request) (web.View, error) {
	err := s.Registry.Disable(r.Context(), r.Account, r.PostFormValue("name"), r.Remote())
	if errors.Is(err, account.ErrNotYours) {
		return web.View{}, web.NotFound
	}
	return web.View{Redirect: "/accounts"}, err
}

// erasures lists the orders that kiosks have still to carry out, and those that
// they proved.
func (s *Pages) erasures(r *web.Request) (web.View, error) {
	rows, err := person.Standing(r.Context(), s.DB, r.Account.Area, shown)
	return web.View{Template: "erasures", Title: "menu.erasures", Data: rows}, err
}
