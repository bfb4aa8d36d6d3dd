package ui

import (
	"chot/kiosk/checkpoint"
	"chot/ui/theme"
)

var _ = draws((*page).samplingDesk)

// samplingDesk is the desk between two steps of work: at the left what comes
// next and what is in work, at the right the pool, or what the next tube will
// be.
func (p *page) samplingDesk(v checkpoint.SamplingDesk) {
	r := p.head(p.t("task.sampling"), backHome)
	r = p.foot(r, p.deskButtons(v)...)
	var left, right rect
	if p.area().tall() {
		share := float32(0.54)
		if v.Tube == "" && v.Person == "" { // what the next tube will be takes three rows
			share = 0.46
		}
		left, right = r.top(r.h*share, p.Gap)
	} else {
		left, right = r.left(r.w*0.52, p.Margin)
	}
	p.deskWork(left, v)
	if v.Pool && v.Tube != "" {
		p.members(right, v)
	} else if v.Tube == "" && v.Person == "" {
		p.deskSettings(right, v)
	} else {
		p.deskFacts(right, v)
	}
}

// deskNext is the key of what is to be done next.
func deskNext(v checkpoint.SamplingDesk) string {
	switch {
	case v.Before != "":
		return "desk.next.before"
	case v.Doubt:
		return "desk.next.doubt"
	case v.Label == checkpoint.LabelPrinting:
		return "label.printing"
	case v.Label == checkpoint.LabelFailed:
		return "label.failed"
	case v.Label == checkpoint.LabelPrinted:
		return "label.printed"
	case v.Tube != "" && v.Pool:
		return "desk.next.member"
	case v.Tube != "" && v.Person == "":
		return "desk.next.person"
	case v.Person != "" && v.Tube == "":
		return "desk.next.tube"
	case v.Tube != "":
		return "desk.next.done"
	}
	return "desk.next"
}

// deskWork is the main sentence and the person and tube in work.
func (p *page) deskWork(r rect, v checkpoint.SamplingDesk) {
	r = p.flow(r, p.t(deskNext(v), "tube", v.Before), p.main(), p.Gap*0.5)
	if v.Problem != "" {
		r = p.flow(r, p.code("desk", v.Problem), p.body().bolder().in(theme.Red), p.Gap*0.5)
	}
	fact := func(name, label, value string) {
		if value == "" {
			return
		}
		if r.h < p.Touch*0.75 {
			p.cut = append(p.cut, value)
			return
		}
		var line rect
		line, r = r.top(p.Touch*0.78, p.Gap*0.5)
		p.card(line)
		line = line.trim(p.Gap, p.Gap*0.2)
		pic, line := line.left(p.Touch*0.45, p.Gap)
		p.icon(pic, name, theme.Green)
		upper, lower := line.top(p.Small*0.85*pitch, 0)
		p.text(upper, label, p.small().in(theme.Muted).between(p.Small*0.75, p.Small*0.85))
		p.text(lower, value, p.body().bolder().mid().in(theme.Ink).between(p.Small*0.75, p.Body))
	}
	person := v.Person
	if person != "" && v.Order != "" {
		person += " · " + v.Order
	}
	fact("person", p.t("desk.person"), person)
	fact("tube", p.t("desk.tube"), v.Tube)
	if v.Person == "" && v.Tube == "" {
		if v.Done != "" {
			fact("tick", p.t("desk.done"), v.Done+" · "+v.DoneName)
		}
		p.openPools(r, v)
	}
}

// members are the people in a pool, by place: a pool that is full is seen to
// be.
func (p *page) members(r rect, v checkpoint.SamplingDesk) {
	p.card(r)
	r = r.inset(p.Gap)
	head, r := r.top(p.Body*pitch, p.Gap*0.5)
	p.text(head, p.t("desk.pool", "members", number(len(v.Members)), "limit", number(v.Limit)), p.body().bolder().mid().in(theme.Ink).between(p.Small, p.Body))
	columns := 1
	if v.Limit > 5 {
		columns = 2
	}
	rows := max(1, (v.Limit+columns-1)/columns)
	for i, cell := range r.grid(columns, rows, p.Gap*0.3) {
		if i >= v.Limit {
			break
		}
		mark, cell := cell.left(min(cell.h, p.Body*1.2), p.Gap*0.5)
		s := p.body().mid().in(theme.Ink).between(p.Small*0.7, p.Body*0.8)
		if i >= len(v.Members) {
			p.text(mark, number(i+1), s.centred().in(theme.Muted))
			p.fill(rect{cell.x, cell.y + cell.h - p.Line, cell.w, max(1, p.Line/2)}, theme.Line)
			continue
		}
		m := v.Members[i]
		name := m.Name
		if name == "" {
			name = p.t("desk.member", "place", number(m.Place))
		}
		if m.Kept {
			p.badge(mark.square(), "tick", theme.Green, theme.White)
		} else {
			p.badge(mark.square(), "clock", theme.Amber, theme.Black)
		}
		p.text(cell, name, s)
	}
}

// deskSettings is what the next tube will be.
func (p *page) deskSettings(r rect, v checkpoint.SamplingDesk) {
	gap := p.Gap * 0.6
	row := func() (cell rect) {
		cell, r = r.top(p.Touch, gap)
		return cell
	}
	if len(v.Techniques) > 1 && r.h >= p.Touch {
		cells := row().grid(len(v.Techniques), 1, 0)
		for i, t := range v.Techniques {
			c := choice{label: p.t("technique." + t.String()), tap: p.host.tap(checkpoint.TapTechnique, t.String()), least: p.Small * 0.85}
			if t == v.Technique {
				c.face, c.bold = chosenFace, true
			}
			p.key(cells[i], cells[i].inset(p.Gap*0.2), c)
		}
	}
	if len(v.Reasons) > 0 && r.h >= p.Touch {
		next := v.Reasons[0]
		for i, code := range v.Reasons {
			if code == v.Reason {
				next = v.Reasons[(i+1)%len(v.Reasons)]
			}
		}
		reason := p.t("desk.reason.none")
		if v.Reason != "" {
			reason = p.code("option.reason", v.Reason)
		}
		cell := row()
		p.key(cell, cell.inset(p.Gap*0.2), choice{
			label: reason, note: p.t("desk.reason"), icon: "list", least: p.Small * 0.85,
			tap: p.host.tap(checkpoint.TapReason, next),
		})
	}
	if v.Copies > 0 && r.h >= p.Touch {
		p.stepper(row(), p.t("desk.copies"), number(v.Copies), checkpoint.TapCopies)
	}
}

// openPools are those that wait to be gone on with, and what the day has
// brought.
func (p *page) openPools(r rect, v checkpoint.SamplingDesk) {
	for _, o := range v.Open {
		if r.h < p.Touch*1.4 {
			break
		}
		var cell rect
		cell, r = r.top(p.Touch, p.Gap*0.6)
		note, pic := p.t("desk.open", "members", number(o.Members), "time", clock(o.Since)), "pool"
		if !o.Pool {
			note, pic = p.t("tube.out", "time", clock(o.Since)), "tube"
		}
		p.button(cell, choice{
			label: o.Tube, note: note, icon: pic, least: p.Small * 0.85,
			tap: p.host.tap(checkpoint.TapOpen, o.Tube),
		})
	}
	if r.h >= p.Small*pitch {
		p.balance(r, v.Today)
	}
}

// deskFacts are the settings of the tube in work, to be read alone.
func (p *page) deskFacts(r rect, v checkpoint.SamplingDesk) {
	p.card(r)
	r = r.inset(p.Gap)
	s := p.body().in(theme.Ink)
	r = p.flow(r, p.t("technique."+v.Technique.String()), s.bolder(), p.Gap*0.5)
	if v.Reason != "" {
		r = p.flow(r, p.code("option.reason", v.Reason), s, p.Gap*0.5)
	}
	r = p.flow(r, p.t("desk.copies.of", "copies", number(v.Copies)), s, p.Gap*0.5)
	p.balance(r, v.Today)
}

func (p *page) balance(r rect, b checkpoint.Balance) {
	p.text(r, p.t("desk.today", "out", number(b.Out), "sampled", number(b.Sampled), "people", number(b.Persons)), p.small().between(p.Small*0.8, p.Small*1.1))
}

// deskButtons are what may be done now, the likeliest last.
func (p *page) deskButtons(v checkpoint.SamplingDesk) []choice {
	least := func(c choice) choice { c.least = p.Small * 0.9; return c }
	if v.Before != "" {
		return []choice{p.do("desk.doubt.no", "cross", checkpoint.TapDecline, ""), p.next("desk.before.yes", checkpoint.TapAgree, "")}
	}
	if v.Doubt {
		return []choice{p.do("desk.doubt.no", "cross", checkpoint.TapDecline, ""), p.next("desk.doubt.yes", checkpoint.TapAgree, "")}
	}
	if v.Tube == "" {
		label := p.next("desk.label", checkpoint.TapPrint, "")
		label.icon = "print"
		if v.Person != "" {
			return []choice{least(p.do("desk.doubt.no", "cross", checkpoint.TapDecline, "")), least(label)}
		}
		pool := p.do("desk.pool.new", "pool", checkpoint.TapAdd, "")
		if v.Pool {
			pool.face = chosenFace
		}
		if v.Done != "" {
			return []choice{least(p.do("desk.undo.done", "undo", checkpoint.TapUndo, "")), least(pool), least(label)}
		}
		return []choice{least(p.do("desk.by-hand", "pen", checkpoint.TapRegister, "")), least(pool), least(label)}
	}
	buttons := []choice{least(p.do("desk.void", "cross", checkpoint.TapVoid, v.Tube))}
	buttons[0].face = stopFace
	if v.Label == checkpoint.LabelFailed {
		again := p.next("desk.again", checkpoint.TapPrint, "")
		again.icon = "print"
		return append(buttons, least(again))
	}
	if v.Pool {
		undo := p.do("desk.undo", "undo", checkpoint.TapUndo, "")
		undo.off = len(v.Members) == 0
		seal := p.next("desk.close", checkpoint.TapClose, "")
		seal.icon, seal.off = "lock", len(v.Members) < v.Least
		return append(buttons, least(undo), least(seal))
	}
	return buttons
}

var _ = draws((*page).antigens)

func (p *page) antigens(v checkpoint.Antigens) {
	r := p.head(p.t("task.antigen"), backHome)
	_, r = r.bottom(p.Margin, 0)
	if v.Problem != "" {
		r = p.flow(r, p.code("desk", v.Problem), p.body().bolder().in(theme.Red), p.Gap*0.5)
	}
	if len(v.Tests) == 0 {
		p.spoken(r, []sentence{p.mainly("antigen.none"), p.then("antigen.none.then")})
		return
	}
	r = p.flow(r, p.t("antigen.choose"), p.main(), p.Gap*0.5)
	var all []choice
	for _, t := range v.Tests {
		c := choice{label: t.Tube, icon: "clock", note: p.timer(t), tap: p.host.tap(checkpoint.TapOpen, t.Tube), least: p.Small * 0.85}
		switch t.Phase {
		case "read":
			c.face, c.icon, c.bold = chosenFace, "bell", true
		case "late":
			c.face, c.icon = stopFace, "alert"
		}
		all = append(all, c)
	}
	p.choices(r, all, 0)
}

// timer words when a test may be read.
func (p *page) timer(t checkpoint.Timer) string {
	return p.t("timer."+t.Phase, "from", clock(t.From), "until", clock(t.Until))
}

var _ = draws((*page).antigenReading)

func (p *page) antigenReading(v checkpoint.AntigenReading) {
	title := v.Timer.Tube
	switch v.Stage {
	case "confirm":
		look := outcomes[v.Outcome.String()]
		yes := p.next("antigen.confirm", checkpoint.TapNext, "")
		yes.icon = "tick"
		say := []sentence{{p.code("outcome", v.Outcome.String()), p.main().between(p.Main, p.Main*1.3)}, p.then("antigen.confirm.then")}
		if v.Person != "" {
			say = append(say, sentence{v.Person, p.body().bolder()})
		} else {
			say = append(say, sentence{p.t("antigen.paper"), p.body()})
		}
		p.notice(notice{title: title, way: backHome, icon: look.icon, ground: look.colour, say: say, foot: []choice{p.do("back", "back", checkpoint.TapBack, ""), yes}})
	case "recording":
		p.notice(notice{title: title, way: noWay, icon: "lock", ground: theme.Green, say: []sentence{p.mainly("keeping.recording"), p.then("checking.then")}})
	case "done":
		p.antigenDone(title, v)
	default:
		r := p.head(title, backHome)
		_, r = r.bottom(p.Margin, 0)
		r = p.flow(r, p.t("antigen.what"), p.main(), 0)
		note, s := p.timer(v.Timer), p.body().in(theme.Muted).between(p.Small, p.Body)
		if v.Problem != "" {
			note, s = p.code("desk", v.Problem), s.bolder().in(theme.Red)
		}
		r = p.flow(r, note, s, p.Gap*0.5)
		var all []choice
		for _, o := range v.Outcomes {
			look := outcomes[o.String()]
			c := choice{label: p.code("outcome", o.String()), icon: look.icon, tap: p.host.tap(checkpoint.TapOutcome, o.String()), least: p.Small}
			if look.colour == theme.Red || look.colour == theme.Green {
				c.face, c.bold = face{fill: look.colour, edge: none, ink: theme.On(look.colour)}, true
			}
			all = append(all, c)
		}
		p.choices(r, all, 0)
	}
}

func (p *page) antigenDone(title string, v checkpoint.AntigenReading) {
	r := p.head(title, toHome)
	done := p.next("done", checkpoint.TapDone, "")
	done.icon = "tick"
	buttons := []choice{done}
	if !v.Printed && v.Code != "" {
		buttons = []choice{p.do("result.print", "print", checkpoint.TapPrint, ""), done}
	}
	r = p.foot(r, buttons...)
	words := r
	if v.Code != "" {
		card := r
		if p.area().tall() {
			d := min(r.w*0.7, r.h*0.5)
			card, words = r.top(d, p.Gap)
		} else {
			card, words = r.left(min(r.h, r.w*0.4), p.Margin*1.2)
		}
		card = card.square()
		p.panel(card, theme.White, theme.Line)
		p.qr(card.inset(p.Gap*0.5), v.Code)
	}
	say := []sentence{{p.code("outcome", v.Outcome.String()), p.main()}}
	if v.Person != "" {
		say = append(say, sentence{v.Person, p.body().bolder()})
	}
	switch {
	case v.Problem != "":
		say = append(say, sentence{p.code("slip.unprinted", v.Problem), p.body()})
	case v.Printed:
		say = append(say, p.then("slip.take"))
	}
	p.spoken(words, say)
}

var _ = draws((*page).shiftEnd)

func (p *page) shiftEnd(v checkpoint.ShiftEnd) {
	title := p.t("task.shift")
	if v.Voiding != "" {
		r := p.head(title, backHome)
		r = p.flow(r, p.t("shift.void"), p.main(), 0)
		r = p.flow(r, v.Voiding, p.body().bolder(), p.Gap*0.5)
		_, r = r.bottom(p.Margin, 0)
		p.choices(r, p.reasons("void.reason", "", v.Reasons, ""), 0)
		return
	}
	r := p.head(title, backHome)
	done := p.next("shift.end", checkpoint.TapDone, "")
	done.icon, done.off = "tick", !v.Balanced
	r = p.foot(r, done)
	main, s, key := p.t("shift.balanced"), p.main(), "tick"
	ground := theme.Green
	if !v.Balanced {
		main, key, ground = p.t("shift.unbalanced"), "alert", theme.Amber
	}
	bar, r := r.top(p.Main*pitch, p.Gap*0.5)
	pic, bar := bar.left(p.Main*1.1, p.Gap)
	p.badge(pic, key, ground, theme.On(ground))
	p.text(bar, main, s.mid())
	r = p.sums(r, v.Balance)
	if v.Problem != "" {
		r = p.flow(r, p.code("desk", v.Problem), p.body().bolder().in(theme.Red), p.Gap*0.5)
	}
	if v.Pages > 1 {
		var turn rect
		turn, r = p.pagerBeside(r)
		p.pager(turn, v.Page, v.Pages)
	}
	var all []choice
	for _, t := range v.Tubes {
		c := choice{
			label: t.Tube, note: p.t("tube."+t.Stage, "people", number(t.Count), "time", clock(t.Since)), icon: "cross", least: p.Small * 0.8,
			tap: p.host.tap(checkpoint.TapVoid, t.Tube),
		}
		if t.Read {
			c.icon, c.note, c.tap = "clock", p.t("shift.read"), p.host.tap(checkpoint.TapOpen, t.Tube)
		}
		all = append(all, c)
	}
	p.choices(r, all, 0)
}

// sums are the shift in five numbers.
func (p *page) sums(r rect, b checkpoint.Balance) rect {
	bar, r := r.top(p.Touch*0.85, p.Gap)
	cells := bar.grid(5, 1, p.Gap*0.5)
	for i, n := range []struct {
		key   string
		count int
	}{{"sum.out", b.Out}, {"sum.sampled", b.Sampled}, {"sum.void", b.Void}, {"sum.open", b.Open}, {"sum.people", b.Persons}} {
		p.card(cells[i])
		upper, lower := cells[i].trim(p.Gap*0.4, p.Gap*0.2).top(cells[i].h*0.55, 0)
		p.text(upper, number(n.count), p.body().bolder().centred().in(theme.Ink))
		p.text(lower, p.t(n.key), p.small().centred().in(theme.Muted).between(p.Small*0.65, p.Small*0.85))
	}
	return r
}
