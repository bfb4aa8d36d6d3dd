package ui

import (
	"chot/kiosk/checkpoint"
	"chot/ui/theme"
)

var _ = draws((*page).series)

// series shows the backlog as codes that turn, and how much of a neighbour's has
// been read.
func (p *page) series(v checkpoint.Series) {
	r := p.head(p.t("series"), toBack)
	done := p.next("done", checkpoint.TapBack, "")
	done.icon = "tick"
	r = p.foot(r, done)
	words := r
	if v.Code != "" {
		var card rect
		if p.area().tall() {
			d := min(r.w, r.h*0.5)
			card, words = r.top(d, p.Gap)
			card = card.centre(d, d)
		} else {
			card, words = r.left(min(r.h, r.w*0.6), p.Margin)
			card = card.square()
		}
		p.panel(card, theme.White, theme.Line)
		p.qr(card.inset(p.Gap*0.5), v.Code)
	}
	small := p.body().between(p.Small*0.7, p.Body*0.85)
	switch {
	case v.Making:
		words = p.flow(words, p.t("series.making"), p.main(), p.Gap)
	case v.Problem != "":
		words = p.flow(words, p.t("series.failed"), p.main(), p.Gap)
	case v.Code == "":
		words = p.flow(words, p.t("series.nothing"), p.main(), p.Gap)
	default:
		words = p.flow(words, p.t("series.at", "at", number(v.At), "of", number(v.Of)), p.main(), p.Gap*0.5)
		words = p.flow(words, p.t("series.entries", "entries", number(v.Entries)), small, p.Gap*0.5)
		if v.More {
			words = p.flow(words, p.t("series.more"), small, p.Gap*0.5)
		}
	}
	words = p.flow(words, p.t("series.take"), small.bolder(), p.Gap*0.5)
	taken := v.Taken
	switch {
	case taken.Problem != "":
		words = p.flow(words, p.t("series.taken.failed"), small.in(theme.Red), p.Gap*0.5)
	case taken.Of > 0:
		words = p.flow(words, p.t("series.reading", "read", number(taken.Read), "of", number(taken.Of)), small, p.Gap*0.5)
	}
	if taken.Batches+taken.Receipts > 0 {
		p.flow(words, p.t("series.taken", "batches", number(taken.Batches), "receipts", number(taken.Receipts)), small.bolder().in(theme.Green), 0)
	}
}
