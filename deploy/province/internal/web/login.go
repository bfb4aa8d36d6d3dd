package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"chot/deploy/province/internal/account"
)

func (s *Server) showLogin(w http.ResponseWriter, r *http.Request) {
	s.show(&Request{Request: r, Lang: s.language(r, account.Account{}), W: w}, View{Template: "login", Title: "login.title", Data: ""}, http.StatusOK)
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	req := &Request{Request: r, Lang: s.language(r, account.Account{}), W: w, page: s}
	try := account.Attempt{Name: r.PostFormValue("name"), Password: r.PostFormValue("password"), Source: req.Remote()}
	if c, err := r.Cookie(deviceCookie); err == nil {
		try.Device = c.Value
	}
	who, opened, err := s.registry.Login(r.Context(), try)
	for _, refusal := range []struct {
		err    error
		status int
		key    string
	}{
		{account.ErrLocked, http.StatusTooManyRequests, "login.account-locked"},
		{account.ErrWrong, http.StatusUnauthorized, "login.wrong"},
		{account.ErrBusy, http.StatusServiceUnavailable, "login.busy"},
	} {
		if errors.Is(err, refusal.err) {
			s.show(req, View{Template: "login", Title: "login.title", Data: refusal.key}, refusal.status)
			return
		}
	}
	if err == nil {
		err = s.registry.Log(r.Context(), s.registry.DB, who, "login", "", req.Remote())
	}
	if err != nil {
		s.fail(req, err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: opened.Session, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	http.SetCookie(w, &http.Cookie{
		Name: deviceCookie, Value: opened.Device, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: 365 * 86400,
	})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// deviceCookie tells an account's own browser from a stranger's, see
// [account.Registry.Login].
const deviceCookie = "__Host-chot-device"

func (s *Server) logout(r *Request) (View, error) {
	if c, err := r.Cookie(cookie); err == nil {
		if err := s.registry.Logout(r.Context(), c.Value); err != nil {
			return View{}, err
		}
	}
	http.SetCookie(r.W, &http.Cookie{Name: cookie, Path: "/", MaxAge: -1, Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	return View{Redirect: "/login"}, nil
}

func (s *Server) setLanguage(r *Request) (View, error) {
	lang := r.PostFormValue("lang")
	if !s.speaks(lang) {
		return View{}, Refusal{http.StatusBadRequest, "error.bad-request"}
	}
	http.SetCookie(r.W, &http.Cookie{Name: "lang", Value: lang, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: 365 * 86400})
	back := r.PostFormValue("back")
	if !local(back) {
		back = "/"
	}
	return View{Redirect: back}, nil
}

// local says whether an address leads to a page of this server: a path alone,
// without what a browser drops or turns into a slash (WHATWG URL, 4.4).
func local(address string) bool {
	if !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") ||
		strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }) {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && u.Host == "" && u.Scheme == ""
}
