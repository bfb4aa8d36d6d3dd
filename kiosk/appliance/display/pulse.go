package display

import (
	"context"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"chot/kiosk/appliance/pause"
)

// pulse tells whether what is drawn is really shown. Beside the states, an empty
// rectangle is drawn again and again: the drawing thread paints a frame and hands
// it to the display's server for it, which waits while that server hangs. The next
// beat is only reached once that is over.
type pulse struct {
	asked atomic.Int64 // when the beat under way was asked for, in ns since the process began; 0: none is
}

const (
	// beatInterval is how often a frame is painted at least.
	beatInterval = time.Second
	// shownWithin is how old a beat may be while codes are still taken.
	shownWithin = 2500 * time.Millisecond
)

var begun = time.Now()

// uptime is the time since the process began, never 0.
func uptime() int64 { return int64(time.Since(begun)) + 1 }

// Watch has the display painted until the context ends, so that it is known whether
// it hangs.
func (d *Display) Watch(ctx context.Context) error {
	nothing := canvas.NewRectangle(nil)
	return d.pulse.run(ctx, func(done func()) {
		// The second call runs after the frame that the first one asks for.
		fyne.Do(func() {
			d.pictures.window.Canvas().Refresh(nothing)
			go fyne.Do(done)
		})
	})
}

// run beats: each time it asks for a frame and waits until it is shown.
func (p *pulse) run(ctx context.Context, beat func(done func())) error {
	for pause.For(ctx, beatInterval) {
		p.asked.Store(uptime())
		shown := make(chan struct{})
		beat(func() { close(shown) })
		select {
		case <-shown:
			p.asked.Store(0)
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

// Hung is for how long the display has not shown what is drawn; 0 if it shows it.
func (d *Display) Hung() time.Duration { return d.pulse.hung() }

func (p *pulse) hung() time.Duration {
	asked := p.asked.Load()
	if asked == 0 {
		return 0
	}
	return time.Duration(uptime() - asked)
}

// Shown reports whether what is drawn is shown.
func (d *Display) Shown() bool { return d.pulse.hung() < shownWithin }
