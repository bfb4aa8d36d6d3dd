package ui

import (
	"strconv"
	"strings"
	"time"

	"chot/kiosk/checkpoint"
	"chot/ui/theme"
)

func days(d time.Duration) string { return number(int((d + 23*time.Hour) / (24 * time.Hour))) }

// forWhom opens a form: for oneself or a relative, with the camera in view
// because an identity paper held up fills it in.
func (p *page) forWhom(v checkpoint.ForWhom) {
	r := p.head(p.t("purpose."+string(v.Purpose)), toHome)
	note := p.t("for-whom.privacy", "days", days(v.Retention))
	self := choice{label: p.t("for-whom.self"), icon: "person", face: mainFace, most: p.Body * 1.15, tap: p.host.tap(checkpoint.TapSelf, "")}
	relative := choice{label: p.t("for-whom.relative"), note: p.t("for-whom.relative.note"), icon: "people", most: p.Body * 1.15, tap: p.host.tap(checkpoint.TapRelative, "")}
	if v.Assisted {
		self.label = p.t("for-whom.assisted")
		relative.label, relative.note = p.t("for-whom.assisted.relative"), ""
	}
	question := p.t("for-whom")
	read := p.t("for-whom.paper")
	if v.Read != "" {
		read = p.t("for-whom.read", "family", p.code("family", v.Read), "name", v.Name)
	}
	foot, r := r.bottom(p.Small*pitch*2+p.Gap, 0)
	p.icon(rect{foot.x, foot.y, p.Touch * 0.4, foot.h - p.Gap}, "shield", theme.Green)
	_, foot = foot.left(p.Touch*0.4, p.Gap)
	_, foot = foot.bottom(p.Gap, 0)
	p.text(foot, note, p.small().mid())
	if p.area().tall() {
		r = p.flow(r, question, p.main(), p.Gap)
		buttons, rest := r.bottom(p.Touch*2.9, p.Gap)
		cells := buttons.grid(1, 2, p.Gap)
		p.button(cells[0], self)
		p.button(cells[1], relative)
		words, view := rest.bottom(p.Body*pitch*2, p.Gap)
		p.camera(view.centre(min(view.w, view.h*4/3), view.h), false)
		p.text(words, read, p.body().centred().between(p.Small, p.Body))
		return
	}
	left, right := r.left(r.w*0.42, p.Margin)
	words, view := left.bottom(p.Small*1.1*pitch*3, p.Gap)
	p.camera(view, false)
	p.text(words, read, p.body().between(p.Small, p.Small*1.2))
	right = p.flow(right, question, p.main(), p.Gap)
	top, _ := right.top(min(right.h, p.Touch*3.4), 0)
	cells := top.grid(1, 2, p.Gap)
	p.button(cells[0], self)
	p.button(cells[1], relative)
}

// question asks one question of a form, in the way of its kind.
func (p *page) question(v checkpoint.Question) {
	switch v.Kind {
	case checkpoint.ChoiceQuestion, checkpoint.ChoicesQuestion:
		p.chooseAnswer(v)
	case checkpoint.UnitQuestion:
		p.chooseUnit(v)
	case checkpoint.YearQuestion, checkpoint.DigitsQuestion:
		p.numberPad(pad{
			title: p.stepTitle(v), question: p.asked(v), problem: p.problem(v), text: v.Text, input: digits,
			next: p.next("next", checkpoint.TapNext, ""), way: backHome, example: p.example(v),
		})
	case checkpoint.DocumentQuestion:
		p.typeIn(v, words)
	case checkpoint.NameQuestion:
		p.typeIn(v, names)
	default:
		p.typeIn(v, words)
	}
}

// stepTitle is what is filled in and how far one is.
func (p *page) stepTitle(v checkpoint.Question) string {
	if p.area().tall() {
		return p.t("page.of", "page", number(v.Step), "pages", number(v.Steps))
	}
	return p.t("question.step", "purpose", p.t("purpose."+string(v.Purpose)), "step", number(v.Step), "steps", number(v.Steps))
}

// asked is the question in words: the form's own, the catalogue's for the
// relative or for oneself.
func (p *page) asked(v checkpoint.Question) string {
	if v.Words != "" {
		return v.Words
	}
	if key := "question." + v.ID + ".proxy"; v.Proxy && p.host.language().Has(key) {
		return p.t(key)
	}
	return p.code("question", v.ID)
}

// problem is why the answer does not hold, or that it came from a code and
// wants a look.
func (p *page) problem(v checkpoint.Question) string {
	switch {
	case v.Problem != "":
		return p.code("problem", v.Problem)
	case v.Filled:
		return p.t("question.filled")
	}
	return ""
}

func (p *page) example(v checkpoint.Question) string {
	switch key := "question." + v.ID + ".example"; {
	case p.host.language().Has(key):
		return p.t(key)
	case !v.Required:
		return p.t("question.optional")
	}
	return ""
}

// optionWords are those of an answer: the form's own or the catalogue's.
func (p *page) optionWords(question string, o checkpoint.Option) string {
	if o.Words != "" {
		return o.Words
	}
	return p.code("option."+question, o.Value)
}

func (p *page) chooseAnswer(v checkpoint.Question) {
	r := p.head(p.stepTitle(v), backHome)
	r = p.flow(r, p.asked(v), p.main().between(p.Main, p.Main), p.Gap*0.5)
	many := v.Kind == checkpoint.ChoicesQuestion
	note, chosen := p.problem(v), false
	if note == "" && many {
		note = p.t("question.several")
	}
	s := p.body().between(p.Small, p.Body*0.85).in(theme.Muted)
	if v.Problem != "" {
		s = s.bolder().in(theme.Red)
	}
	var all []choice
	for _, o := range v.Options {
		c := choice{label: p.optionWords(v.ID, o), tap: p.host.tap(checkpoint.TapOption, o.Value), icon: "ring"}
		if many {
			c.icon = "box"
		}
		if o.Chosen {
			c.face, c.icon, c.bold, chosen = chosenFace, c.icon+"-on", true, true
		}
		all = append(all, c)
	}
	if many || chosen || !v.Required {
		next := p.next("next", checkpoint.TapNext, "")
		if !chosen && !v.Required {
			next.label = p.t("skip")
		}
		r = p.foot(r, next)
	} else {
		r = p.foot(r)
	}
	if v.Problem != "" || v.Filled || p.area().tall() || r.h > p.Touch*4 { // else the boxes must do
		r = p.flow(r, note, s, p.Gap)
	}
	p.choices(r, all, 0)
}

// pad is a screen to type a number on.
type pad struct {
	title, question, problem, example string
	text                              string
	input                             input
	next                              choice
	way                               way
}

func (p *page) numberPad(d pad) {
	r := p.head(d.title, d.way)
	f := p.typed(d.text, d.input)
	say := func(r rect) {
		r = p.flow(r, d.question, p.main(), p.Gap)
		field, rest := r.top(min(p.Touch*1.1, r.h), p.Gap)
		p.field(field, f, "")
		s := p.body().between(p.Small, p.Body*0.85).in(theme.Muted)
		text := d.example
		if d.problem != "" {
			s, text = s.bolder().in(theme.Red), d.problem
		}
		p.text(rest, text, s)
	}
	p.enter = d.next.tap
	if p.area().tall() {
		r = p.foot(r, d.next)
		keys, rest := r.bottom(min(p.Touch*4.6, r.h*0.55), p.Gap)
		p.keyboard(keys, f)
		say(rest)
		return
	}
	_, r = r.bottom(p.Gap*0.5, 0)
	keys, left := r.right(min(r.w*0.4, p.Touch*4.2), p.Margin)
	p.keyboard(keys, f)
	foot, rest := left.bottom(p.Touch, p.Gap)
	d.next.centre = true
	p.button(foot, d.next)
	say(rest)
}

// typeIn takes a text on the on-screen keyboard, which needs most of the panel.
func (p *page) typeIn(v checkpoint.Question, in input) {
	f := p.typed(v.Text, in)
	label, style := p.asked(v), p.small()
	note := p.problem(v)
	if note == "" {
		note = p.example(v)
	}
	if note != "" {
		label = label + " – " + note
	}
	if v.Problem != "" {
		style = style.bolder().in(theme.Red)
	}
	rest, next := p.desk(p.stepTitle(v), f, label, style)
	on := p.next("next", checkpoint.TapNext, "")
	if v.Text == "" && !v.Required {
		on.label = p.t("skip")
	}
	p.goOn(next, on)
	if rest.h > p.Main*pitch { // a roomy panel asks in large letters, too
		p.text(rest, p.asked(v), p.main().mid())
	}
}

// desk is a line with its keyboard at the bottom of the panel. Where the panel
// is low the line stands in the head's place, with the way back before it. It
// returns what is left above the keys, and the place for the button that leads
// on.
func (p *page) desk(title string, f *field, label string, s style) (rest, next rect) {
	rows := float32(len(p.layout(f)))
	keys, r := p.area().bottom(p.Touch*rows, 0)
	need := p.Touch * 2.1 // the head and the line
	if f.input == search {
		need = p.Touch * 4.2 // and two rows of what is found
	}
	if r.h >= need {
		under := p.head(title, backHome)
		spare := p.area().h - under.y - p.Touch*1.1
		if f.input == search {
			spare -= p.Touch * 2.95
		}
		keys, r = p.area().bottom(max(p.Touch*rows, min(p.Touch*1.25*rows, spare)), 0)
		r = rect{under.x, under.y, under.w, r.h - under.y}
		var strip rect
		if f.input == search {
			strip, rest = r.top(p.Touch, 0)
		} else {
			strip, rest = r.bottom(min(p.Touch*1.1, r.h), p.Gap)
		}
		next, strip = strip.right(p.Touch*1.2, p.Gap)
		p.fieldWith(strip.trim(0, p.Gap*0.3), f, label, s)
		p.keyboard(keys, f)
		return rest, next
	}
	strip, rest := r.top(p.Touch, 0)
	strip = strip.trim(p.Gap*0.5, 0)
	back, strip := strip.left(p.Touch, p.Gap*0.5)
	p.leave = p.host.tap(checkpoint.TapBack, "")
	p.key(back, back.inset(p.Gap*0.3), choice{icon: "back", face: quietFace, tap: p.leave}).name = p.t("back")
	next, strip = strip.right(p.Touch*1.6, p.Gap*0.5)
	p.fieldWith(strip.trim(0, p.Gap*0.3), f, label, s)
	p.keyboard(keys, f)
	return rest.trim(p.Gap*0.5, 0), next
}

// goOn is the button beside the line: a word where there is room, else an
// arrow.
func (p *page) goOn(r rect, next choice) {
	name := next.label
	if r.w < p.Touch*1.3 {
		next.label = ""
	} else {
		next.icon = ""
	}
	if !next.off {
		p.enter = next.tap
	}
	p.key(r, r.trim(0, p.Gap*0.3), next).name = name
}

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
		turn, r = r.right(p.Touch, p.Gap)
		p.pager(turn, s.Page, s.Pages)
	}
	columns := 2
	if r.w > p.Touch*7 {
		columns = 3
	}
	rows := min(max(1, int(r.h/p.Touch)), (len(s.Matches)+columns-1)/columns)
	height := min(r.h/float32(rows), p.Touch*1.2)
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

// pager turns the pages that the checkpoint keeps.
func (p *page) pager(r rect, at, pages int) {
	up, rest := r.top(min(p.Touch, r.h/2), 0)
	down, middle := rest.bottom(min(p.Touch, rest.h), 0)
	p.key(up, up.inset(p.Gap*0.25), choice{icon: "up", off: at == 0, tap: p.host.tap(checkpoint.TapPage, "-")}).name = p.t("page.before")
	p.key(down, down.inset(p.Gap*0.25), choice{icon: "down", off: at >= pages-1, tap: p.host.tap(checkpoint.TapPage, "+")}).name = p.t("page.after")
	if middle.h >= p.Small*pitch {
		p.text(middle, p.t("page.of", "page", number(at+1), "pages", number(pages)), p.small().centred().between(p.Small*0.8, p.Small))
	}
}

// review shows all answers; each can be changed.
func (p *page) review(v checkpoint.Review) {
	r := p.head(p.t("purpose."+string(v.Purpose)), backHome)
	r = p.flow(r, p.t("review"), p.main(), p.Gap*0.5)
	r = p.foot(r, p.next("review.right", checkpoint.TapNext, ""))
	if v.Pages > 1 {
		var turn rect
		turn, r = r.right(p.Touch, p.Gap)
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

func (p *page) consent(v checkpoint.Consent) {
	r := p.head(p.t("purpose."+string(v.Purpose)), backHome)
	r = p.flow(r, p.t("consent"), p.main(), p.Gap)
	agree := p.next("consent.agree", checkpoint.TapAgree, "")
	agree.icon = "tick"
	buttons := []choice{p.do("consent.decline", "cross", checkpoint.TapDecline, "")}
	if v.MayAdd {
		buttons = append(buttons, p.do("consent.add", "plus", checkpoint.TapAdd, ""))
	}
	r = p.foot(r, append(buttons, agree)...)
	if v.Problem != "" {
		r = p.flow(r, p.code("consent.problem", v.Problem), p.body().bolder().in(theme.Red), p.Gap*0.5)
	}
	p.card(r)
	r = r.trim(p.Margin, p.Gap)
	points := []string{
		p.t("consent.what." + string(v.Purpose)),
		p.t("consent.who"),
		p.t("consent.long", "days", days(v.Retention)),
		p.t("consent.right"),
	}
	if v.Party > 1 {
		points = append(points, p.t("consent.party", "people", number(v.Party)))
	}
	p.points(r, points)
}

// points are sentences with a mark before each, all of the same size.
func (p *page) points(r rect, texts []string) {
	s := p.body().in(theme.Ink)
	s.least = p.Small * 0.8
	mark := p.Body * 0.8
	for size := s.most; ; size-- {
		total := float32(0)
		ok := true
		for _, t := range texts {
			lines, fits := s.wrap(t, size, r.w-mark-p.Gap)
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
		line := rect{r.x, r.y, mark, s.most * pitch}
		p.icon(line.square(), "tick", theme.Green)
		_, text := r.left(mark, p.Gap)
		r = rect{r.x, r.y, r.w, r.h}
		h := p.text(text, t, s)
		_, r = r.top(h, p.Gap*0.6)
	}
}

func (p *page) keeping(v checkpoint.Keeping) {
	icons := map[string]string{"recording": "lock", "signing": "shield", "printing": "print"}
	name := icons[v.Stage]
	if name == "" {
		name = "clock"
	}
	p.notice(notice{title: p.t("purpose." + string(v.Purpose)), icon: name, ground: theme.Green, say: []sentence{{p.code("keeping", v.Stage), p.main()}, p.then("checking.then")}})
}

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
