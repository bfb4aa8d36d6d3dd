package web

import (
	"errors"
	"net/http"

	"chot/deploy/province/internal/account"
)

func (s *Server) showLogin(w http.ResponseWriter, r *http.Request) {
	s.show(&Request{Request: r, Lang: s.language(r, account.Account{}), W: w}, View{Template: "login", Title: "login.title", Data: ""}, http.StatusOK)
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	req := &Request{Request: r, Lang: s.language(r, account.Account{}), W: w}
	who, secret, err := s.registry.Login(r.Context(), r.PostFormValue("name"), r.PostFormValue("password"))
	switch {
	case errors.Is(err, account.ErrLocked):
		s.show(req, View{Template: "login", Title: "login.title", Data: "login.account-locked"}, http.StatusTooManyRequests)
		return
	case errors.Is(err, account.ErrWrong):
		s.show(req, View{Template: "login", Title: "login.title", Data: "login.wrong"}, http.StatusUnauthorized)
		return
	case err == nil:
		err = s.registry.Log(r.Context(), s.registry.DB, who, "login", "", req.Remote())
	}
	if err != nil {
		s.fail(req, err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: secret, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

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
	if len(back) < 1 || back[0] != '/' || len(back) > 1 && (back[1] == '/' || back[1] == '\\') {
		back = "/"
	}
	return View{Redirect: back}, nil
}
