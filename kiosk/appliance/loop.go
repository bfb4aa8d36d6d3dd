package appliance

import (
	"context"
	"time"

	"chot/kiosk/checkpoint"
)

// tick is how often the checkpoint learns the time when nothing else happens.
const tick = 250 * time.Millisecond

// loop owns the checkpoint's state: it alone steps it. Events come from the
// rooms and from the screen; what follows from them goes to do and draw.
type loop struct {
	events chan checkpoint.Event
	now    func() time.Time // the trusted time
	do     func(context.Context, checkpoint.Action) []checkpoint.Event
	draw   func(checkpoint.State)
	alive  func() // called once a tick: the watchdog's food
}

// newLoop makes a loop that keeps the watchdog content; what it is to do comes
// before it runs.
func newLoop(now func() time.Time, draw func(checkpoint.State)) *loop {
	return &loop{events: make(chan checkpoint.Event, 256), now: now, draw: draw, alive: feedWatchdog()}
}

// send hands an event to the loop, from any goroutine.
func (l *loop) send(ctx context.Context, e checkpoint.Event) {
	select {
	case l.events <- e:
	case <-ctx.Done():
	}
}

// run steps the state until the context ends.
func (l *loop) run(ctx context.Context, s checkpoint.State) error {
	l.draw(s)
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		var pending []checkpoint.Event
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			l.alive()
		case e := <-l.events:
			pending = append(pending, e)
		}
		// An event happens at the time of the tick before it. The answers of
		// actions that need no waiting are taken before the next event.
		s = l.step(ctx, s, checkpoint.Tick{Now: l.now()}, &pending)
		for len(pending) > 0 {
			e := pending[0]
			pending = pending[1:]
			s = l.step(ctx, s, e, &pending)
		}
		l.draw(s)
	}
}

func (l *loop) step(ctx context.Context, s checkpoint.State, e checkpoint.Event, pending *[]checkpoint.Event) checkpoint.State {
	s, actions := checkpoint.Step(s, e)
	for _, a := range actions {
		*pending = append(*pending, l.do(ctx, a)...)
	}
	return s
}
