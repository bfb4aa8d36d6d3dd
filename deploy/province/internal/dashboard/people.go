package dashboard

import (
	"net/http"
	"slices"
	"strings"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/person"
	"chot/deploy/province/internal/web"
	"chot/kiosk/record"
)

// people is what the page of that name shows.
type people struct {
	Fields               []string
	Field, Value, Reason string
	Rows                 []found
	Erase                bool           // whether the officer may erase
	Erased               *person.Erased // what was erased just now
}

// found is one entry that matches.
type found struct {
	Entry db.Entry
	Gone  bool
	Name  string
	Birth int
}

func (s *Pages) people(r *web.Request) (web.View, error) {
	return web.View{Template: "people", Title: "menu.people", Data: people{Fields: person.Fields}}, nil
}

// asked reads a search, and writes to the audit log that it was made and why. The
// value that was searched for is not written.
func (s *Pages) asked(r *web.Request, action string) (people, error) {
	p := people{Fields: person.Fields, Field: r.PostFormValue("field"), Value: strings.TrimSpace(r.PostFormValue("value")),
		Reason: strings.TrimSpace(r.PostFormValue("reason")), Erase: r.Account.May(account.ErasePeople)}
	if !slices.Contains(person.Fields, p.Field) || p.Value == "" {
		return p, web.Refusal{Status: http.StatusBadRequest, Key: "error.bad-request"}
	}
	if p.Reason == "" {
		return p, web.Refusal{Status: http.StatusBadRequest, Key: "error.reason"}
	}
	return p, s.Registry.Log(r.Context(), s.DB, r.Account, action, "{field."+p.Field+"}: "+p.Reason, r.Remote())
}

func (s *Pages) search(r *web.Request) (web.View, error) {
	p, err := s.asked(r, "search-person")
	if err != nil {
		return web.View{}, err
	}
	entries, err := s.Finder.Find(r.Context(), r.Account.Area, p.Field, p.Value)
	if err != nil {
		return web.View{}, err
	}
	for _, e := range entries {
		row := found{Entry: e}
		rec, err := s.Finder.Read(r.Context(), e)
		if err != nil {
			row.Gone = true
		} else if b, ok := rec.Body.(record.Personal); ok {
			row.Name, row.Birth = b.Subject().Name, b.Subject().Birth
		}
		p.Rows = append(p.Rows, row)
	}
	return web.View{Template: "people", Title: "menu.people", Data: p}, nil
}

// erase deletes what is held under a value, at the person's request.
func (s *Pages) erase(r *web.Request) (web.View, error) {
	p, err := s.asked(r, "erase-person")
	if err != nil {
		return web.View{}, err
	}
	done, err := s.Finder.Erase(r.Context(), r.Account.Area, p.Field, p.Value, p.Reason, s.Now())
	if err != nil {
		return web.View{}, err
	}
	return web.View{Template: "people", Title: "menu.people", Data: people{Fields: person.Fields, Erased: &done}}, nil
}
