package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"chot/ui/theme"
)

// page is one screen in the making: objects at fixed places on a panel.
type page struct {
	theme.Sizes
	host    *UI
	ground  colour
	objects []canvasObject
	cut     []string          // texts that did not fit, which is a bug
	live    bool              // the camera's picture is on it
	line    *field            // where typed letters go; nil where nothing is typed
	enter   func()            // what Enter does, nil for nothing
	leave   func()            // what Escape does, nil for nothing
	going   *drain            // nil where nothing counts down
	ticking []ticking         // lines that follow the time
	frame   *canvas.Rectangle // flashes once a second; nil where nothing calls for attention
}

func (p *page) area() rect {
	return rect{0, 0, p.host.size.Width, p.host.size.Height}
}

func (p *page) add(o canvasObject, r rect) {
	o.Move(r.pos())
	o.Resize(r.size())
	p.objects = append(p.objects, o)
}

// t is the text of a key in the current language.
func (p *page) t(key string, fill ...string) string { return p.host.language().Text(key, fill...) }

// The styles. ink is that of the page's ground.
func (p *page) main() style {
	return style{least: p.Main, most: p.Main, bold: true, ink: p.ink()}
}
func (p *page) body() style {
	return style{least: p.Body * 0.8, most: p.Body, ink: p.ink()}
}
func (p *page) small() style {
	return style{least: p.Small, most: p.Small, ink: p.muted()}
}

func (p *page) ink() color.NRGBA {
	if p.ground == theme.Ground {
		return theme.Ink
	}
	return theme.On(p.ground)
}

func (p *page) muted() color.NRGBA {
	if p.ground == theme.Ground {
		return theme.Muted
	}
	return theme.On(p.ground)
}

// lines are the texts of one wrapped text and the height that they take.
type lines struct {
	objects []canvasObject
	height  float32
}

// set places a text in r, which is relative to whatever holds the objects.
func (p *page) set(r rect, text string, s style) lines {
	broken, size, ok := s.fit(text, r.w, r.h)
	if !ok {
		p.cut = append(p.cut, text)
	}
	var out lines
	out.height = s.height(len(broken), size)
	y := r.y
	if s.middle {
		y += (r.h - out.height) / 2
	}
	for _, b := range broken {
		t := s.line(b, size)
		at := seat(rect{r.x, y, r.w, size * pitch}, size)
		t.Move(at.pos())
		t.Resize(at.size())
		out.objects = append(out.objects, t)
		y += size * pitch
	}
	return out
}

// text puts a text on the page and returns the height that it took.
func (p *page) text(r rect, text string, s style) float32 {
	if text == "" {
		return 0
	}
	l := p.set(r, text, s)
	p.objects = append(p.objects, l.objects...)
	return l.height
}

// flow puts a text at the top of r and returns what remains under it.
func (p *page) flow(r rect, text string, s style, gap float32) rect {
	if text == "" {
		return r
	}
	_, rest := r.top(p.text(r, text, s), gap)
	return rest
}

// card draws a white part with round corners.
func (p *page) card(r rect) { p.panel(r, theme.Card, theme.Line) }

func (p *page) panel(r rect, fill, edge color.NRGBA) {
	o := plate{fill: fill, edge: edge, radius: min(p.Radius, r.h/2), line: max(1, p.Line*0.5)}.object(r.size())
	o.Move(r.pos())
	p.objects = append(p.objects, o)
}

func (p *page) icon(r rect, name string, ink color.NRGBA) {
	r = r.square()
	p.add(icon(name, ink, r.w), r)
}

// badge is an icon in a filled circle.
func (p *page) badge(r rect, name string, fill, ink colour) {
	r = r.square()
	p.add(badge(name, fill, ink, r.w), r)
}

// choice is what a button says and does.
type choice struct {
	label  string
	note   string // a second, smaller line
	icon   string
	face   face
	above  bool // the icon stands above the label, not before it
	least  float32
	most   float32
	tap    func()
	off    bool
	bold   bool
	centre bool                        // icon and label stand in the middle together
	draw   func(r rect) []canvasObject // instead of icon, label and note
}

// flash has a frame around the panel flash, so that staff see from afar where they
// are called.
func (p *page) flash() {
	p.frame = canvas.NewRectangle(none)
	p.frame.StrokeColor, p.frame.StrokeWidth = theme.Amber, p.Gap
	p.add(p.frame, p.area())
}

// anywhere has a touch of the whole panel do something, wherever no button is.
func (p *page) anywhere(do func()) {
	r := p.area()
	b := newButton(p.host, "", face{}, r, r, p.Sizes, do)
	b.quiet = true
	p.add(b, r)
}

// button puts a choice on the page.
func (p *page) button(r rect, c choice) *button { return p.key(r, r, c) }

// key is a button that is smaller to the eye than to the finger.
func (p *page) key(r, seen rect, c choice) *button {
	if c.face == (face{}) {
		c.face = plainFace
	}
	if c.off {
		c.face.ink, c.face.edge = theme.Muted, theme.Line
		if c.face.fill == theme.Green {
			c.face.fill = theme.Line
		}
	}
	b := newButton(p.host, c.label, c.face, r, seen, p.Sizes, c.tap)
	if c.off {
		b.disable()
	}
	inner := rect{seen.x - r.x, seen.y - r.y, seen.w, seen.h}.trim(p.Gap*0.9, p.Gap*0.3)
	if c.draw != nil {
		b.content = c.draw(inner)
	} else {
		b.content = p.inside(inner, c)
	}
	p.add(b, r)
	return b
}

// inside lays out icon, label and note within a button.
func (p *page) inside(r rect, c choice) (objects []canvasObject) {
	label := style{least: p.Body * 0.8, most: p.Body, bold: c.bold || c.face == mainFace, ink: c.face.ink}
	if c.least > 0 {
		label.least = c.least
	}
	if c.most > 0 {
		label.most = max(c.most, label.least)
	}
	label.middle = true
	put := func(o canvasObject, r rect) {
		o.Move(r.pos())
		o.Resize(r.size())
		objects = append(objects, o)
	}
	switch {
	case c.icon != "" && c.label == "":
		put(icon(c.icon, c.face.ink, p.Touch*0.5), r.centre(p.Touch*0.5, p.Touch*0.5))
		return objects
	case c.icon != "" && c.above:
		label.align = fyne.TextAlignCenter
		d := min(p.Touch*0.5, r.h*0.42)
		pic, rest := r.top(d, 0)
		put(icon(c.icon, c.face.accent(), d), pic.centre(d, d))
		r = rest
	case c.icon != "":
		d := min(max(p.Touch*0.44, r.h*0.36), r.h*0.7)
		if c.centre { // as one group in the middle
			lines, size, _ := label.fit(c.label, r.w-d-p.Gap, r.h)
			wide := float32(0)
			for _, l := range lines {
				wide = max(wide, label.width(l, size))
			}
			_, r = r.left(max(0, (r.w-d-p.Gap-wide)/2-p.Gap*0.5), 0)
		}
		pic, rest := r.left(d, p.Gap)
		put(icon(c.icon, c.face.accent(), d), pic.centre(d, d))
		r = rest
	default:
		label.align = fyne.TextAlignCenter
		if c.note != "" {
			label.align = fyne.TextAlignLeading
		}
	}
	if c.note == "" {
		return append(objects, p.set(r, c.label, label).objects...)
	}
	note := style{least: p.Small * 0.92, most: p.Small * 1.1, ink: c.face.ink, align: label.align}
	if c.face.fill == theme.Card || c.face.fill == theme.Soft {
		note.ink = theme.Muted
	}
	head := p.set(rect{r.x, r.y, r.w, r.h * 0.62}, c.label, style{least: label.least, most: label.most, bold: label.bold, ink: label.ink, align: label.align})
	foot := p.set(rect{r.x, r.y, r.w, r.h - head.height}, c.note, note)
	y := (r.h - head.height - foot.height) / 2
	shift(head.objects, y)
	shift(foot.objects, y+head.height)
	return append(append(objects, head.objects...), foot.objects...)
}

// accent is the colour of a face's icon.
func (f face) accent() color.NRGBA {
	if f.ink == theme.Ink {
		return theme.Green
	}
	return f.ink
}

func shift(objects []canvasObject, y float32) {
	for _, o := range objects {
		o.Move(o.Position().AddXY(0, y))
	}
}

type (
	colour       = color.NRGBA
	canvasObject = fyne.CanvasObject
)

// fill is a plain rectangle.
func (p *page) fill(r rect, c colour) { p.add(canvas.NewRectangle(c), r) }

// code words a code that came with a state. One that the catalogue does not know
// yet is shown as it is, with words around it where there are any.
func (p *page) code(place, code string) string {
	key, other := place+"."+code, place+".other"
	switch {
	case code != "" && p.host.language().Has(key):
		return p.t(key)
	case p.host.language().Has(other):
		return p.t(other, "code", code)
	}
	return code
}
