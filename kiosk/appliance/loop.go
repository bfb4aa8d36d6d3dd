package appliance

import (
	"context"
	"time"

	"chot/kiosk/checkpoint"
)

// tick is how often the checkpoint learns the time when nothing else happens.
const tick = 250 * time.Millisecond

// events is the way to the loop, from any goroutine.
type events chan checkpoint.Event

func newEvents() events { return make(events, 256) }

// send hands an event to the loop.
func (e events) send(ctx context.Context, event checkpoint.Event) {
	select {
	case e <- event:
	case <-ctx.Done():
	}
}

// loop owns the checkpoint's state: it alone steps it. Events come from devices,
// services and the screen; what follows from them goes to do and draw.
type loop struct {
	events events
	now    func() time.Time // the trusted time
	begin  func()           // is called before the actions of each step
	do     func(context.Context, checkpoint.Action) []checkpoint.Event
	draw   func(checkpoint.State)
	seen   func() bool // whether what is drawn is really shown
	alive  func()      // called once a tick, for the watchdog
}

// run steps the state until the context ends.
func (l loop) run(ctx context.Context, s checkpoint.State) error {
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
			if _, code := e.(checkpoint.CodeSeen); code && !l.seen() {
				continue // its outcome would not be seen, and the one before stands for it
			}
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

func (l loop) step(ctx context.Context, s checkpoint.State, e checkpoint.Event, pending *[]checkpoint.Event) checkpoint.State {
	s, actions := checkpoint.Step(s, e)
	l.begin()
	for _, a := range actions {
		*pending = append(*pending, l.do(ctx, a)...)
	}
	return s
}
