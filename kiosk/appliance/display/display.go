// Package display is the kiosk's window: it draws the checkpoint's state, shows the
// camera's picture and hands on what is tapped.
package display

import (
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"

	"chot/drivers/camera"
	"chot/kiosk/checkpoint"
	"chot/ui"
)

// Screen is the panel that the window is on.
type Screen struct {
	Width, Height int // pixels
	Fullscreen    bool
}

// NewWindow is the kiosk's only window.
func NewWindow(program fyne.App, s Screen) fyne.Window {
	w := program.NewWindow("Chốt")
	w.SetPadded(false)
	w.Resize(fyne.NewSize(float32(s.Width), float32(s.Height)))
	w.SetFullScreen(s.Fullscreen)
	w.SetFixedSize(!s.Fullscreen)
	w.SetMaster()
	return w
}

// Display is the window with what is drawn in it. It outlives who uses it: the
// set-up mode first, on a new kiosk, and then the appliance.
type Display struct {
	screen   *ui.UI
	pictures *album
	listener atomic.Pointer[func(checkpoint.Event)]
	pulse    pulse
}

// New makes a display on a window. shots is a folder that keeps a picture of each
// screen that was shown, "" for none.
func New(window fyne.Window, shots string, log *slog.Logger) *Display {
	d := &Display{pictures: &album{dir: shots, window: window, log: log}}
	fyne.DoAndWait(func() {
		d.screen = ui.New(window, func(e checkpoint.Event) {
			if send := d.listener.Load(); send != nil {
				(*send)(e)
			}
		}, ui.Options{})
	})
	return d
}

// Listen hands what is tapped to send from now on.
func (d *Display) Listen(send func(checkpoint.Event)) { d.listener.Store(&send) }

// Draw shows a state.
func (d *Display) Draw(state checkpoint.State) {
	d.screen.Render(state)
	d.pictures.take(state)
}

// Preview shows a frame of the camera.
func (d *Display) Preview(f camera.Frame) { d.screen.Frame(f.Pix, f.Width, f.Height, f.Stride) }

// album keeps a picture of each screen that was shown, for people who cannot
// see the window.
type album struct {
	dir    string
	window fyne.Window
	log    *slog.Logger
	count  int
	seen   atomic.Pointer[string] // the screen that is shown
}

// settle is how long a screen takes from its state to its pixels.
const settle = 400 * time.Millisecond

// take makes a picture of the screen that is named, once it has been drawn, if
// it is another than the last. It is called from one goroutine.
func (a *album) take(s checkpoint.State) {
	name := screenName(s)
	if last := a.seen.Swap(&name); a.dir == "" || last != nil && *last == name {
		return
	}
	a.count++
	path := filepath.Join(a.dir, fmt.Sprintf("%03d-%s.png", a.count, name))
	time.AfterFunc(settle, func() {
		var shown image.Image
		fyne.DoAndWait(func() {
			if *a.seen.Load() == name {
				shown = a.window.Canvas().Capture()
			}
		})
		if shown == nil {
			return // gone before it could be seen
		}
		if err := save(path, shown); err != nil { // here, not where the next screen is drawn
			a.log.Warn("screen picture", "error", err)
		}
	})
}

func save(path string, picture image.Image) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("creating the picture of a screen: %w", err)
	}
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(file, picture); err != nil {
		file.Close()
		return fmt.Errorf("writing the picture %s: %w", path, err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("writing the picture %s: %w", path, err)
	}
	return nil
}

// screenName names a screen for its picture: a verdict by its colour, what it was
// made over and why, a question by what is asked.
func screenName(s checkpoint.State) string {
	name := strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", s.View), "checkpoint."))
	switch v := s.View.(type) {
	case checkpoint.Shown:
		name += "-" + v.Level.String() + "-" + v.Family
		if len(v.Reasons) > 0 {
			name += "-" + v.Reasons[0].Code
		}
	case checkpoint.Question:
		name += "-" + v.ID
	case checkpoint.Provision:
		name += "-" + string(v.Stage)
		if v.Problem != "" {
			name += "-" + v.Problem
		}
	}
	return name
}
