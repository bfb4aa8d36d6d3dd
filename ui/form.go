package ui

import (
	"strings"
	"time"

	"chot/kiosk/checkpoint"
	"chot/ui/theme"
)

func days(d time.Duration) string { return number(int((d + 23*time.Hour) / (24 * time.Hour))) }

var _ = draws((*page).forWhom)

// forWhom opens a form: for oneself or a relative, with the camera in view
// because an identity paper held up fills it in.
func (p *page) forWhom(v checkpoint.ForWhom) {
	back := toHome
	if v.Purpose == checkpoint.ForSample {
		back = backHome // to the desk that asks for this person
	}
	r := p.head(p.t("purpose."+string(v.Purpose)), back)
	note := p.t("for-whom.privacy", "days", days(v.Retention))
	title := p.t("for-whom")
	if v.Purpose == checkpoint.ForTest || v.Purpose == checkpoint.ForVaccination {
		title = p.t("for-whom.register")
	}
	if v.Party > 0 {
		title = p.t("for-whom.next", "place", number(v.Party+1))
	}
	self := choice{label: p.t("for-whom.self"), icon: "person", face: mainFace, most: p.Body * 1.15, tap: p.host.tap(checkpoint.TapSelf, "")}
	relative := choice{label: p.t("for-whom.relative"), note: p.t("for-whom.relative.note"), icon: "people", most: p.Body * 1.15, tap: p.host.tap(checkpoint.TapRelative, "")}
	if v.Assisted {
		self.label = p.t("for-whom.assisted")
		relative.label, relative.note = p.t("for-whom.assisted.relative"), ""
	}
	question := title
	read := p.t("for-whom.paper")
	if v.Read != "" {
		read = p.t("for-whom.read", "family", p.code("family", v.Read), "name", v.Name)
	}
	if v.Problem != "" {
		read = p.code("lookup", v.Problem)
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

var _ = draws((*page).question)

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
	if v.About != "" {
		return p.t("question.about", "name", v.About, "step", number(v.Step), "steps", number(v.Steps))
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

var _ = draws((*page).healthCheck)

// healthCheck asks several questions at once that most people answer by no.
func (p *page) healthCheck(v checkpoint.HealthCheck) {
	r := p.head(p.stepTitle(checkpoint.Question{Purpose: v.Purpose, Step: v.Step, Steps: v.Steps, About: v.About}), backHome)
	none := p.next("health.none", checkpoint.TapNext, "")
	none.icon = "tick"
	r = p.foot(r, p.do("health.some", "list", checkpoint.TapOption, ""), none)
	r = p.flow(r, p.t("health"), p.main(), p.Gap*0.5)
	var texts []string
	for _, l := range v.Lines {
		text := p.asked(checkpoint.Question{ID: l.ID, Words: l.Words, Proxy: v.Proxy})
		var options []string
		for _, o := range l.Options {
			options = append(options, p.optionWords(l.ID, o))
		}
		if len(options) > 0 {
			text += " " + strings.Join(options, ", ")
		}
		texts = append(texts, text)
	}
	p.card(r)
	p.points(r.trim(p.Margin, p.Gap), "info", texts)
}
