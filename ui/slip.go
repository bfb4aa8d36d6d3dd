package ui

import (
	"strconv"

	"chot/kiosk/checkpoint"
	"chot/ui/theme"
)

var _ = draws((*page).slip)

// slip is the outcome of a form: what to do next, and the signed code for those
// who would rather have it on the phone.
func (p *page) slip(v checkpoint.Slip) {
	if level, ok := verdicts[v.Level]; ok {
		p.ground = level.ground
	}
	r := p.head(p.t("purpose."+string(v.Purpose)), noWay)
	done := p.next("done", checkpoint.TapDone, "")
	done.icon = "tick"
	buttons := []choice{}
	if v.Assisted > 0 {
		done.label, done.icon = p.t("slip.next-person"), "next"
	}
	if !v.Printed && v.Code != "" && v.Problem != "" && v.Problem != "no-printer" {
		buttons = append(buttons, p.do("slip.print", "print", checkpoint.TapPrint, ""))
	}
	if p.ground != theme.Ground {
		done.face = face{fill: theme.Card, edge: theme.On(p.ground), ink: theme.Ink}
		done.bold = true
	}
	p.enter = done.tap
	r = p.foot(r, append(buttons, done)...)
	p.drain()
	words := r
	if v.Code != "" {
		var card rect
		if p.area().tall() {
			d := min(r.w*0.7, r.h*0.48)
			card, words = r.top(d, p.Gap)
			card = card.centre(d, d)
		} else {
			card, words = r.left(min(r.h, r.w*0.4), p.Margin*1.5)
			card = card.square()
		}
		p.panel(card, theme.White, none)
		p.qr(card.inset(p.Gap*0.5), v.Code)
	} else if level, ok := verdicts[v.Level]; ok {
		var pic rect
		pic, words = r.left(min(r.w*0.28, r.h*0.75), p.Margin*1.5)
		if p.area().tall() {
			pic, words = r.top(min(r.w*0.5, r.h*0.32), p.Margin)
		}
		p.badge(pic, level.icon, theme.On(level.ground), level.ground)
	}
	p.spoken(words, p.slipWords(v))
}

func (p *page) slipWords(v checkpoint.Slip) []sentence {
	small := p.small().between(p.Small, p.Small*1.15)
	main := p.t("slip.done." + string(v.Purpose))
	if v.Level != 0 {
		main = p.t("shown.next." + v.Level.String())
	}
	s := []sentence{{main, p.main()}}
	if v.Level == checkpoint.Red {
		s = append(s, sentence{p.t("shown.then.red"), p.body().bolder()})
	}
	if v.Level > checkpoint.Green && len(v.Reasons) > 0 {
		s = append(s, sentence{p.code("reason", v.Reasons[0].Code), p.body()})
	}
	switch {
	case v.Problem != "":
		s = append(s, sentence{p.code("slip.unprinted", v.Problem), p.body()})
	case v.Printed:
		s = append(s, sentence{p.t("slip.take"), p.body()})
	case v.Code != "":
		s = append(s, sentence{p.t("slip.photo"), p.body()})
	}
	if key := "slip.next." + string(v.Purpose); p.host.language().Has(key) {
		s = append(s, sentence{p.t(key), p.body().bolder()})
	}
	facts := v.Number
	if v.Name != "" {
		facts = v.Name + " · " + v.Number
	}
	s = append(s, sentence{facts, small})
	if v.Party > 1 {
		s = append(s, sentence{p.t("shown.party", "people", number(v.Party)), small})
	}
	if v.Assisted > 0 {
		s = append(s, sentence{p.t("slip.assisted", "people", strconv.Itoa(v.Assisted)), small})
	}
	return s
}
