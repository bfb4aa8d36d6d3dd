package ui

import (
	"image/color"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"chot/ui/theme"
)

// face is how a button looks.
type face struct {
	fill, edge, ink color.NRGBA
}

var none = color.NRGBA{}

// The faces. Every one differs from its ground by an outline or a fill of
// contrast 3 at least.
var (
	plainFace  = face{fill: theme.Card, edge: theme.Edge, ink: theme.Ink}
	mainFace   = face{fill: theme.Green, edge: none, ink: theme.White}
	chosenFace = face{fill: theme.Soft, edge: theme.Green, ink: theme.Ink}
	stopFace   = face{fill: theme.Card, edge: theme.Red, ink: theme.Red}
	quietFace  = face{fill: none, edge: none, ink: theme.Ink}
)

// button is the one thing that can be tapped. Its content is placed once, for
// the size that it is given; it reacts to a finger by turning darker, to the
// keyboard by a ring.
type button struct {
	widget.BaseWidget
	name    string // what it says, for tests and for reading aloud
	tap     func()
	host    *UI
	ground  *canvas.Image // nil where there is neither fill nor edge
	plate   plate
	shade   *canvas.Rectangle
	ring    *canvas.Rectangle
	content []fyne.CanvasObject
	extent  fyne.Size
	off     bool
	quiet   bool // it is the panel itself: nothing of it is seen, and it takes no focus
}

var (
	_ fyne.Tappable     = (*button)(nil)
	_ fyne.Focusable    = (*button)(nil)
	_ desktop.Mouseable = (*button)(nil)
)

func newButton(host *UI, name string, f face, r rect, inner rect, sizes theme.Sizes, tap func()) *button {
	b := &button{name: name, tap: tap, host: host, extent: r.size()}
	b.ExtendBaseWidget(b)
	place := func(o fyne.CanvasObject, r rect) { o.Move(r.pos()); o.Resize(r.size()) }
	// inner is what is seen, which may be smaller than what can be hit.
	seen := rect{inner.x - r.x, inner.y - r.y, inner.w, inner.h}
	b.plate = plate{fill: f.fill, edge: f.edge, radius: min(sizes.Radius, seen.h/3), line: sizes.Line * 0.75}
	if f == chosenFace || f == stopFace {
		b.plate.line = sizes.Line * 1.25
	}
	if f.fill != none || f.edge != none {
		b.ground = b.plate.object(seen.size())
		b.ground.Move(seen.pos())
	}
	b.shade = canvas.NewRectangle(color.NRGBA{0, 0, 0, 0x2A})
	b.shade.CornerRadius = b.plate.radius
	b.shade.Hide()
	b.ring = canvas.NewRectangle(color.Transparent)
	b.ring.StrokeColor, b.ring.StrokeWidth = theme.Focus, sizes.Line*1.8
	b.ring.CornerRadius = b.plate.radius
	b.ring.Hide()
	place(b.shade, seen)
	place(b.ring, seen)
	return b
}

// seen is what is drawn of the button while it is not touched.
func (b *button) seen() []canvasObject {
	if b.ground == nil {
		return slices.Clone(b.content)
	}
	return append([]canvasObject{b.ground}, b.content...)
}

// paint changes the fill of a button that has one.
func (b *button) paint(fill colour) {
	if b.plate.fill == fill {
		return
	}
	b.plate.fill = fill
	b.ground.Image = b.plate.object(b.ground.Size()).Image
	b.ground.Refresh()
}

// disable makes the button deaf; its looks are the caller's.
func (b *button) disable() { b.off = true }

func (b *button) Tapped(*fyne.PointEvent) {
	if !b.off && b.tap != nil {
		b.host.tapped(b.tap)
	}
}

func (b *button) MouseDown(*desktop.MouseEvent) {
	b.host.held = b.host.now()
	if !b.off && !b.quiet {
		b.shade.Show()
		b.shade.Refresh()
	}
}

func (b *button) MouseUp(*desktop.MouseEvent) {
	b.host.held = time.Time{}
	b.shade.Hide()
	b.shade.Refresh()
}

func (b *button) FocusGained() { b.ring.Show(); b.ring.Refresh() }
func (b *button) FocusLost()   { b.ring.Hide(); b.ring.Refresh() }

// TypedRune passes letters on to the screen: a key press is meant for the line
// that is being typed, whichever button has the focus.
func (b *button) TypedRune(r rune) {
	if r == ' ' && !b.host.typing() {
		b.Tapped(nil)
		return
	}
	b.host.typedRune(r)
}

func (b *button) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		b.Tapped(nil)
	default:
		b.host.typedKey(e)
	}
}

func (b *button) MinSize() fyne.Size { return b.extent }

func (b *button) CreateRenderer() fyne.WidgetRenderer {
	return fixed{append(b.seen(), b.shade, b.ring), b.extent}
}

// fixed renders objects that are placed already.
type fixed struct {
	objects []fyne.CanvasObject
	extent  fyne.Size
}

func (f fixed) Layout(fyne.Size)             {}
func (f fixed) MinSize() fyne.Size           { return f.extent }
func (f fixed) Objects() []fyne.CanvasObject { return f.objects }
func (f fixed) Destroy()                     {}

func (f fixed) Refresh() {
	for _, o := range f.objects {
		canvas.Refresh(o)
	}
}
