package ui

import (
	"strings"

	"chot/kiosk/checkpoint"
	"chot/ui/theme"
)

var _ = draws((*page).technical)

// technical is the technician's page: every part of the kiosk with a light and
// a test.
func (p *page) technical(v checkpoint.Technical) {
	if v.Leave {
		leave := p.next("technical.leave", checkpoint.TapLeave, "")
		leave.icon = "door"
		p.notice(notice{
			title: p.t("technical"), way: toBack, icon: "alert", ground: theme.Amber,
			say:  []sentence{p.mainly("technical.leave.sure"), p.then("technical.leave.then")},
			foot: []choice{p.do("back", "back", checkpoint.TapBack, ""), leave},
		})
		return
	}
	r := p.head(p.t("technical"), backHome)
	button := func(key, icon string, t checkpoint.Tap) choice {
		c := p.do(key, icon, t, "")
		c.least, c.off = p.Small*0.8, v.Busy != ""
		return c
	}
	r = p.foot(r,
		button("technical.export", "stick", checkpoint.TapExport), button("technical.receipts", "stick", checkpoint.TapReceipts),
		button("technical.logs", "list", checkpoint.TapLogs), button("technical.leave", "door", checkpoint.TapLeave))
	note := ""
	switch {
	case v.Busy != "":
		note = p.t("technical.busy." + v.Busy)
	case v.Outcome != "":
		note = p.code("technical.outcome", v.Outcome)
		if v.Count > 0 {
			note += " (" + number(v.Count) + ")"
		}
	}
	r = p.flow(r, note, p.body().bolder().in(theme.Green).between(p.Small, p.Body), p.Gap*0.5)
	columns := 3
	if p.area().tall() {
		columns = 1
	}
	rows := max(1, int((r.h+p.Gap*0.5)/(p.Touch+p.Gap*0.5)))
	turn, grid := r.right(p.Touch, p.Gap*0.5)
	per := rows * columns
	pages := max(1, (len(v.Parts)+per-1)/per)
	at := min(p.host.leaf, pages-1)
	if pages > 1 {
		p.turner(turn, at, pages)
	} else {
		grid = r
	}
	cells := grid.grid(columns, rows, p.Gap*0.5)
	for i, part := range v.Parts[at*per : min(len(v.Parts), (at+1)*per)] {
		p.part(cells[i], part)
	}
}

var lamps = map[checkpoint.Severity]struct {
	colour colour
	icon   string
}{
	0: {theme.Green, "tick"}, checkpoint.Notice: {theme.Green, "info"}, checkpoint.Warning: {theme.Amber, "alert"}, checkpoint.Blocking: {theme.Red, "cross"},
}

// part is one part of the kiosk: its light, what it says, and what its last
// test said. Tapping it tests it.
func (p *page) part(r rect, l checkpoint.PartLine) {
	var says []string
	for _, code := range l.Codes {
		says = append(says, p.code("condition", code))
	}
	if l.Value != "" {
		says = append(says, l.Value)
	}
	for _, f := range l.Facts {
		says = append(says, p.t("fact."+f.Code, "value", f.Value))
	}
	if l.Test != "" {
		test := p.t("test." + l.Test)
		if l.Detail != "" {
			test += ": " + p.detail(l.Detail)
		}
		says = append([]string{test}, says...)
	}
	tap := p.host.tap(checkpoint.TapTest, string(l.Part))
	if l.Part == checkpoint.PartCamera {
		tap = p.host.tap(checkpoint.TapCamera, "")
	}
	if l.Part == checkpoint.PartBacklog {
		tap, l.Testable = p.host.tap(checkpoint.TapSeries, ""), true
	}
	look := lamps[l.Severity]
	c := choice{tap: tap, off: !l.Testable, draw: func(r rect) (objects []canvasObject) {
		pic, r := r.left(p.Touch*0.5, p.Gap*0.8)
		pic = pic.square()
		mark := badge(look.icon, look.colour, theme.On(look.colour), pic.w)
		mark.Move(pic.pos())
		mark.Resize(pic.size())
		objects = append(objects, mark)
		head, foot := r.top(r.h*0.46, 0)
		objects = append(objects, p.set(head, p.t("part."+string(l.Part)), p.body().bolder().mid().in(theme.Ink).between(p.Small*0.85, p.Body*0.85)).objects...)
		detail := strings.Join(says, " · ")
		if detail == "" {
			detail = p.t("part.fine")
		}
		return append(objects, p.set(foot, detail, p.small().in(theme.Muted).between(p.Small*0.62, p.Small*0.9)).objects...)
	}}
	p.button(r, c).name = p.t("part." + string(l.Part))
}

// detail is what a test saw: words for a code, else as it is, such as a reading.
func (p *page) detail(seen string) string {
	if p.host.language().Has("test.detail." + seen) {
		return p.code("test.detail", seen)
	}
	return seen
}

var _ = draws((*page).cameraAid)

// cameraAid helps to focus: the picture, and two bars that should be full and
// in the middle.
func (p *page) cameraAid(v checkpoint.CameraAid) {
	r := p.head(p.t("camera-aid"), toBack)
	done := p.next("done", checkpoint.TapBack, "")
	done.icon = "tick"
	r = p.foot(r, done)
	var view, side rect
	if p.area().tall() {
		view, side = r.top(min(r.h*0.55, r.w*0.75), p.Margin)
		view = view.centre(min(view.w, view.h*4/3), view.h)
	} else {
		view, side = r.left(min(r.w*0.55, r.h*4/3), p.Margin)
	}
	p.camera(view, false)
	advice := p.t("camera-aid.good")
	if v.Advice != "" {
		advice = p.t("hint." + string(v.Advice))
	}
	side = p.flow(side, advice, p.main(), p.Gap)
	bar := func(label string, part float32, good bool) {
		var line rect
		side = p.flow(side, label, p.body().between(p.Small, p.Body*0.85), p.Gap*0.3)
		line, side = side.top(p.Body*0.7, p.Gap)
		p.panel(line, theme.Line, none)
		c := theme.Amber
		if good {
			c = theme.Green
		}
		p.panel(rect{line.x, line.y, max(line.h, line.w*min(1, part)), line.h}, c, none)
	}
	bar(p.t("camera-aid.focus", "value", number(v.Focus)), float32(v.Focus)/100, v.Focus >= 50)
	bar(p.t("camera-aid.exposure", "value", number(v.Exposure)), float32(v.Exposure)/255, v.Exposure > 70 && v.Exposure < 190)
}

var stages = []checkpoint.ProvisionStage{
	checkpoint.Joining, checkpoint.Clock, checkpoint.Enrolling, checkpoint.Fetching, checkpoint.Testing, checkpoint.Ready,
}

var _ = draws((*page).provision)

func (p *page) provision(v checkpoint.Provision) {
	title := p.t("provision")
	problem := ""
	if v.Problem != "" {
		problem = p.code("provision.problem", v.Problem)
	}
	switch v.Stage {
	case checkpoint.ShowSheet, "":
		p.scan(scan{title: title, way: noWay, say: []sentence{p.mainly("provision.sheet"), p.then("provision.sheet.then")}, problem: problem})
		return
	case checkpoint.Confirm:
		p.notice(notice{
			title: title, icon: "shield", ground: theme.Amber,
			say:  []sentence{p.mainly("provision.confirm"), {v.Key, p.body().bolder()}, {v.Site + " · " + v.Server, p.body().between(p.Small, p.Body)}},
			foot: []choice{p.do("provision.no", "cross", checkpoint.TapBack, ""), p.next("provision.yes", checkpoint.TapNext, "")},
		})
		return
	}
	r := p.head(title, noWay)
	switch {
	case v.Stage == checkpoint.Ready:
		r = p.foot(r, p.next("done", checkpoint.TapDone, ""))
	case problem != "":
		r = p.foot(r, p.do("provision.again", "undo", checkpoint.TapBack, ""))
	default:
		_, r = r.bottom(p.Margin, 0)
	}
	main, s := p.t("provision.running"), p.main()
	if v.Stage == checkpoint.Ready {
		main = p.t("provision.ready")
	}
	r = p.flow(r, main, s, 0)
	note, ns := v.Site+" · "+v.Server, p.body().between(p.Small, p.Body)
	if problem != "" {
		note, ns = problem, ns.bolder().in(theme.Red)
	}
	r = p.flow(r, note, ns, p.Gap)
	if v.Stage == checkpoint.Ready && len(v.Parts) > 0 {
		p.tested(r, v.Parts)
		return
	}
	p.steps(r, v)
}

// tested are the parts of a new kiosk with a light each.
func (p *page) tested(r rect, parts []checkpoint.PartLine) {
	columns := 2
	if p.area().tall() {
		columns = 1
	}
	rows := (len(parts) + columns - 1) / columns
	block, _ := r.top(min(r.h, float32(rows)*p.Touch), 0)
	for i, cell := range block.grid(columns, rows, p.Gap*0.5) {
		if i >= len(parts) {
			break
		}
		look := lamps[parts[i].Severity]
		pic, text := cell.left(min(cell.h, p.Body*1.5), p.Gap)
		p.badge(pic.square(), look.icon, look.colour, theme.On(look.colour))
		says := p.t("part." + string(parts[i].Part))
		for _, code := range parts[i].Codes {
			says += ": " + p.code("condition", code)
		}
		p.text(text, says, p.body().mid().between(p.Small*0.8, p.Body*0.9))
	}
}

// steps are the stages of provisioning with how far it is.
func (p *page) steps(r rect, v checkpoint.Provision) {
	at := 0
	for i, s := range stages {
		if s == v.Stage {
			at = i
		}
	}
	columns := 2
	if p.area().tall() {
		columns = 1
	}
	rows := (len(stages) + columns - 1) / columns
	height := min(r.h, float32(rows)*p.Touch)
	block, _ := r.top(height, 0)
	for i, cell := range block.grid(columns, rows, p.Gap*0.5) {
		if i >= len(stages) {
			break
		}
		name, c := "clock", theme.Muted
		switch {
		case i < at || v.Stage == checkpoint.Ready:
			name, c = "tick", theme.Green
		case i == at && v.Problem != "":
			name, c = "cross", theme.Red
		case i == at:
			name, c = "wave", theme.Amber
		}
		pic, text := cell.left(min(cell.h, p.Body*1.5), p.Gap)
		p.badge(pic.square(), name, c, theme.On(c))
		p.text(text, p.t("stage."+string(stages[i])), p.body().mid())
	}
}
