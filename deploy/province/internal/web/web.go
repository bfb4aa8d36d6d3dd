// Package web is the officers' page: HTML made on the server, a little
// JavaScript of our own, no build step and no request to anybody else.
//
// The page is made of sections. A [Section] brings pages and templates; its
// texts are in package ui/catalog, beside the kiosk's; this package has only the frame and the log-in, sections are handed to [New];
// package dashboard is the first of them. A [Page] says which right it needs; it is
// shown in the menu to whom has it and refused to all others, and it is handed
// the [account.Account], whose area every query must name.
//
//	web.Section{
//		Templates: html, // files html/*.html: {{define "name"}} … {{t "key" "gap" .Value}} … {{end}}
//		Pages: []web.Page{{Pattern: "GET /results", Right: account.SeeTests, Menu: "menu.results", Serve: …}},
//	}
//
// Safety: cookies are HttpOnly, Secure and SameSite=Strict; requests that change
// something are refused when they come from another origin
// ([http.CrossOriginProtection]); the Content-Security-Policy allows nothing but
// this server's own files, so templates have no inline script or style.
package web

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/adminunits"
	"chot/ui/catalog"
)

//go:embed html/*.html
var html embed.FS

//go:embed static
var static embed.FS

// Section is a part of the page, see [Sectioner].
type Section struct {
	Templates fs.FS // html/*.html
	Pages     []Page
}

// Sectioner is a package that has pages.
type Sectioner interface{ Section() Section }

// Page is one address.
type Page struct {
	Pattern string        // as http.ServeMux takes it
	Right   account.Right // that it needs; "" for any account
	Menu    string        // text key of its place in the menu, "" for none
	Serve   func(*Request) (View, error)
}

// Request is one request of an officer.
type Request struct {
	*http.Request
	Account account.Account
	Lang    string // code of a language, "vi"
	W       http.ResponseWriter

	page *Server
}

// Say words a key in the request's language, see [Server.Say].
func (r *Request) Say(key string, fill ...any) string { return r.page.Say(r.Lang, key, fill...) }

// LoggedIn says whether the request's session still holds, for answers that go on.
func (r *Request) LoggedIn() bool {
	_, err := r.page.Who(r.Request)
	return err == nil
}

// Draw draws one template alone in the request's language, for what is sent into
// a page that is open.
func (r *Request) Draw(template string, data any) ([]byte, error) {
	return r.page.Draw(r.Lang, template, data)
}

// View is the answer to a request.
type View struct {
	Template string // that is shown inside the frame
	Title    string // text key
	Data     any
	Charts   bool   // the page draws charts, see page.js
	Redirect string // go there instead
	Done     bool   // the page has written the answer itself
}

// List is the data of the template "list", for sections that need no template of
// their own.
type List struct {
	Columns []string // text keys
	Rows    [][]string
}

// Refusal is an error that the officer is shown, by its text key.
type Refusal struct {
	Status int
	Key    string
}

func (r Refusal) Error() string { return r.Key }

// NotFound is the answer to what does not exist or lies outside the officer's
// area: the two look the same.
var NotFound = Refusal{http.StatusNotFound, "error.not-found"}

// Server serves the page.
type Server struct {
	registry  *account.Registry
	places    *adminunits.Names
	log       *slog.Logger
	now       func() time.Time
	templates map[string]*template.Template // by language
	languages []catalog.Language
	menu      []Page
	pages     []Page
	mux       *http.ServeMux
}

// New returns the page with its sections.
func New(registry *account.Registry, places *adminunits.Names, log *slog.Logger, now func() time.Time, sections ...Section) (*Server, error) {
	s := &Server{registry: registry, places: places, log: log, now: now, languages: catalog.Languages(), mux: http.NewServeMux()}
	base := template.New("").Funcs(s.functions(catalog.Default))
	sections = append([]Section{{Templates: html, Pages: []Page{
		{Pattern: "POST /logout", Serve: s.logout},
		{Pattern: "POST /language", Serve: s.setLanguage},
	}}}, sections...)
	for _, section := range sections {
		if section.Templates != nil {
			if _, err := base.ParseFS(section.Templates, "html/*.html"); err != nil {
				return nil, fmt.Errorf("reading the page's templates: %w", err)
			}
		}
		for _, page := range section.Pages {
			if page.Menu != "" {
				s.menu = append(s.menu, page)
			}
			s.pages = append(s.pages, page)
			s.mux.HandleFunc(page.Pattern, s.handle(page))
		}
	}
	s.templates = map[string]*template.Template{}
	for _, l := range s.languages {
		tree, err := base.Clone()
		if err != nil {
			return nil, fmt.Errorf("copying the page's templates: %w", err)
		}
		s.templates[l.Code] = tree.Funcs(s.functions(l.Code))
	}
	s.mux.Handle("GET /static/", cached(http.StripPrefix("/static/", http.FileServerFS(sub(static, "static")))))
	s.mux.HandleFunc("/", s.nothing)
	s.mux.HandleFunc("GET /login", s.showLogin)
	s.mux.HandleFunc("POST /login", s.login)
	return s, nil
}

// Pages are all pages that need an account.
func (s *Server) Pages() []Page { return s.pages }

// sub is a folder of an embedded file system, which cannot fail: its name is ours.
func sub(f embed.FS, name string) fs.FS {
	files, err := fs.Sub(f, name)
	if err != nil {
		panic(err)
	}
	return files
}

func cached(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=300")
		next.ServeHTTP(w, r)
	})
}

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// What a request brings at most, in bytes.
const (
	largestForm = 1 << 20
	largestFile = 32 << 20 // with a file in it
)

// Secure sets the headers that every answer of the officers' side has.
func Secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Strict-Transport-Security", "max-age=31536000")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Accel-Buffering", "no") // or nginx holds the live page back
		next.ServeHTTP(w, r)
	})
}

// Handler is the page, guarded.
func (s *Server) Handler() http.Handler {
	guarded := http.NewCrossOriginProtection().Handler(s.mux)
	return Secure(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		most := int64(largestForm)
		if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") && r.URL.Path != "/login" {
			most = largestFile
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		guarded.ServeHTTP(w, r)
	}))
}

const cookie = "__Host-chot"

// Who returns the account that a request comes from.
func (s *Server) Who(r *http.Request) (account.Account, error) {
	c, err := r.Cookie(cookie)
	if err != nil {
		return account.Account{}, account.ErrWrong
	}
	return s.registry.Session(r.Context(), c.Value)
}

// handle wraps a page: who asks, whether they may, and how the answer looks.
func (s *Server) handle(page Page) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, err := s.Who(r)
		if errors.Is(err, account.ErrWrong) {
			http.Redirect(w, r, "/login", http.StatusSeeOther)
			return
		}
		s.places.Refresh(r.Context())
		req := &Request{Request: r, Account: who, Lang: s.language(r, who), W: w, page: s}
		var view View
		switch {
		case err != nil:
		case page.Right != "" && !who.May(page.Right):
			err = Refusal{http.StatusForbidden, "error.forbidden"}
			if menu := s.menuOf(who); r.URL.Path == "/" && len(menu) > 0 {
				view.Redirect, err = menu[0].Address(), nil // everybody has a first page
			}
		default:
			view, err = page.Serve(req)
		}
		switch {
		case err != nil:
			s.fail(req, err)
		case view.Done:
		case view.Redirect != "":
			http.Redirect(w, r, view.Redirect, http.StatusSeeOther)
		default:
			s.show(req, view, http.StatusOK)
		}
	}
}

// nothing answers for an address that no page has, in the frame of whoever asks.
func (s *Server) nothing(w http.ResponseWriter, r *http.Request) {
	who, _ := s.Who(r) // a visitor without an account will do
	s.fail(&Request{Request: r, Account: who, Lang: s.language(r, who), W: w}, NotFound)
}

// fail shows an error. Its text is for the log; people are told what they can do.
func (s *Server) fail(r *Request, err error) {
	refused := Refusal{http.StatusInternalServerError, "error.internal"}
	if !errors.As(err, &refused) && !errors.Is(err, context.Canceled) {
		s.log.Error("a page failed", "path", r.URL.Path, "error", err)
	}
	s.show(r, View{Template: "error", Title: "error.title", Data: refused}, refused.Status)
}

// frame is what the outer template is handed.
type frame struct {
	View
	Lang    string
	Spoken  []catalog.Language // that the reader may choose
	Account account.Account
	Menu    []Page
	Path    string
	Here    string // address of the page's place in the menu
}

func (s *Server) show(r *Request, view View, status int) {
	f := frame{View: view, Lang: r.Lang, Spoken: s.languages, Account: r.Account, Path: r.URL.Path, Menu: s.menuOf(r.Account)}
	f.Here = here(f.Menu, r.URL.Path)
	if r.Method != http.MethodGet && f.Here != "" {
		f.Path = f.Here // what was sent cannot be asked for again
	}
	var out bytes.Buffer
	if err := s.templates[r.Lang].ExecuteTemplate(&out, "frame", f); err != nil {
		s.log.Error("a page was not drawn", "template", view.Template, "error", err)
		http.Error(r.W, s.Say(r.Lang, "error.internal"), http.StatusInternalServerError)
		return
	}
	r.W.Header().Set("Content-Type", "text/html; charset=utf-8")
	r.W.WriteHeader(status)
	out.WriteTo(r.W)
}

// here is the address in the menu that a page belongs to: its own, or the longest
// that it lies below; "" where it belongs to none of them.
func here(menu []Page, path string) (address string) {
	for _, page := range menu {
		a := page.Address()
		if (a == path || a != "/" && strings.HasPrefix(path, a+"/")) && len(a) > len(address) {
			address = a
		}
	}
	return address
}

// menuOf is what an account finds in its menu, nothing before a log-in.
func (s *Server) menuOf(who account.Account) (menu []Page) {
	for _, page := range s.menu {
		if who.Name != "" && (page.Right == "" || who.May(page.Right)) {
			menu = append(menu, page)
		}
	}
	return menu
}

// Remote is the address that a request comes from, for the audit log.
func (r *Request) Remote() string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// Address is the page's own path without what follows a method in its pattern.
func (p Page) Address() string {
	_, path, found := strings.Cut(p.Pattern, " ")
	if !found {
		path = p.Pattern
	}
	return strings.TrimSuffix(path, "{$}")
}
