package ui

import (
	"fmt"
	"image"
	"image/color"
	"strings"
	"testing"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"chot/kiosk/checkpoint"
	"chot/ui/theme"
)

// panels are the sizes that kiosks are built with.
var panels = []fyne.Size{{Width: 800, Height: 480}, {Width: 1024, Height: 600}, {Width: 1280, Height: 800}, {Width: 600, Height: 1024}}

// open makes a UI on a window of a size; what it sends goes to send.
func open(size fyne.Size, send func(checkpoint.Event)) (*UI, fyne.Window) {
	w := test.NewWindow(nil)
	u := New(w, send, Options{})
	w.Resize(size)
	return u, w
}

// TestEveryScreen shows every sample in every language on every panel, drawn at
// half the panel's size, and looks at each in every way there is. The race
// detector, for which this takes too long, sees one in a hundred.
func TestEveryScreen(t *testing.T) {
	n := 0
	for _, size := range panels {
		u, w := open(size, func(checkpoint.Event) {})
		w.Canvas().(test.WindowlessCanvas).SetScale(scale)
		for _, s := range samples {
			for _, l := range u.languages {
				if n++; racing && n%100 != 0 {
					continue
				}
				name := fmt.Sprintf("%s-%s-%.0fx%.0f", s.name, l.Code, size.Width, size.Height)
				t.Run(name, func(t *testing.T) {
					s.state.Language = l.Code
					u.works = time.Unix(1, 0) // longer ago than the screen before may stay
					u.show(s.state)
					everythingFits(t, u, w)
					hasMainSentence(t, u)
					hasContrast(t, u)
					isWorded(t, u)
					isAsDrawn(t, w, name)
				})
			}
		}
		w.Close()
	}
}

// seen is an object at its place on the panel.
type seen struct {
	object fyne.CanvasObject
	rect
	button *button // that it belongs to, nil outside one
}

// flat lists what is on a page in the order in which it is painted.
func flat(p *page) (all []seen) {
	for _, o := range p.objects {
		r := rect{o.Position().X, o.Position().Y, o.Size().Width, o.Size().Height}
		b, ok := o.(*button)
		if !ok {
			all = append(all, seen{o, r, nil})
			continue
		}
		if b.quiet { // the panel itself
			continue
		}
		all = append(all, seen{o, r, b})
		for _, inner := range b.seen() {
			all = append(all, seen{inner, rect{r.x + inner.Position().X, r.y + inner.Position().Y, inner.Size().Width, inner.Size().Height}, b})
		}
	}
	return all
}

// ink is where a text's letters are, within the line that is its place.
func (s seen) ink(t *canvas.Text) rect {
	size := t.MinSize()
	x := s.x
	switch t.Alignment {
	case fyne.TextAlignCenter:
		x += (s.w - size.Width) / 2
	case fyne.TextAlignTrailing:
		x += s.w - size.Width
	}
	return rect{x, s.y + t.TextSize*0.12, size.Width, t.TextSize * 1.18}
}

func overlap(a, b rect) (w, h float32) {
	return min(a.x+a.w, b.x+b.w) - max(a.x, b.x), min(a.y+a.h, b.y+b.h) - max(a.y, b.y)
}

func within(a, b rect, slack float32) bool {
	return a.x >= b.x-slack && a.y >= b.y-slack && a.x+a.w <= b.x+b.w+slack && a.y+a.h <= b.y+b.h+slack
}

// everythingFits: nothing is cut, nothing overlaps, everything is on the panel, can be hit and
// can be read.
func everythingFits(t *testing.T, u *UI, w fyne.Window) {
	p := u.page
	for _, text := range p.cut {
		t.Errorf("does not fit: %q", text)
	}
	panel := p.area()
	if m := w.Content().MinSize(); m.Width > panel.w || m.Height > panel.h {
		t.Errorf("needs %v", m)
	}
	all := flat(p)
	var texts, buttons []seen
	for _, s := range all {
		if !within(s.rect, panel, 0.6) {
			t.Errorf("%T %v reaches beyond the panel", s.object, s.rect)
		}
		switch o := s.object.(type) {
		case *canvas.Text:
			if strings.Trim(o.Text, hair) != "" {
				texts = append(texts, s)
			}
		case *button:
			buttons = append(buttons, s)
		}
	}
	for i, s := range texts {
		text := s.object.(*canvas.Text)
		if got := text.MinSize().Width; got > s.w+1 {
			t.Errorf("%q is %v wide in a place of %v", text.Text, got, s.w)
		}
		ink := s.ink(text)
		if !within(ink, panel, 0.5) || s.button != nil && !within(ink, placed(s.button), 1) {
			t.Errorf("%q at %v is cut", text.Text, ink)
		}
		for _, other := range texts[i+1:] {
			if w, h := overlap(ink, other.ink(other.object.(*canvas.Text))); w > 1 && h > 1 {
				t.Errorf("%q and %q overlap by %v × %v", text.Text, other.object.(*canvas.Text).Text, w, h)
			}
		}
		for _, b := range buttons {
			if w, h := overlap(ink, b.rect); s.button != b.button && w > 1 && h > 1 {
				t.Errorf("%q lies on the button %q", text.Text, b.button.name)
			}
		}
	}
	for i, b := range buttons {
		if b.w < p.Touch-1 || b.h < p.Touch-1 {
			t.Errorf("%q can be hit on %v × %v, want %v", b.button.name, b.w, b.h, p.Touch)
		}
		for _, other := range buttons[i+1:] {
			if w, h := overlap(b.rect, other.rect); w > 1 && h > 1 {
				t.Errorf("%q and %q overlap by %v × %v", b.button.name, other.button.name, w, h)
			}
		}
		if b.button.name == "" {
			t.Errorf("the button at %v has no name", b.rect)
		}
	}
	if len(buttons) == 0 {
		t.Error("there is no button, not even for the language")
	}
}

func placed(b *button) rect {
	return rect{b.Position().X, b.Position().Y, b.Size().Width, b.Size().Height}
}

// hasMainSentence: its words have the size that the standard asks for. Screens that are lists or keyboards have none.
func hasMainSentence(t *testing.T, u *UI) {
	switch u.state.View.(type) {
	case checkpoint.StaffMenu, checkpoint.Technical, checkpoint.Manual, checkpoint.Override:
		return
	}
	if u.typing() && u.field.input != digits && u.field.input != secret {
		return
	}
	for _, s := range flat(u.page) {
		if text, ok := s.object.(*canvas.Text); ok && text.TextSize >= u.sizes.Main && s.button == nil {
			return
		}
	}
	t.Errorf("nothing is as large as %v", u.sizes.Main)
}

// hasContrast: every text stands out from what it is painted on: 4.5, and 7 on a verdict's
// ground.
func hasContrast(t *testing.T, u *UI) {
	all := flat(u.page)
	for i, s := range all {
		text, ok := s.object.(*canvas.Text)
		if !ok || strings.Trim(text.Text, hair) == "" {
			continue
		}
		ink := s.ink(text)
		under, need := u.page.ground, 4.5
		for _, o := range all[:i] {
			if fill := filled(o.object); fill.A == 0xFF && within(ink, o.rect, ink.h*0.2) {
				under = fill
			}
		}
		if under == theme.Green || under == theme.Red || under == theme.Amber {
			need = 7
		}
		if got := theme.Contrast(text.Color.(color.NRGBA), under); got < need {
			t.Errorf("%q has contrast %.1f, want %v", text.Text, got, need)
		}
	}
}

func filled(o fyne.CanvasObject) color.NRGBA {
	switch o := o.(type) {
	case *canvas.Rectangle:
		c, _ := o.FillColor.(color.NRGBA)
		return c
	case *canvas.Image: // a plate is of one colour but for its edge
		if picture, ok := o.Image.(*image.RGBA); ok && o.ScaleMode == canvas.ImageScaleFastest {
			return color.NRGBA(picture.RGBAAt(picture.Rect.Dx()/2, picture.Rect.Dy()/2))
		}
	}
	return color.NRGBA{}
}

// isWorded: what is shown has words for it, no screen shows a key or a gap.
func isWorded(t *testing.T, u *UI) {
	for _, text := range textsOf(u) {
		if strings.ContainsAny(text, "{}") || strings.Contains(text, ".") && strings.IndexFunc(text, notKey) < 0 && !strings.HasSuffix(text, ".") && strings.IndexFunc(text, unicode.IsDigit) < 0 && !strings.Contains(text, "example") {
			t.Errorf("shows %q", text)
		}
	}
}

func notKey(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-')
}
