package ui

import (
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"golang.org/x/text/unicode/norm"

	"chot/kiosk/checkpoint"
	"chot/ui/keyboard"
	"chot/ui/theme"
)

// field is the line that is being typed: what the keys have made so far, and
// how it looks. It outlives a redrawing of its screen, so that a change of
// language loses nothing.
type field struct {
	line   keyboard.Line
	input  input
	upper  bool // the next letter is a capital
	symbol bool // the keyboard shows digits and punctuation
	chosen bool // the input method was, for this line
	change func(text string)
	heard  bool // the checkpoint's state has the text as it is here

	// As drawn; nil while the screen is not built.
	text  *canvas.Text
	caret *canvas.Rectangle
	shift *button
	room  float32
	style style
}

// vietnamese is the language whose letters the input methods make.
const vietnamese = "vi"

// input says what a field takes.
type input uint8

const (
	words  input = iota // Vietnamese text
	names               // Vietnamese text with capitals where a word begins
	digits              // numbers
	secret              // digits, shown as dots
	search              // letters to find something by; accents are not needed
)

func (f *field) capital() bool {
	return f.upper || f.input == names && f.line.AtWordStart()
}

// press does what a key of the keyboard says.
func (f *field) press(k keyboard.Key) {
	switch k.Kind {
	case keyboard.Letter:
		f.rune(k.Rune)
	case keyboard.Space:
		f.rune(' ')
	case keyboard.ToneMark:
		f.line.Tone(k.Tone)
	case keyboard.Delete:
		f.line.Backspace()
	case keyboard.Shift:
		f.upper = !f.upper
	case keyboard.Switch:
		f.line.Method, f.chosen = f.line.Method.Next(), true
	case keyboard.Symbols:
		f.symbol = true
	case keyboard.Letters:
		f.symbol = false
	}
	f.changed()
}

func (f *field) rune(r rune) {
	if (f.input == digits || f.input == secret) && (r < '0' || r > '9') {
		return
	}
	if f.capital() {
		r = unicode.ToUpper(r)
	}
	f.upper = false
	f.line.Type(r)
}

func (f *field) changed() {
	f.heard = false
	f.show()
	f.change(f.line.String())
}

// typed is the field of the current screen, which it keeps while it lasts.
// text is what the checkpoint has of it. Where the two differ the checkpoint is
// behind by some keys, unless it had caught up before: then it has changed the
// text itself, to "" after a wrong PIN.
func (p *page) typed(text string, in input) *field {
	u := p.host
	if u.field == nil || u.field.input != in {
		u.field = &field{input: in, change: func(text string) { u.send(checkpoint.Typed{Text: text}) }}
		u.field.line.Set(text)
	}
	f := u.field
	if !f.chosen { // another language's words are not Vietnamese to be
		f.line.Method = keyboard.Plain
		if u.language().Code == vietnamese {
			f.line.Method = keyboard.Telex
		}
	}
	same := f.line.String() == text
	if in == secret { // only its length is known
		same = len(f.line.String()) == len(text)
	}
	switch {
	case same:
		f.heard = true
	case f.heard:
		f.line.Set(text)
	}
	return f
}

// shown is the text as it appears and its size: smaller where it is long, and
// its end alone where it is too long for that.
func (f *field) shown() (string, float32) {
	text := []rune(f.line.String())
	if f.input == secret {
		for i := range text {
			text[i] = '●'
		}
	}
	size := f.style.most
	for size > f.style.least && f.style.width(string(text), size) > f.room {
		size--
	}
	for len(text) > 0 && f.style.width(string(text), size) > f.room {
		text = text[1:]
	}
	return string(text), size
}

// show draws the text after a key.
func (f *field) show() {
	if f.text == nil {
		return
	}
	shown, size := f.shown()
	f.text.Text, f.text.TextSize = shown+hair, size
	f.text.Refresh()
	at := float32(0)
	if shown != "" {
		at = f.style.width(shown, size)
	}
	f.caret.Move(fyne.NewPos(f.text.Position().X+at, f.caret.Position().Y))
	if f.shift != nil {
		if f.capital() {
			f.shift.paint(theme.Soft)
		} else {
			f.shift.paint(theme.Card)
		}
	}
}

// field puts the line that is being typed on the page.
func (p *page) field(r rect, f *field, label string) { p.fieldWith(r, f, label, p.small()) }

// fieldWith is a field with a label in it, above the line.
func (p *page) fieldWith(r rect, f *field, label string, above style) {
	p.line = f
	p.panel(r, theme.Card, theme.Green)
	r = r.trim(p.Gap, p.Gap*0.3)
	if label != "" {
		var head rect
		head, r = r.top(p.Small*0.9*pitch, 0)
		p.text(head, label, above.between(p.Small*0.7, p.Small*0.9))
	}
	f.style = style{least: p.Small, most: min(p.Main, r.h/pitch), bold: true, ink: theme.Ink}
	f.room = r.w - p.Line*3
	f.text = f.style.line("", f.style.most)
	height := f.style.height(1, f.style.most)
	at := rect{r.x, r.y + (r.h-height)/2, r.w, height}
	p.add(f.text, seat(at, f.style.most))
	f.caret = canvas.NewRectangle(theme.Green)
	p.add(f.caret, rect{at.x, at.y + height*0.12, p.Line, height * 0.76})
	f.shift = nil
	f.show()
}

// keyboard puts the keys on the page, as many columns as the panel has room
// for.
func (p *page) keyboard(r rect, f *field) {
	layout := p.layout(f)
	height := r.h / float32(len(layout))
	width := r.w / float32(layout.Columns())
	for y, row := range layout {
		x := r.x
		for _, k := range row {
			cell := rect{x, r.y + float32(y)*height, width * float32(k.Span), height}
			b := p.key(cell, cell.inset(max(2, p.Gap*0.25)), p.cap(k, f))
			if b.name == "" {
				b.name = p.t(map[keyboard.Kind]string{keyboard.Delete: "key.delete", keyboard.Shift: "key.shift"}[k.Kind])
			}
			if k.Kind == keyboard.Shift {
				f.shift = b
			}
			x += cell.w
		}
	}
	f.show()
}

// layout is the keyboard that a field needs, on this panel.
func (p *page) layout(f *field) keyboard.Layout {
	pages := keyboard.Wide
	if p.area().tall() {
		pages = keyboard.Tall
	}
	switch {
	case f.input == digits || f.input == secret:
		return keyboard.Digits
	case f.input == search:
		return pages.Search
	case f.symbol:
		return pages.Symbols
	case f.line.Method == keyboard.VNI:
		return pages.VNI
	}
	return pages.Letters
}

// cap is what is printed on a key.
func (p *page) cap(k keyboard.Key, f *field) choice {
	c := choice{most: p.Body * 1.15, tap: func() { p.host.press(k) }}
	switch k.Kind {
	case keyboard.Letter:
		c.label = string(unicode.ToUpper(k.Rune))
	case keyboard.ToneMark:
		c.label = norm.NFC.String("a" + string(k.Tone))
		c.face = chosenFace
	case keyboard.Space:
		c.label = p.t("key.space")
		c.most, c.least = p.Small, p.Small
	case keyboard.Delete:
		c.icon = "delete"
	case keyboard.Shift:
		c.icon = "shift"
	case keyboard.Symbols:
		c.label = "123"
	case keyboard.Letters:
		c.label = "ABC"
	case keyboard.Switch:
		c.label = [...]string{keyboard.Telex: "Telex", keyboard.VNI: "VNI", keyboard.Plain: "ABC"}[f.line.Method]
	case keyboard.Languages:
		c.label = p.host.otherLanguage().Name()
		c.least = p.Small * 0.8
	}
	return c
}
