package ui

import (
	"strings"

	"chot/kiosk/checkpoint"
	"chot/ui/theme"
)

// chooseUnit finds a place: by going down its levels or by typing some letters
// of its name, with or without accents.
func (p *page) chooseUnit(v checkpoint.Question) {
	f := p.typed(v.Text, search)
	label := p.asked(v)
	if path := unitPath(v.Search); path != "" {
		label = path
	}
	rest, next := p.desk(p.stepTitle(v), f, label, p.small())
	on := p.next("next", checkpoint.TapNext, "")
	on.off = v.Required && v.Search.Chosen.Code == ""
	p.goOn(next, on)
	p.units(rest, v)
}

func unitPath(s checkpoint.Search) string {
	names := make([]string, 0, len(s.Path)+1)
	for _, u := range s.Path {
		names = append(names, u.Name)
	}
	if s.Chosen.Code != "" && (len(s.Path) == 0 || s.Path[len(s.Path)-1].Code != s.Chosen.Code) {
		names = append(names, s.Chosen.Name)
	}
	return strings.Join(names, " › ")
}

// units are the places to choose from.
func (p *page) units(r rect, v checkpoint.Question) {
	s := v.Search
	if len(s.Matches) == 0 {
		text := p.t("unit.none")
		if v.Text == "" {
			text = p.t("unit.type")
		}
		if v.Problem != "" {
			text = p.code("problem", v.Problem)
		}
		p.text(r, text, p.body().centred().in(theme.Muted))
		return
	}
	if s.Pages > 1 {
		var turn rect
		turn, r = p.pagerBeside(r)
		p.pager(turn, s.Page, s.Pages)
	}
	columns := 2
	if r.w > p.Touch*7 {
		columns = 3
	}
	rows := min(max(1, int(r.h/p.Touch)), (len(s.Matches)+columns-1)/columns)
	height := min(r.h/float32(rows), p.Touch*1.5)
	block, _ := r.top(height*float32(rows), 0)
	cells := block.grid(columns, rows, 0)
	for i, u := range s.Matches {
		if i >= len(cells) {
			break
		}
		c := choice{label: u.Name, note: u.Within, tap: p.host.tap(checkpoint.TapUnit, u.Code), least: p.Small * 0.85, most: p.Body * 0.85}
		if len(s.Path) > 0 && v.Text == "" {
			c.note = ""
		}
		if u.Code == s.Chosen.Code {
			c.face, c.bold = chosenFace, true
		}
		p.key(cells[i], cells[i].inset(p.Gap*0.25), c)
	}
}

// pagerBeside cuts the place of the pager off the right of a list: where the list
// is low, the two arrows stand side by side.
func (p *page) pagerBeside(r rect) (turn, list rect) {
	if r.h < 2*p.Touch {
		return r.right(2*p.Touch, p.Gap)
	}
	return r.right(p.Touch, p.Gap)
}

// pager turns the pages that the checkpoint keeps.
func (p *page) pager(r rect, at, pages int) {
	up, rest := r.top(min(p.Touch, r.h/2), 0)
	down, middle := rest.bottom(min(p.Touch, rest.h), 0)
	if r.h < 2*p.Touch {
		up, down = r.left(r.w/2, 0)
		middle = rect{}
	}
	p.key(up, up.inset(p.Gap*0.25), choice{icon: "up", off: at == 0, tap: p.host.tap(checkpoint.TapPage, "-")}).name = p.t("page.before")
	p.key(down, down.inset(p.Gap*0.25), choice{icon: "down", off: at >= pages-1, tap: p.host.tap(checkpoint.TapPage, "+")}).name = p.t("page.after")
	if middle.h >= p.Small*pitch {
		p.text(middle, p.t("page.of", "page", number(at+1), "pages", number(pages)), p.small().centred().between(p.Small*0.8, p.Small))
	}
}
