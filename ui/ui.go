package ui

import (
	"image/color"
	"reflect"
	"strconv"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	fynetheme "fyne.io/fyne/v2/theme"

	"chot/kiosk/checkpoint"
	"chot/ui/catalog"
	"chot/ui/keyboard"
	"chot/ui/preview"
	"chot/ui/theme"
)

// settle is how long a new screen is deaf: a second tap of unsteady fingers is
// meant for the screen before.
const settle = 250 * time.Millisecond

// longestHold is how long a finger is waited for.
const longestHold = 3 * time.Second

// Rows is how many lines of a list fit every screen, for the checkpoint's setup.
const Rows = 6

// Options are what a UI may be given besides its window.
type Options struct {
	// Inches is the panel's diagonal; 0 assumes the usual one for its pixels.
	Inches float64
	// Now is the clock that tells a second tap from a new one; nil is time.Now.
	Now func() time.Time
}

// UI draws the states of a checkpoint on a window and sends back what people
// do. Render and Frame may be called from any goroutine but the drawing one;
// all else happens on that.
type UI struct {
	window    fyne.Window
	root      *fyne.Container
	size      fyne.Size
	inches    float64
	sizes     theme.Sizes
	languages []catalog.Language
	now       func() time.Time
	send      func(checkpoint.Event)
	preview   *preview.View

	latest atomic.Pointer[checkpoint.State]
	queued atomic.Bool

	state    checkpoint.State
	name     string    // of the current screen: another name, another screen
	page     *page     // as drawn
	leaf     int       // which page of what is too long for one
	field    *field    // the line that is being typed, kept while its screen lasts
	shown    time.Time // when the current screen came up
	messages int       // how many the idle screen has shown
	keys     bool      // the last touch was a key press: show where the focus is
	works    time.Time // since when the kiosk has worked on a code; zero: it does not
	held     time.Time // since when a finger has been on a button; zero: no finger
	owed     bool      // what is drawn is older than the state, because of the finger
}

// New makes the content of a window. Nothing is drawn before the first Render.
// send is called on the drawing goroutine and must not wait.
func New(window fyne.Window, send func(checkpoint.Event), o Options) *UI {
	u := &UI{
		window: window, send: send, inches: o.Inches, now: o.Now,
		languages: catalog.Languages(), preview: preview.New(theme.Ink),
	}
	if u.now == nil {
		u.now = time.Now
	}
	fyne.CurrentApp().Settings().SetTheme(backdrop{fynetheme.DefaultTheme(), u})
	u.root = container.New(panelLayout{u})
	window.SetPadded(false)
	window.SetContent(u.root)
	window.Canvas().SetOnTypedRune(u.typedRune)
	window.Canvas().SetOnTypedKey(u.typedKey)
	return u
}

// Render shows a state. Of states that come faster than they can be drawn only
// the last is.
func (u *UI) Render(s checkpoint.State) {
	u.latest.Store(&s)
	if u.queued.CompareAndSwap(false, true) {
		fyne.Do(func() {
			u.queued.Store(false)
			u.show(*u.latest.Load())
		})
	}
}

// Frame shows what the camera sees, where the screen has room for it: grey
// pixels, one byte each, rows stride bytes apart. It keeps nothing of them.
// Calls must not overlap.
func (u *UI) Frame(pixels []byte, width, height, stride int) {
	u.preview.Show(pixels, width, height, stride)
}

// backdrop makes the window's own colour that of the screen, with which it is
// cleared before it is painted: a rectangle as large as the window takes as long
// as all that stands on it, and the camera has it painted 15 times a second.
type backdrop struct {
	fyne.Theme
	of *UI
}

func (b backdrop) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	if name == fynetheme.ColorNameBackground {
		if b.of.page == nil {
			return theme.Ground
		}
		return b.of.page.ground
	}
	return b.Theme.Color(name, variant)
}

// panelLayout gives every screen the whole window and redraws it when the
// window's size changes.
type panelLayout struct{ u *UI }

func (panelLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(1, 1) }

func (l panelLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	if size == l.u.size || size.Width < 2 {
		return
	}
	l.u.size = size
	l.u.sizes = theme.Measure(int(size.Width), int(size.Height), l.u.inches)
	l.u.redraw()
}

// show takes a state and draws it, if anything of it but the time is new.
func (u *UI) show(s checkpoint.State) {
	was := u.state
	u.state = s
	if u.size.IsZero() {
		return
	}
	name := screenName(s.View)
	if u.soon(s.View) {
		return
	}
	if u.page != nil && name == u.name && (u.touched() || !u.owed && reflect.DeepEqual(unhurried(was), unhurried(s))) {
		u.owed = u.owed || !reflect.DeepEqual(unhurried(was), unhurried(s))
		u.page.tick(s)
		return
	}
	if name != u.name {
		u.name, u.leaf, u.shown, u.field = name, 0, u.now(), nil
	}
	if now, ok := s.View.(checkpoint.Idle); ok {
		if before, ok := was.View.(checkpoint.Idle); ok && before.Message.ID != now.Message.ID {
			u.messages++
		}
	}
	u.redraw()
}

// patience is how long a screen may work before it says so: a verdict comes within
// it, and is not to be drawn twice.
const patience = 300 * time.Millisecond

// soon says whether the screen before may stay a moment longer, because the kiosk
// has only begun to work. A verdict never does: it is not the next visitor's.
func (u *UI) soon(v checkpoint.View) bool {
	if _, works := v.(checkpoint.Checking); !works || u.page == nil || u.page.ground != theme.Ground {
		u.works = time.Time{}
		return false
	}
	if u.works.IsZero() {
		u.works = u.now()
	}
	return u.now().Sub(u.works) < patience
}

// touched says whether a finger is on a button. The screen must not be redrawn
// under it: the tap would be lost with the button that it began on, and with it a
// letter of a fast typist. States come often enough to draw what is owed once
// the finger has gone.
func (u *UI) touched() bool { return !u.held.IsZero() && u.now().Sub(u.held) < longestHold }

// unhurried is a state without what changes by itself.
func unhurried(s checkpoint.State) any {
	return struct {
		language string
		view     checkpoint.View
		offline  bool
		wrong    []checkpoint.Condition
		staff    checkpoint.Badge
	}{s.Language, s.View, s.Offline, s.Conditions, s.Staff}
}

// screenName tells screens apart: another name is another screen, which begins
// at its first page and without typed text.
func screenName(v checkpoint.View) string {
	name := reflect.TypeOf(v).Name()
	if q, ok := v.(checkpoint.Question); ok {
		name += "." + q.ID
	}
	return name
}

// redraw builds the current screen and puts it on the window.
func (u *UI) redraw() {
	if u.state.View == nil || u.size.IsZero() {
		return
	}
	p := &page{Sizes: u.sizes, host: u, ground: theme.Ground}
	live := p.draw(u.state)
	if p.line == nil {
		u.field = nil
	}
	if !live {
		u.preview.Close()
	}
	old := u.page
	u.page, u.owed = p, false
	p.tick(u.state)
	u.window.Canvas().Unfocus()
	u.root.Objects = p.objects
	u.root.Refresh()
	if old != nil {
		u.free(old.objects)
	}
	if u.keys {
		u.window.Canvas().FocusNext()
	}
}

// free lets go of the graphics memory of pictures that are no longer shown. The
// toolkit keeps a texture until some time after it was last painted, which at a
// busy gate is hundreds of megabytes; a picture that is refreshed loses it with the
// next frame. Textures of texts belong to their words and stay for the next screen
// that says them.
func (u *UI) free(objects []canvasObject) {
	for _, o := range objects {
		switch o := o.(type) {
		case *button:
			u.free(o.seen())
		case *canvas.Image:
			if o != u.preview.Object() {
				canvas.Refresh(o)
			}
		}
	}
}

func (u *UI) language() catalog.Language {
	for _, l := range u.languages {
		if l.Code == u.state.Language {
			return l
		}
	}
	return u.languages[0]
}

// otherLanguage is the one after the current.
func (u *UI) otherLanguage() catalog.Language {
	for i, l := range u.languages {
		if l.Code == u.state.Language {
			return u.languages[(i+1)%len(u.languages)]
		}
	}
	return u.languages[1%len(u.languages)]
}

// tap makes what a button does of what it means to the checkpoint.
func (u *UI) tap(t checkpoint.Tap, value string) func() {
	return func() { u.send(checkpoint.Tapped{Tap: t, Value: value}) }
}

func (u *UI) nextLanguage() { u.tap(checkpoint.TapLanguage, u.otherLanguage().Code)() }

// turn leafs to a page of the current screen.
func (u *UI) turn(leaf int) {
	u.leaf = max(0, leaf)
	u.redraw()
}

// tapped runs what a button does, unless the screen has only just come up.
func (u *UI) tapped(do func()) {
	u.keys = false
	if u.now().Sub(u.shown) >= settle {
		do()
	}
}

func (u *UI) typing() bool { return u.field != nil && u.page != nil && u.page.line == u.field }

// press does what a key of the on-screen keyboard says.
func (u *UI) press(k keyboard.Key) {
	if k.Kind == keyboard.Languages {
		u.nextLanguage()
		return
	}
	if !u.typing() {
		return
	}
	u.field.press(k)
	switch k.Kind {
	case keyboard.Symbols, keyboard.Letters, keyboard.Switch:
		u.redraw()
	}
}

// typedRune takes a letter from a real keyboard.
func (u *UI) typedRune(r rune) {
	if u.typing() {
		u.field.line.Type(r)
		u.field.changed()
	}
}

// typedKey takes any other key: Enter presses the button that leads on, arrows
// move the focus.
func (u *UI) typedKey(e *fyne.KeyEvent) {
	u.keys = true
	switch e.Name {
	case fyne.KeyBackspace:
		if u.typing() {
			u.field.line.Backspace()
			u.field.changed()
		}
	case fyne.KeyReturn, fyne.KeyEnter:
		if u.page != nil && u.page.enter != nil {
			u.page.enter()
		}
	case fyne.KeyDown, fyne.KeyRight:
		u.window.Canvas().FocusNext()
	case fyne.KeyUp, fyne.KeyLeft:
		u.window.Canvas().FocusPrevious()
	case fyne.KeyEscape:
		if u.page != nil && u.page.leave != nil {
			u.page.leave()
		}
	}
}

func number(n int) string { return strconv.Itoa(n) }
