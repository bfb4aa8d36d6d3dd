package ui

import (
	"chot/kiosk/checkpoint"
	"chot/ui/theme"
)

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
