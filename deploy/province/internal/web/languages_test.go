package web

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"chot/deploy/province/internal/account"
	"chot/ui/catalog"
)

// Each language of the catalogue has its button on every page, is taken from the
// cookie, and words the page.
func TestEachLanguageIsOfferedAndSpoken(t *testing.T) {
	t.Parallel()
	s, err := New(nil, nil, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	spoken := map[string]bool{}
	for _, l := range catalog.Languages() {
		r := httptest.NewRequest(http.MethodGet, "/login", nil)
		r.AddCookie(&http.Cookie{Name: "lang", Value: l.Code})
		answer := httptest.NewRecorder()
		s.Handler().ServeHTTP(answer, r)
		page := answer.Body.String()
		want := []string{`<html lang="` + l.Code + `">`, "<h1>" + l.Text("login.title") + "</h1>"}
		for _, offered := range catalog.Languages() {
			pressed := ""
			if offered.Code == l.Code {
				pressed = ` aria-pressed="true"`
			}
			want = append(want, `value="`+offered.Code+`" lang="`+offered.Code+`"`+pressed+">"+offered.Name()+"</button>")
		}
		for _, part := range want {
			if !strings.Contains(page, part) {
				t.Errorf("%s: the page lacks %s", l.Code, part)
			}
		}
		spoken[page] = true
		if got, err := s.setLanguage(&Request{Request: form("lang=" + l.Code + "&back=/reports"), W: httptest.NewRecorder()}); err != nil || got.Redirect != "/reports" {
			t.Errorf("choosing %s: %+v, %v", l.Code, got, err)
		}
		if got := s.language(httptest.NewRequest(http.MethodGet, "/", nil), account.Account{Language: l.Code}); got != l.Code {
			t.Errorf("an account of %s is answered in %s", l.Code, got)
		}
	}
	if len(spoken) != len(catalog.Languages()) {
		t.Errorf("%d pages for %d languages", len(spoken), len(catalog.Languages()))
	}
	if _, err := s.setLanguage(&Request{Request: form("lang=xx"), W: httptest.NewRecorder()}); err == nil {
		t.Error("a language without a file can be chosen")
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: "lang", Value: "xx"})
	if got := s.language(r, account.Account{Language: "yy"}); got != catalog.Default {
		t.Errorf("a language without a file is answered in %s", got)
	}
}

func form(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/language", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// A gap takes a value under its name; whole numbers and decimals are written as
// the language writes them.
func TestTextsAreFilledAsTheLanguageWrites(t *testing.T) {
	t.Parallel()
	s := &Server{languages: catalog.Languages()}
	for _, tt := range []struct{ lang, want string }{{"vi", "Đã xóa 4.200 bản ghi."}, {"en", "4,200 records were erased."}} {
		if got := s.Say(tt.lang, "people.erased", "records", 4200); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
	if got := s.code("vi", "reason", "no-such-reason"); got != "no-such-reason" {
		t.Errorf("a code without a text is shown as %q", got)
	}
}

// The menu shows where a page belongs that is not in it.
func TestAPageBelongsToTheMenu(t *testing.T) {
	t.Parallel()
	menu := []Page{{Pattern: "GET /{$}"}, {Pattern: "GET /tests"}, {Pattern: "GET /tests/work"}, {Pattern: "GET /export"}}
	for path, want := range map[string]string{
		"/": "/", "/tests": "/tests", "/tests/confirm": "/tests", "/tests/work": "/tests/work", "/testsuite": "", "/login": "",
	} {
		if got := here(menu, path); got != want {
			t.Errorf("%s belongs to %q, want %q", path, got, want)
		}
	}
}

// A form's way back leads to a page of this server, whatever a browser makes of it
// (WHATWG URL, 4.4: tabs and line ends are dropped, a backslash is a slash).
func TestTheWayBackLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"/": true, "/reports": true, "/people?field=phone": true, "/a%09b": true,
		"": false, "reports": false, "//evil.example": false, "///evil.example": false, "https://evil.example/": false,
		"/\\evil.example": false, "\\\\evil.example": false, "/\t/evil.example": false, "\t//evil.example": false, "/\n/evil.example": false,
		"/\r/evil.example": false, " //evil.example": false, "/ /evil.example": false, "/\x00/evil.example": false, "/\x7f": false,
		"javascript:alert(1)": false, "/%zz": false,
	} {
		if got := local(address); got != want {
			t.Errorf("%q leads to a page of this server: %v", address, got)
		}
	}
}
