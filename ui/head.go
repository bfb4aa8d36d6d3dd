package ui

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"chot/kiosk/checkpoint"
	"chot/ui/theme"
)

// way is what stands at the left of a screen's head.
type way uint8

const (
	noWay    way = iota
	toBack       // one step back
	toHome       // give up
	backHome     // both
)

// head is the strip above every screen: the way back at the left, what this
// is, the language and help at the right. It returns what is under it.
func (p *page) head(title string, w way) rect {
	bar, rest := p.area().top(p.Touch+p.Gap*0.5, 0)
	bar = bar.trim(p.Gap*0.5, p.Gap*0.25)
	f := quietFace
	f.ink = p.ink()
	tool := func(r rect, icon, name string, tap func()) {
		p.key(r, r.inset(p.Gap*0.4), choice{icon: icon, face: f, tap: tap}).name = p.t(name)
	}
	var at rect
	if w == toBack || w == backHome {
		at, bar = bar.left(p.Touch, 0)
		p.leave = p.host.tap(checkpoint.TapBack, "")
		tool(at, "back", "back", p.leave)
	}
	if w == toHome || w == backHome {
		at, bar = bar.left(p.Touch, 0)
		home := p.host.tap(checkpoint.TapHome, "")
		if p.leave == nil {
			p.leave = home
		}
		tool(at, "home", "home", home)
	}
	if w == noWay {
		_, bar = bar.left(p.Margin-p.Gap*0.5, 0)
	}
	if _, open := p.host.state.View.(checkpoint.Help); !open {
		at, bar = bar.right(p.Touch, 0)
		tool(at, "help", "help", p.host.tap(checkpoint.TapHelp, ""))
	}
	bar = p.languageButton(bar, f)
	bar = p.lights(bar)
	if idle, ok := p.host.state.View.(checkpoint.Idle); ok {
		if bar = p.direction(bar, idle); bar.w < p.Touch*3 {
			title = ""
		}
	}
	p.title(bar, title)
	return rest.trim(p.Margin, 0)
}

// languageButton offers the other language at the right of bar, in its own
// name, or as a code where that is too long.
func (p *page) languageButton(bar rect, f face) rect {
	other := p.host.otherLanguage()
	if p.area().tall() {
		at, rest := bar.right(p.Touch, 0)
		p.key(at, at.inset(p.Gap*0.4), choice{label: other.Short(), face: f, most: p.Body, tap: p.host.nextLanguage, bold: true})
		return rest
	}
	at, rest := bar.right(p.Touch*2.1, 0)
	p.key(at, at.inset(p.Gap*0.4), choice{
		icon: "globe", label: other.Name(), face: f, least: p.Small * 0.9, most: p.Small * 1.2, tap: p.host.nextLanguage,
	})
	return rest
}

// lights are what a glance at the head tells: the province cannot be reached,
// and, for staff, that something is wrong with the kiosk.
func (p *page) lights(bar rect) rect {
	s := p.host.state
	light := func(name string, ink bool) {
		var at rect
		at, bar = bar.right(p.Touch*0.42, p.Gap*0.5)
		c := p.muted()
		if ink {
			c = p.ink()
		}
		p.icon(at, name, c)
	}
	if s.Offline {
		light("offline", false)
	}
	if s.Staff.Number != "" && len(s.Conditions) > 0 {
		light("bell", true)
	}
	return bar
}

// title is what the screen is; under it who is logged in, or the time where
// no one has begun.
func (p *page) title(bar rect, title string) {
	s := p.host.state
	_, idle := s.View.(checkpoint.Idle)
	if s.Staff.Number == "" && !idle || bar.w < p.Touch*2.4 && !idle {
		p.text(bar, title, p.body().bolder().mid().between(p.Small*0.75, p.Body))
		return
	}
	if title == "" {
		p.tickingText(bar, p.body().bolder().mid(), func(s checkpoint.State) string { return clock(s.Now) })
		return
	}
	upper, lower := bar.trim(0, bar.h*0.08).top(bar.h*0.48, 0)
	p.text(upper, title, p.body().bolder().mid().between(p.Small*0.8, p.Body*0.9))
	under := p.small().between(p.Small*0.8, p.Small*0.9)
	if idle {
		p.tickingText(lower, under, func(s checkpoint.State) string {
			return p.t("weekday."+strconv.Itoa(int(s.Now.In(zone).Weekday()))) + ", " + day(s.Now) + "  " + clock(s.Now)
		})
		return
	}
	p.text(lower, s.Staff.Name, under)
}

// foot lays buttons in a row at the bottom of r and returns what is above. The
// last is the one that leads on; Enter presses it.
func (p *page) foot(r rect, buttons ...choice) rect {
	if len(buttons) == 0 {
		_, rest := r.bottom(p.Margin, 0)
		return rest
	}
	columns, rows := len(buttons), 1
	if p.area().tall() && columns > 2 {
		rows, columns = (columns+1)/2, 2
	}
	_, r = r.bottom(p.Gap*0.5, 0)
	bar, rest := r.bottom(p.Touch*float32(rows)+p.Gap*float32(rows-1), p.Gap)
	if len(buttons) == 1 && bar.w > p.Touch*6 { // one button need not be a foot wide
		bar = bar.centre(p.Touch*6, bar.h)
	}
	cells := bar.grid(columns, rows, p.Gap)
	if columns*rows > len(buttons) { // an odd one out gets the rest of its row
		cells[len(buttons)-1].w = bar.x + bar.w - cells[len(buttons)-1].x
	}
	for i, b := range buttons {
		b.centre = true
		p.button(cells[i], b)
	}
	if last := buttons[len(buttons)-1]; !last.off && last.face == mainFace {
		p.enter = last.tap
	}
	return rest
}

// next is the button that leads on.
func (p *page) next(key string, t checkpoint.Tap, value string) choice {
	return choice{label: p.t(key), icon: "next", face: mainFace, tap: p.host.tap(t, value)}
}

// do is any other button.
func (p *page) do(key, icon string, t checkpoint.Tap, value string) choice {
	return choice{label: p.t(key), icon: icon, tap: p.host.tap(t, value)}
}

// drain is a line along the bottom edge that shrinks until the screen goes away
// by itself.
type drain struct {
	line  *canvas.Rectangle
	full  float32
	whole float64 // seconds when the screen came up
}

func (p *page) drain() {
	s := p.host.state
	if s.Leaves.IsZero() || !s.Leaves.After(s.Now) {
		return
	}
	c := theme.Green
	if p.ground != theme.Ground {
		c = p.ink()
	}
	height := p.Line * 1.6
	r, _ := p.area().bottom(height, 0)
	line := canvas.NewRectangle(c)
	p.add(line, r)
	p.going = &drain{line: line, full: r.w, whole: s.Leaves.Sub(s.Now).Seconds()}
}

// tick moves what moves by itself: the clock and what counts down.
func (p *page) tick(s checkpoint.State) {
	if d := p.going; d != nil {
		left := max(0, min(1, s.Leaves.Sub(s.Now).Seconds()/d.whole))
		d.line.Resize(fyne.NewSize(d.full*float32(left), d.line.Size().Height))
	}
	if f := p.frame; f != nil && f.Hidden != (s.Now.Unix()%2 == 1) {
		f.Hidden = !f.Hidden
		f.Refresh()
	}
	for _, t := range p.ticking {
		if text := t.style.edged(t.text(s)); text != t.line.Text {
			t.line.Text = text
			t.line.Refresh()
		}
	}
}

// ticking is a line of text that depends on the time.
type ticking struct {
	line  *canvas.Text
	style style
	text  func(checkpoint.State) string
}

// tickingText puts a line on the page that follows the time.
func (p *page) tickingText(r rect, s style, text func(checkpoint.State) string) {
	line := s.line(text(p.host.state), s.most)
	height := s.height(1, s.most)
	if s.middle {
		r.y += (r.h - height) / 2
	}
	p.add(line, seat(rect{r.x, r.y, r.w, height}, s.most))
	p.ticking = append(p.ticking, ticking{line, s, text})
}
