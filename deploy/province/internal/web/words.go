package web

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"time"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/db"
	"chot/kiosk/record"
	"chot/ui/catalog"
)

// Say words a key in a language, for a section: fill alternates between the
// name of a gap and what goes in. Whole numbers are written as the language
// writes them.
func (s *Server) Say(lang, key string, fill ...any) string {
	texts := make([]string, len(fill))
	for i, f := range fill {
		switch v := f.(type) {
		case int:
			texts[i] = s.in(lang).Number(int64(v))
		case int64:
			texts[i] = s.in(lang).Number(v)
		default:
			texts[i] = fmt.Sprint(v)
		}
	}
	return s.in(lang).Text(key, texts...)
}

// in is the language of a code, the first one where there is no such language.
func (s *Server) in(lang string) catalog.Language {
	for _, l := range s.languages {
		if l.Code == lang {
			return l
		}
	}
	return s.languages[0]
}

// functions are what templates may call.
func (s *Server) functions(lang string) template.FuncMap {
	return template.FuncMap{
		"t":     func(key string, fill ...any) string { return s.Say(lang, key, fill...) },
		"code":  func(kind, code string) string { return s.code(lang, kind, code) },
		"words": func(text string) string { return s.words(lang, text) },
		"clock": func(t db.Time) string { return clock(t.Time) },
		"date":  func(t db.Time) string { return t.In(db.Zone).Format("02/01/2006") },
		"day":   func(d db.Day) string { return d.Time().Format("02/01/2006") },
		"ago":   func(t db.Time) string { return s.ago(lang, t.Time) },
		"since": func(t time.Time) string { return s.ago(lang, t) },
		"age":   func(seconds int64) string { return s.age(lang, time.Duration(seconds)*time.Second) },
		"tenth": func(value, unit int64) string { return s.in(lang).Decimal(float64(value) / float64(unit)) },
		"area":  s.area,
		"place": func(area any) string { name, _ := s.places.Of(db.Area(fmt.Sprint(area))); return name },
		"kind":  func(k int16) string { return s.Say(lang, fmt.Sprintf("kind.%d", k)) },
		"level": func(l int16) string { return record.Level(l).String() },
		"show":  func(name string, data any) (template.HTML, error) { return s.part(lang, name, data) },
	}
}

// area is a place by its names, with its codes as a tip.
func (s *Server) area(area any) template.HTML {
	codes := fmt.Sprint(area)
	name, within := s.places.Of(db.Area(codes))
	if name == codes {
		return template.HTML(template.HTMLEscapeString(name))
	}
	text := fmt.Sprintf(`<span title="%s">%s</span>`, template.HTMLEscapeString(codes), template.HTMLEscapeString(name))
	if within != "" {
		text += fmt.Sprintf(` <span class="soft">%s</span>`, template.HTMLEscapeString(within))
	}
	return template.HTML(text)
}

// part draws the template that a view names, inside the frame.
func (s *Server) part(lang, name string, data any) (template.HTML, error) {
	var out bytes.Buffer
	err := s.templates[lang].ExecuteTemplate(&out, name, data)
	return template.HTML(out.String()), err // made by a template: escaped already
}

// code words what a kiosk reported by a code of a kind, "reason" or "condition";
// a code without a text is shown as it is.
func (s *Server) code(lang, kind, code string) string {
	if key := kind + "." + code; s.in(lang).Has(key) {
		return s.Say(lang, key)
	}
	return code
}

// braced is a key within a text, as in the targets of the audit log.
var braced = regexp.MustCompile(`\{[a-z0-9.-]+\}`)

// words words the keys that stand in a text in braces.
func (s *Server) words(lang, text string) string {
	return braced.ReplaceAllStringFunc(text, func(key string) string { return s.Say(lang, key[1:len(key)-1]) })
}

func clock(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(db.Zone).Format("02/01/2006 15:04:05")
}

func (s *Server) ago(lang string, t time.Time) string {
	if t.IsZero() {
		return s.Say(lang, "ago.never")
	}
	if age := s.now().Sub(t); age >= time.Minute {
		return s.Say(lang, "ago", "age", s.age(lang, age))
	}
	return s.Say(lang, "ago.now")
}

// age is how long something has been.
func (s *Server) age(lang string, d time.Duration) string {
	switch {
	case d < time.Hour:
		return s.Say(lang, "age.minutes", "n", int(d.Minutes()))
	case d < 48*time.Hour:
		return s.Say(lang, "age.hours", "n", int(d.Hours()))
	default:
		return s.Say(lang, "age.days", "n", int(d.Hours()/24))
	}
}

// language is the code of the language that a request is answered in: the
// cookie's, else the account's, else the first.
func (s *Server) language(r *http.Request, who account.Account) string {
	if c, err := r.Cookie("lang"); err == nil && s.speaks(c.Value) {
		return c.Value
	}
	return s.in(who.Language).Code
}

// speaks says whether there is a language of a code.
func (s *Server) speaks(lang string) bool { return s.in(lang).Code == lang }

// Draw draws one template alone, for what is sent into a page that stands.
func (s *Server) Draw(lang, name string, data any) ([]byte, error) {
	text, err := s.part(lang, name, data)
	return []byte(text), err
}
