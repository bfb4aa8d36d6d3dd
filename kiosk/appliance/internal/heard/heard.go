// Package heard keeps what parts of the kiosk tell and send, for their tests.
package heard

import (
	"context"
	"sync"

	"chot/kiosk/appliance/parts"
	"chot/kiosk/checkpoint"
)

// Events keeps the events that a part sends and the states that it tells.
type Events struct {
	mu     sync.Mutex
	all    []checkpoint.Event
	states []parts.State
}

// Send keeps an event.
func (h *Events) Send(_ context.Context, e checkpoint.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, e)
}

// Tell keeps a state. It is a [parts.Tell].
func (h *Events) Tell(_ context.Context, s parts.State) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.states = append(h.states, s)
}

// All returns the events so far.
func (h *Events) All() []checkpoint.Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]checkpoint.Event(nil), h.all...)
}

// States returns the states that were told of all parts.
func (h *Events) States() []parts.State {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]parts.State(nil), h.states...)
}

// Wrong lists what a part told, in the order in which it came: the code of what
// is wrong, or "" for a part that is well.
func (h *Events) Wrong(part checkpoint.Part) (codes []string) {
	for _, s := range h.States() {
		if s.Part != part {
			continue
		}
		code := ""
		for _, c := range s.Wrong {
			code = c.Code
		}
		codes = append(codes, code)
	}
	return codes
}

// Of returns the events of one type.
func Of[E checkpoint.Event](h *Events) (found []E) {
	for _, e := range h.All() {
		if e, ok := e.(E); ok {
			found = append(found, e)
		}
	}
	return found
}
