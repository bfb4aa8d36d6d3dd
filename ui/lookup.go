package ui

import (
	"strings"

	"chot/kiosk/checkpoint"
	"chot/ui/theme"
)

// scan is a screen that waits for something to be held up.
type scan struct {
	title   string
	way     way
	say     []sentence
	problem string
	choices []choice // instead of holding something up
	foot    []choice
}

func (p *page) scan(d scan) {
	r := p.head(d.title, d.way)
	r = p.foot(r, d.foot...)
	if len(d.choices) > 0 {
		var list rect
		if p.area().tall() {
			list, r = r.bottom(r.h*0.5, p.Gap)
			p.choices(list.inset(p.Gap/2), d.choices, 2)
		} else {
			list, r = r.right(r.w*0.37, p.Margin)
			p.choices(list.inset(p.Gap/2), d.choices, 1)
		}
	}
	if d.problem != "" {
		d.say = append(d.say, sentence{d.problem, p.body().bolder().in(theme.Red)})
	}
	if p.area().tall() {
		view, words := r.top(min(r.h*0.45, r.w*0.75), p.Gap)
		p.camera(view.centre(min(view.w, view.h*4/3), view.h), false)
		p.spoken(words, d.say)
		return
	}
	view, words := r.left(min(r.w*0.47, r.h*4/3), p.Margin*1.2)
	p.camera(view, false)
	p.spoken(words, d.say)
}

// lookUpProblem words why nothing was found; offline says what to do instead.
func (p *page) lookUpProblem(code string) string {
	if code == "" {
		return ""
	}
	return p.code("lookup", code)
}

func (p *page) waiting(title string, w way) {
	p.notice(notice{title: title, way: w, icon: "network", ground: theme.Green, say: []sentence{p.mainly("lookup.waiting"), p.then("checking.then")}})
}

var _ = draws((*page).resultLookUp)

func (p *page) resultLookUp(v checkpoint.ResultLookUp) {
	title := p.t("result.title")
	switch {
	case v.Waiting:
		p.waiting(title, toHome)
	case !v.Slip:
		p.scan(scan{title: title, way: toHome, say: []sentence{p.mainly("result.slip"), p.then("result.slip.then")}, problem: p.lookUpProblem(v.Problem)})
	default:
		p.lastFour(title, v.Digits, v.Problem)
	}
}

func (p *page) lastFour(title, digitsSoFar, problem string) {
	next := p.next("next", checkpoint.TapNext, "")
	p.numberPad(pad{
		title: title, way: backHome, question: p.t("lookup.four"), example: p.t("lookup.four.then"),
		problem: p.lookUpProblem(problem), text: digitsSoFar, input: digits, next: next,
	})
}

var outcomes = map[string]struct {
	colour colour
	icon   string
}{
	"negative": {theme.Green, "minus"}, "positive": {theme.Red, "plus"}, "suspected": {theme.Amber, "alert"},
	"undetermined": {theme.Amber, "alert"}, "unfit": {theme.Ink, "undo"}, "resample": {theme.Ink, "undo"},
}

var _ = draws((*page).resultShown)

func (p *page) resultShown(v checkpoint.ResultShown) {
	r := p.head(p.t("result.title"), toHome)
	done := p.next("done", checkpoint.TapDone, "")
	done.icon = "tick"
	buttons := []choice{done}
	if v.CanPrint && !v.Printed {
		buttons = []choice{p.do("result.print", "print", checkpoint.TapPrint, ""), done}
	}
	r = p.foot(r, buttons...)
	p.drain()
	words := r
	if v.Code != "" {
		card := r
		if p.area().tall() {
			d := min(r.w*0.6, r.h*0.42)
			card, words = r.bottom(d, p.Gap)
		} else {
			card, words = r.right(min(r.h, r.w*0.36), p.Margin)
		}
		card = card.square()
		p.panel(card, theme.White, theme.Line)
		p.qr(card.inset(p.Gap*0.5), v.Code)
	}
	who := v.Name
	if v.Problem != "" {
		who = strings.TrimPrefix(who+" · "+p.code("slip.unprinted", v.Problem), " · ")
	} else if v.Printed {
		who = strings.TrimPrefix(who+" · "+p.t("slip.take"), " · ")
	}
	words = p.flow(words, who, p.body().between(p.Small, p.Body), p.Gap*0.5)
	rows := max(1, len(v.Results))
	height := min(p.Touch*1.6, (words.h-p.Gap*float32(rows-1))/float32(rows))
	for i, l := range v.Results {
		p.resultLine(rect{words.x, words.y + float32(i)*(height+p.Gap), words.w, height}, l)
	}
	if len(v.Results) == 0 {
		p.text(words, p.t("result.none"), p.main().mid())
	}
}

func (p *page) resultLine(r rect, l checkpoint.ResultLine) {
	p.card(r)
	r = r.trim(p.Gap, p.Gap*0.5)
	pic, r := r.left(min(r.h, p.Touch*0.8), p.Gap*1.2)
	look, text := outcomes[l.Outcome.String()], p.t("outcome.waiting")
	if l.Outcome != 0 {
		text = p.code("outcome", l.Outcome.String())
	} else {
		look.colour, look.icon = theme.Muted, "clock"
	}
	p.badge(pic.square(), look.icon, look.colour, theme.On(look.colour))
	foot, r := r.bottom(p.Small*pitch, 0)
	p.text(r, text, p.main().mid().in(theme.Ink).between(p.Body, p.Main))
	if !l.Corrected.IsZero() {
		p.text(foot, p.t("result.corrected", "date", day(l.Corrected), "outcome", p.code("outcome", l.Before.String())), p.small().bolder().in(theme.Red).between(p.Small*0.8, p.Small))
		return
	}
	p.text(foot, p.t("result.of", "technique", p.t("technique."+l.Technique.String()), "date", day(l.Sampled), "time", clock(l.Sampled)), p.small().in(theme.Muted).between(p.Small*0.8, p.Small))
}

var _ = draws((*page).vaccinationDesk)

func (p *page) vaccinationDesk(checkpoint.VaccinationDesk) {
	p.ask(ask{
		title: p.t("service.vaccination"), way: toHome, question: p.t("vaccination"), columns: 1,
		choices: []choice{
			{label: p.t("vaccination.register"), icon: "syringe", tap: p.host.tap(checkpoint.TapRegister, "")},
			{label: p.t("vaccination.status"), icon: "search", tap: p.host.tap(checkpoint.TapStatus, "")},
			{label: p.t("vaccination.certificate"), icon: "qr", tap: p.host.tap(checkpoint.TapShow, "")},
		},
	})
}

var _ = draws((*page).vaccinationAsk)

func (p *page) vaccinationAsk(v checkpoint.VaccinationAsk) {
	title := p.t("vaccination.status")
	if v.Certificate {
		title = p.t("vaccination.certificate")
	}
	switch {
	case v.Waiting:
		p.waiting(title, backHome)
	case !v.Read:
		p.scan(scan{title: title, way: backHome, say: []sentence{p.mainly("vaccination.paper"), p.then("vaccination.paper.then")}, problem: p.lookUpProblem(v.Problem)})
	default:
		p.lastFour(title, v.Digits, v.Problem)
	}
}

var _ = draws((*page).vaccinationStatus)

func (p *page) vaccinationStatus(v checkpoint.VaccinationStatus) {
	r := p.head(p.t("vaccination.status"), backHome)
	done := p.next("done", checkpoint.TapDone, "")
	done.icon = "tick"
	buttons := []choice{done}
	if v.CanShow {
		buttons = []choice{p.do("vaccination.certificate", "qr", checkpoint.TapShow, ""), done}
	}
	r = p.foot(r, buttons...)
	p.drain()
	main := p.t("vaccination.doses", "doses", number(len(v.Doses)))
	if len(v.Doses) == 0 {
		main = p.t("vaccination.no-doses")
	}
	r = p.flow(r, v.Name, p.body(), 0)
	r = p.flow(r, main, p.main(), p.Gap*0.5)
	note := ""
	switch {
	case !v.Invited.IsZero():
		note = p.t("vaccination.invited", "date", day(v.Invited), "time", clock(v.Invited), "place", v.Place)
	case v.Registered:
		note = p.t("vaccination.registered")
	}
	r = p.flow(r, note, p.body().bolder().in(theme.Green).between(p.Small, p.Body), p.Gap)
	rows := max(1, len(v.Doses))
	height := min(p.Touch*0.8, (r.h-p.Gap*0.5*float32(rows-1))/float32(rows))
	for i, d := range v.Doses {
		line := rect{r.x, r.y + float32(i)*(height+p.Gap*0.5), r.w, height}
		p.card(line)
		line = line.trim(p.Gap, p.Gap*0.2)
		num, line := line.left(height*0.8, p.Gap)
		p.text(num, number(d.Number), p.body().bolder().centred().in(theme.Green))
		p.text(line, d.Product+" · "+day(d.At)+" · "+d.Place, p.body().mid().in(theme.Ink).between(p.Small*0.75, p.Body*0.85))
	}
}

var _ = draws((*page).certificate)

func (p *page) certificate(v checkpoint.Certificate) {
	r := p.head(p.t("vaccination.certificate"), backHome)
	done := p.next("done", checkpoint.TapDone, "")
	done.icon = "tick"
	var card, words rect
	if p.area().tall() {
		r = p.foot(r, done)
		card, words = r.top(min(r.w, r.h*0.6), p.Gap)
	} else { // the whole height for a code with a great deal in it
		_, r = r.bottom(p.Gap, 0)
		card, words = r.left(min(r.h, r.w*0.55), p.Margin*1.2)
		foot, rest := words.bottom(p.Touch, p.Gap)
		done.centre = true
		p.button(foot, done)
		p.enter = done.tap
		words = rest
	}
	p.drain()
	card = card.square()
	p.panel(card, theme.White, theme.Line)
	p.qr(card.inset(p.Gap*0.3), v.Code)
	p.spoken(words, []sentence{p.mainly("certificate"), {v.Name, p.body().bolder()}, p.then("certificate.then")})
}
