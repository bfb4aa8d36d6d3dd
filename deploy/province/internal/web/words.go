package web

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
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
		"clock": func(t db.Time) string { return clock(t.Time) },
		"date":  func(t db.Time) string { return t.In(db.Zone).Format("02/01/2006") },
		"day":   func(d db.Day) string { return d.Time().Format("02/01/2006") },
		"ago":   func(t db.Time) string { return s.ago(lang, t.Time) },
		"kind":  func(k int16) string { return s.say(lang, fmt.Sprintf("kind.%d", k)) },
		"level": func(l int16) string { return record.Level(l).String() },
		"show":  func(name string, data any) (template.HTML, error) { return s.part(lang, name, data) },
	}
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
	switch d := s.now().Sub(t); {
	case d < time.Minute:
		return s.say(lang, "ago.now")
	case d < time.Hour:
		return s.say(lang, "ago.minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return s.say(lang, "ago.hours", int(d.Hours()))
	default:
		return s.say(lang, "ago.days", int(d.Hours()/24))
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
