package ui

// ask is a question with big choices, one column or two, as many pages as it
// takes.
type ask struct {
	title    string // of the strip
	question string // the main sentence
	note     string
	choices  []choice
	columns  int // 0: as fits
	way      way
	foot     []choice
}

func (p *page) ask(a ask) {
	r := p.head(a.title, a.way)
	r = p.flow(r, a.question, p.main(), p.Gap*0.5)
	r = p.flow(r, a.note, p.body().between(p.Small, p.Body*0.9).in(p.muted()), p.Gap)
	r = p.foot(r, a.foot...)
	p.choices(r, a.choices, a.columns)
}

// choices fills r with buttons, page by page if there are too many for one.
func (p *page) choices(r rect, all []choice, columns int) {
	if len(all) == 0 {
		return
	}
	if columns == 0 {
		columns = p.columnsFor(len(all), r)
	}
	rows := max(1, int((r.h+p.Gap)/(p.Touch+p.Gap)))
	need := (len(all) + columns - 1) / columns
	if need <= rows {
		height := min((r.h-p.Gap*float32(need-1))/float32(need), p.Touch*1.7)
		grid, _ := r.top(height*float32(need)+p.Gap*float32(need-1), 0)
		if spare := r.h - grid.h; spare > p.Touch { // not glued to the top of an empty panel
			grid.y += spare * 0.2
		}
		for i, cell := range grid.grid(columns, need, p.Gap)[:len(all)] {
			p.button(cell, all[i])
		}
		return
	}
	// One column at the right turns the pages.
	wide := p.Touch
	if r.h < 2*p.Touch { // the two arrows stand side by side
		wide = 2 * p.Touch
	}
	turn, grid := r.right(wide, p.Gap)
	per := rows * columns
	pages := (len(all) + per - 1) / per
	at := min(p.host.leaf, pages-1)
	cells := grid.grid(columns, rows, p.Gap)
	for i, c := range all[at*per : min(len(all), (at+1)*per)] {
		p.button(cells[i], c)
	}
	p.turner(turn, at, pages)
}

// turner is the pair of buttons that leaf through pages.
func (p *page) turner(r rect, at, pages int) {
	up, rest := r.top(p.Touch, 0)
	down, middle := rest.bottom(p.Touch, 0)
	if r.h < 2*p.Touch {
		up, down = r.left(p.Touch, 0)
		middle = rect{}
	}
	p.button(up, choice{icon: "up", off: at == 0, tap: func() { p.host.turn(at - 1) }}).name = p.t("page.before")
	p.button(down, choice{icon: "down", off: at == pages-1, tap: func() { p.host.turn(at + 1) }}).name = p.t("page.after")
	if middle.h >= p.Small*pitch {
		p.text(middle, p.t("page.of", "page", number(at+1), "pages", number(pages)), p.small().centred().between(p.Small*0.8, p.Small))
	}
}

func (p *page) columnsFor(n int, r rect) int {
	switch {
	case p.area().tall(), n <= 2 && r.h > p.Touch*2.2:
		return 1
	case n <= 6:
		return 2
	}
	return 2
}
