package ui

import (
	"strings"

	"chot/kiosk/checkpoint"
	"chot/ui/theme"
)

var _ = draws((*page).review)

// review shows all answers; each can be changed.
func (p *page) review(v checkpoint.Review) {
	r := p.head(p.t("purpose."+string(v.Purpose)), backHome)
	if v.Seen {
		r = p.flow(r, p.t("consent"), p.main(), p.Gap*0.3)
		r = p.foot(r, p.consents(v)...)
		notice, style := p.t("consent.what."+string(v.Purpose))+" "+p.t("consent.notice", "days", days(v.Retention)), p.small().between(p.Small*0.7, p.Small*0.9)
		switch {
		case v.Problem != "":
			notice, style = p.code("consent.problem", v.Problem), style.bolder().in(theme.Red)
		case v.Party > 1:
			notice = p.t("consent.party", "people", number(v.Party)) + " " + notice
		}
		r = p.flow(r, notice, style, p.Gap*0.2)
	} else {
		r = p.flow(r, p.t("review"), p.main(), p.Gap*0.5)
		r = p.foot(r, p.next("next", checkpoint.TapNext, ""))
	}
	if v.Pages > 1 {
		var turn rect
		turn, r = p.pagerBeside(r)
		p.pager(turn, v.Page, v.Pages)
	}
	columns := 2
	if p.area().tall() {
		columns = 1
	}
	rows := max((len(v.Lines)+columns-1)/columns, 1)
	r.h += p.Gap * 0.7 // the buttons have their gaps within themselves
	grid, _ := r.top(min(p.Touch*1.35*float32(rows), r.h), 0)
	for i, cell := range grid.grid(columns, rows, 0) {
		if i < len(v.Lines) {
			p.answer(cell, v.Lines[i])
		}
	}
}

// answer is one line of a review: a button that leads to its question.
func (p *page) answer(r rect, l checkpoint.Line) {
	text := l.Text
	var chosen []string
	for _, o := range l.Options {
		chosen = append(chosen, p.optionWords(l.ID, o))
	}
	if len(chosen) > 0 {
		text = strings.Join(chosen, ", ")
	}
	if l.ID == checkpoint.Denied {
		text = p.t("health.none")
	}
	if text == "" {
		text = "–"
	}
	label := l.Words
	if label == "" {
		label = p.code("line", l.ID)
	}
	edit := choice{tap: p.host.tap(checkpoint.TapEdit, l.ID), draw: func(r rect) []canvasObject {
		pen, r := r.right(p.Touch*0.32, p.Gap*0.5)
		pen = pen.square()
		mark := icon("pen", theme.Green, pen.w)
		mark.Move(pen.pos())
		mark.Resize(pen.size())
		small := p.small().in(theme.Muted).between(p.Small*0.8, p.Small*0.85)
		head, body := r.top(p.Small*0.85*pitch, 0)
		objects := append(p.set(head, label, small).objects, mark)
		return append(objects, p.set(body, text, p.body().bolder().mid().in(theme.Ink).between(p.Small*0.8, p.Body*0.9)).objects...)
	}}
	p.key(r, r.inset(p.Gap*0.25), edit).name = label
}

// consents are the buttons of a review that was seen whole.
func (p *page) consents(v checkpoint.Review) []choice {
	agree := p.next("consent.agree", checkpoint.TapAgree, "")
	agree.icon = "tick"
	buttons := []choice{p.do("consent.decline", "cross", checkpoint.TapDecline, "")}
	if v.MayAdd {
		buttons = append(buttons, p.do("consent.add", "plus", checkpoint.TapAdd, ""))
	}
	return append(buttons, agree)
}

// points are sentences with a mark before each, all of the same size.
func (p *page) points(r rect, mark string, texts []string) {
	s := p.body().in(theme.Ink)
	s.least = p.Small * 0.8
	wide := p.Body * 0.8
	for size := s.most; ; size-- {
		total := float32(0)
		ok := true
		for _, t := range texts {
			lines, fits := s.wrap(t, size, r.w-wide-p.Gap)
			total += s.height(len(lines), size) + p.Gap*0.6
			ok = ok && fits
		}
		if size > s.least && (total > r.h || !ok) {
			continue
		}
		s.most, s.least = size, size
		break
	}
	for _, t := range texts {
		line := rect{r.x, r.y, wide, s.most * pitch}
		p.icon(line.square(), mark, theme.Green)
		_, text := r.left(wide, p.Gap)
		r = rect{r.x, r.y, r.w, r.h}
		h := p.text(text, t, s)
		_, r = r.top(h, p.Gap*0.6)
	}
}

var _ = draws((*page).submitting)

func (p *page) submitting(v checkpoint.Submitting) {
	icons := map[string]string{"recording": "lock", "signing": "shield", "printing": "print"}
	name := icons[v.Stage]
	if name == "" {
		name = "clock"
	}
	p.notice(notice{title: p.t("purpose." + string(v.Purpose)), icon: name, ground: theme.Green, say: []sentence{{p.code("keeping", v.Stage), p.main()}, p.then("checking.then")}})
}
