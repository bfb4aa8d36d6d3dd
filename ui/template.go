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
// What can be hit reaches to the middle of the gaps.
func (p *page) choices(r rect, all []choice, columns int) {
	if len(all) == 0 {
		return
	}
	r = r.trim(-p.Gap/2, -p.Gap/2)
	rows := max(1, int(r.h/p.Touch))
	if columns == 0 {
		columns = p.columnsFor(len(all), rows)
	}
	put := func(cells []rect, some []choice) {
		for i, c := range some {
			p.key(cells[i], cells[i].inset(p.Gap/2), c)
		}
	}
	if need := (len(all) + columns - 1) / columns; need <= rows {
		height := min(r.h/float32(need), p.Touch*1.8)
		grid, _ := r.top(height*float32(need), 0)
		if spare := r.h - grid.h; spare > p.Touch { // not glued to the top of an empty panel
			grid.y += spare * 0.2
		}
		put(grid.grid(columns, need, 0), all)
		return
	}
	wide := p.Touch + p.Gap
	if r.h < 2*p.Touch { // the two arrows stand side by side
		wide += p.Touch
	}
	turn, grid := r.right(wide, 0)
	per := rows * columns
	pages := (len(all) + per - 1) / per
	at := min(p.host.leaf, pages-1)
	put(grid.grid(columns, rows, 0), all[at*per:min(len(all), (at+1)*per)])
	p.turner(turn.inset(p.Gap/2), at, pages)
}

// turner is the pair of buttons that leaf through pages.
func (p *page) turner(r rect, at, pages int) {
	r = r.trim(-p.Gap/2, -p.Gap/2)
	up, rest := r.top(p.Touch, 0)
	down, middle := rest.bottom(p.Touch, 0)
	if r.h < 2*p.Touch {
		up, down = r.left(r.w/2, 0)
		middle = rect{}
	}
	p.key(up, up.inset(p.Gap/2), choice{icon: "up", off: at == 0, tap: func() { p.host.turn(at - 1) }}).name = p.t("page.before")
	p.key(down, down.inset(p.Gap/2), choice{icon: "down", off: at == pages-1, tap: func() { p.host.turn(at + 1) }}).name = p.t("page.after")
	if middle.h >= p.Small*pitch {
		p.text(middle, p.t("page.of", "page", number(at+1), "pages", number(pages)), p.small().centred().between(p.Small*0.8, p.Small))
	}
}

// columnsFor is how many columns so many buttons are set in, where there is
// room for so many rows.
func (p *page) columnsFor(n, rows int) int {
	switch {
	case p.area().tall(), n <= 2 && rows >= 2:
		return 1
	case n > 2*rows && n > 4:
		return 3
	}
	return 2
}
