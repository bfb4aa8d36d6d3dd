package ui

import (
	"cmp"
	"strings"

	"chot/kiosk/checkpoint"
	"chot/ui/theme"
)

var _ = draws((*page).login)

func (p *page) login(v checkpoint.Login) {
	problem := ""
	if v.Problem != "" {
		problem = p.code("login", v.Problem)
		if v.Left > 0 {
			problem += " " + p.t("login.left", "tries", number(v.Left))
		}
	}
	switch {
	case v.Waiting:
		p.notice(notice{title: p.t("login"), way: toHome, icon: "lock", ground: theme.Green, say: []sentence{p.mainly("checking"), p.then("checking.then")}})
	case v.Until.After(p.host.state.Now):
		p.notice(notice{title: p.t("login"), way: toHome, icon: "lock", ground: theme.Red, say: []sentence{p.mainly("login.locked"), p.then("login.until", "time", clock(v.Until))}})
	case v.Badge.Number == "":
		p.scan(scan{title: p.t("login"), way: toHome, say: []sentence{p.mainly("login.badge"), p.then("login.badge.then")}, problem: problem})
	default:
		next := p.next("login.enter", checkpoint.TapNext, "")
		p.numberPad(pad{
			title: v.Badge.Name, way: toHome, question: p.t("login.pin"), example: p.code("role", string(v.Badge.Role)), problem: problem,
			text: zeros(v.Digits), input: secret, next: next,
		})
	}
}

// zeros stands for a secret of which only the length is known.
func zeros(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0'
	}
	return string(b)
}

var taskIcons = map[checkpoint.Task]string{
	checkpoint.TaskSampling: "tube", checkpoint.TaskAntigen: "clock", checkpoint.TaskManual: "person", checkpoint.TaskOverride: "shield",
	checkpoint.TaskAssist: "people", checkpoint.TaskRoll: "list", checkpoint.TaskReprint: "print", checkpoint.TaskShift: "pool", checkpoint.TaskTechnical: "wrench",
}

var _ = draws((*page).staffMenu)

func (p *page) staffMenu(v checkpoint.StaffMenu) {
	var all []choice
	for _, t := range v.Tasks {
		c := choice{label: p.t("task." + string(t)), icon: cmp.Or(taskIcons[t], "list"), tap: p.host.tap(checkpoint.TapTask, string(t)), least: p.Small}
		switch {
		case t == checkpoint.TaskAntigen && v.Due > 0:
			c.note, c.face = p.t("task.antigen.due", "tests", number(v.Due)), chosenFace
		case t == checkpoint.TaskSampling && v.Open > 0:
			c.note = p.t("task.sampling.open", "pools", number(v.Open))
		}
		all = append(all, c)
	}
	r := p.head(p.t("staff.menu"), noWay)
	logout := p.next("logout", checkpoint.TapLogout, "")
	logout.icon = "door"
	r = p.foot(r, logout)
	columns := 3
	if p.area().tall() {
		columns = 2
	}
	_, r = r.top(p.Gap*0.5, 0)
	p.choices(r, all, columns)
}

// reasons are buttons for codes; before stands before the code in what is sent.
func (p *page) reasons(place, before string, all []string, chosen string) (buttons []choice) {
	for _, code := range all {
		c := choice{label: p.code(place, code), tap: p.host.tap(checkpoint.TapReason, before+code), icon: "ring", least: p.Small}
		if code == chosen {
			c.face, c.icon, c.bold = chosenFace, "ring-on", true
		}
		buttons = append(buttons, c)
	}
	return buttons
}

// stepper is a number with a button on either side.
func (p *page) stepper(r rect, label, value string, t checkpoint.Tap) {
	less, r := r.left(p.Touch, 0)
	more, r := r.right(p.Touch, 0)
	p.key(less, less.inset(p.Gap*0.2), choice{icon: "minus", tap: p.host.tap(t, "-")}).name = p.t("less")
	p.key(more, more.inset(p.Gap*0.2), choice{icon: "plus", tap: p.host.tap(t, "+")}).name = p.t("more")
	upper, lower := r.top(r.h*0.4, 0)
	p.text(upper, label, p.small().centred().between(p.Small*0.75, p.Small))
	p.text(lower, value, p.main().centred().between(p.Body, p.Main))
}

var _ = draws((*page).manual)

// manual checks a visitor in by the reason that is tapped.
func (p *page) manual(v checkpoint.Manual) {
	r := p.head(p.t("task.manual"), backHome)
	bar, r := r.top(p.Touch, p.Gap)
	left, right := bar.left((bar.w-p.Gap)/2, p.Gap)
	if p.area().tall() {
		left = bar
		right, r = r.top(p.Touch, p.Gap)
	}
	for i, d := range []checkpoint.Direction{checkpoint.In, checkpoint.Out} {
		c := choice{label: p.t("idle.direction." + d.String()), tap: p.host.tap(checkpoint.TapDirection, d.String()), least: p.Small * 0.9}
		if d == v.Direction {
			c.face, c.bold = chosenFace, true
		}
		cell := left.grid(2, 1, 0)[i]
		p.key(cell, cell.inset(p.Gap*0.2), c)
	}
	p.stepper(right, p.t("manual.party"), number(v.Party), checkpoint.TapParty)
	r = p.flow(r, p.t("manual.why"), p.body().bolder(), p.Gap*0.5)
	_, r = r.bottom(p.Margin, 0)
	p.choices(r, p.reasons("manual.reason", "", v.Reasons, ""), 0)
}

var _ = draws((*page).override)

// override shows the last verdicts, and what one of them may be turned into: a
// level and a reason are one tap.
func (p *page) override(v checkpoint.Override) {
	r := p.head(p.t("task.override"), backHome)
	_, r = r.bottom(p.Gap, 0)
	if v.Scan.ID == "" {
		p.scans(r, v.Scans)
		return
	}
	was, r := r.top(p.Touch, p.Gap*0.5)
	p.scan1(was, v.Scan)
	columns := r.grid(max(len(v.To), 1), 1, p.Margin)
	if p.area().tall() {
		columns = r.grid(1, max(len(v.To), 1), p.Gap)
	}
	for i, to := range v.To {
		look := verdicts[to]
		head, list := columns[i].top(p.Body*1.2*pitch, p.Gap*0.3)
		pic, head := head.left(p.Body*1.2, p.Gap*0.6)
		p.badge(pic, look.icon, look.ground, theme.On(look.ground))
		p.text(head, p.t("override."+to.String()), p.body().bolder().mid().between(p.Small, p.Body))
		count := 1
		if !p.area().tall() && len(v.To) == 1 {
			count = 2
		}
		p.choices(list, p.reasons("override.reason", to.String()+"/", v.Reasons, ""), count)
	}
}

// scans are the last verdicts to choose from.
func (p *page) scans(r rect, all []checkpoint.Scan) {
	r = p.flow(r, p.t("scans"), p.main(), p.Gap*0.5)
	columns := 2
	if p.area().tall() {
		columns = 1
	}
	rows := max(1, (len(all)+columns-1)/columns)
	height := min(p.Touch*1.3, (r.h+p.Gap*0.5)/float32(rows))
	block, _ := r.top(height*float32(rows), 0)
	for i, cell := range block.grid(columns, rows, p.Gap*0.5) {
		if i < len(all) {
			p.scan1(cell, all[i])
		}
	}
}

// scan1 is one verdict: its colour, when, over what, why, and whose while it is
// still on the screen. Tapping it chooses it, where it may still be changed.
func (p *page) scan1(r rect, s checkpoint.Scan) {
	look := verdicts[s.Level]
	words := []string{clock(s.At), p.code("family", s.Family)}
	if s.Name != "" {
		words = append(words, s.Name)
	}
	if s.Party > 1 {
		words = append(words, p.t("shown.party", "people", number(s.Party)))
	}
	why := p.t("level." + s.Level.String())
	if len(s.Because) > 0 {
		why = p.code("reason", s.Because[0].Code)
	}
	c := choice{off: !s.Open, tap: p.host.tap(checkpoint.TapOpen, s.ID), draw: func(r rect) (objects []canvasObject) {
		pic, r := r.left(min(p.Touch*0.55, r.h), p.Gap*0.8)
		pic = pic.square()
		mark := badge(look.icon, look.ground, theme.On(look.ground), pic.w)
		mark.Move(pic.pos())
		mark.Resize(pic.size())
		head, foot := r.top(r.h*0.5, 0)
		objects = append(objects, mark)
		objects = append(objects, p.set(head, strings.Join(words, " · "), p.body().bolder().mid().in(theme.Ink).between(p.Small*0.65, p.Body*0.85)).objects...)
		return append(objects, p.set(foot, why, p.small().mid().in(theme.Muted).between(p.Small*0.65, p.Small)).objects...)
	}}
	p.button(r, c).name = strings.Join(append(words, why), " · ")
}

var _ = draws((*page).rollCall)

func (p *page) rollCall(v checkpoint.RollCall) {
	title := p.t("task.roll")
	switch {
	case v.Agency.Code == "":
		r := p.head(title, backHome)
		r = p.flow(r, p.t("roll.agency"), p.main(), p.Gap*0.5)
		_, r = r.bottom(p.Margin, 0)
		if v.Pages > 1 {
			var turn rect
			turn, r = p.pagerBeside(r)
			p.pager(turn, v.Page, v.Pages)
		}
		var all []choice
		for _, a := range v.Agencies {
			c := choice{label: a.Name, tap: p.host.tap(checkpoint.TapAgency, a.Code), least: p.Small * 0.85, note: p.t("roll.done", "done", number(a.Done))}
			if a.People > 0 {
				c.note = p.t("roll.of", "done", number(a.Done), "people", number(a.People))
			}
			all = append(all, c)
		}
		p.choices(r, all, 0)
	case v.Person == "":
		problem := ""
		if v.Problem != "" {
			problem = p.code("lookup", v.Problem)
		}
		p.scan(scan{title: v.Agency.Name, way: backHome, say: []sentence{p.mainly("roll.paper"), p.then("roll.done", "done", number(v.Agency.Done))}, problem: problem})
	default:
		r := p.head(v.Agency.Name, backHome)
		done := p.next("roll.record", checkpoint.TapDone, "")
		done.icon = "tick"
		r = p.foot(r, done)
		r = p.flow(r, v.Person, p.main(), p.Gap)
		box := func(key string, on bool, t checkpoint.Tap) choice {
			c := choice{label: p.t(key), icon: "box", tap: p.host.tap(t, "")}
			if on {
				c.icon, c.face, c.bold = "box-on", chosenFace, true
			}
			return c
		}
		p.choices(r, []choice{box("roll.app", v.App, checkpoint.TapApp), box("roll.declared", v.Declared, checkpoint.TapDeclared)}, 1)
	}
}

var _ = draws((*page).reprint)

func (p *page) reprint(v checkpoint.Reprint) {
	title := p.t("task.reprint")
	problem := ""
	if v.Problem != "" {
		problem = p.code("desk", v.Problem)
	}
	switch {
	case v.Tube == "":
		d := scan{title: title, way: backHome, say: []sentence{p.mainly("reprint.tube"), p.then("reprint.tube.then")}, problem: problem}
		for _, t := range v.Recent {
			d.choices = append(d.choices, choice{
				label: t.Tube, note: p.t("tube."+t.Stage, "people", number(t.Count), "time", clock(t.Since)),
				tap: p.host.tap(checkpoint.TapOpen, t.Tube), least: p.Small * 0.8,
			})
		}
		p.scan(d)
	case v.Stage == checkpoint.LabelPrinting || v.Stage == checkpoint.LabelPrinted || v.Stage == checkpoint.LabelVerified:
		icons := map[checkpoint.LabelStage]string{checkpoint.LabelPrinting: "print", checkpoint.LabelPrinted: "scan", checkpoint.LabelVerified: "tick"}
		done := p.next("done", checkpoint.TapDone, "")
		p.notice(notice{title: title, way: backHome, icon: icons[v.Stage], ground: theme.Green, say: []sentence{{p.t("label." + string(v.Stage)), p.main()}, {v.Tube, p.body().bolder()}}, foot: []choice{done}})
	default:
		r := p.head(title, backHome)
		on := p.next("reprint.print", checkpoint.TapPrint, "")
		on.icon, on.off = "print", v.Reason == ""
		r = p.foot(r, on)
		r = p.flow(r, p.t("reason.why"), p.main(), 0)
		note, s := v.Tube, p.body().bolder()
		if problem != "" {
			note, s = note+" · "+problem, s.in(theme.Red)
		}
		r = p.flow(r, note, s.between(p.Small, p.Body), p.Gap*0.5)
		p.choices(r, p.reasons("reprint.reason", "", v.Reasons, v.Reason), 0)
	}
}
