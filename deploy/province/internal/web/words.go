package web

import (
	"bytes"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"regexp"
	"strings"
	"time"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/db"
	"chot/kiosk/record"
)

// Say words a key in a language, "vi" or "en", for a section.
func (s *Server) Say(lang, key string, args ...any) string { return s.say(lang, key, args...) }

// say words a key; a key that nobody has worded shows itself.
func (s *Server) say(lang, key string, args ...any) string {
	words, ok := s.texts[key]
	if !ok {
		return key
	}
	text := words.VI
	if lang == "en" {
		text = words.EN
	}
	if len(args) > 0 {
		return fmt.Sprintf(text, args...)
	}
	return text
}

// functions are what templates may call.
func (s *Server) functions(lang string) template.FuncMap {
	return template.FuncMap{
		"t":     func(key string, args ...any) string { return s.say(lang, key, args...) },
		"code":  func(kind, code string) string { return s.code(lang, kind, code) },
		"words": func(text string) string { return s.words(lang, text) },
		"clock": func(t db.Time) string { return clock(t.Time) },
		"date":  func(t db.Time) string { return t.In(db.Zone).Format("02/01/2006") },
		"day":   func(d db.Day) string { return d.Time().Format("02/01/2006") },
		"ago":   func(t db.Time) string { return s.ago(lang, t.Time) },
		"since": func(t time.Time) string { return s.ago(lang, t) },
		"age":   func(seconds int64) string { return s.age(lang, time.Duration(seconds)*time.Second) },
		"tenth": func(value, unit int64) string { return tenth(lang, value, unit) },
		"area":  s.area,
		"place": func(area any) string { name, _ := s.places.Of(db.Area(fmt.Sprint(area))); return name },
		"kind":  func(k int16) string { return s.say(lang, fmt.Sprintf("kind.%d", k)) },
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

// tenth is a value in larger units, with a sign where it has one and a decimal as
// the language writes it.
func tenth(lang string, value, unit int64) string {
	text := fmt.Sprintf("%.1f", math.Round(float64(value)*10/float64(unit))/10+0) // + 0: no -0.0
	if lang != "en" {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text
}

// part draws the template that a view names, inside the frame.
func (s *Server) part(lang, name string, data any) (template.HTML, error) {
	var out bytes.Buffer
	err := s.templates[lang].ExecuteTemplate(&out, name, data)
	return template.HTML(out.String()), err // made by a template: escaped already
}

// code words what a kiosk reported by a code of a kind, "reason" or "condition".
func (s *Server) code(lang, kind, code string) string {
	key := kind + "." + code
	if _, ok := s.texts[key]; !ok {
		return code
	}
	return s.say(lang, key)
}

// braced is a key within a text, as in the targets of the audit log.
var braced = regexp.MustCompile(`\{[a-z0-9.-]+\}`)

// words words the keys that stand in a text in braces.
func (s *Server) words(lang, text string) string {
	return braced.ReplaceAllStringFunc(text, func(key string) string { return s.say(lang, key[1:len(key)-1]) })
}

func clock(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(db.Zone).Format("02/01/2006 15:04:05")
}

func (s *Server) ago(lang string, t time.Time) string {
	if t.IsZero() {
		return s.say(lang, "ago.never")
	}
	if age := s.now().Sub(t); age >= time.Minute {
		return s.say(lang, "ago", s.age(lang, age))
	}
	return s.say(lang, "ago.now")
}

// age is how long something has been.
func (s *Server) age(lang string, d time.Duration) string {
	switch {
	case d < time.Hour:
		return s.say(lang, "age.minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return s.say(lang, "age.hours", int(d.Hours()))
	default:
		return s.say(lang, "age.days", int(d.Hours()/24))
	}
}

// language is what a request is answered in: as the cookie says, else the account.
func (s *Server) language(r *http.Request, who account.Account) string {
	if c, err := r.Cookie("lang"); err == nil && (c.Value == "vi" || c.Value == "en") {
		return c.Value
	}
	if who.Language == "en" {
		return "en"
	}
	return "vi"
}

// Draw draws one template alone, for what is sent into a page that stands.
func (s *Server) Draw(lang, name string, data any) ([]byte, error) {
	text, err := s.part(lang, name, data)
	return []byte(text), err
}
