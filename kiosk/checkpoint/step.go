package checkpoint

import "time"

// machine is what the next step needs besides what the screen shows.
type machine struct {
	setup *Setup
	seed  [32]byte
}

// New is a kiosk that has just started. The seed is 32 random bytes, and memory
// is what Save stored in earlier runs.
func New(setup *Setup, now time.Time, seed [32]byte, memory map[string][]byte) State {
	return State{
		Language: setup.Languages[0], View: Idle{}, Now: now,
		m: machine{setup: setup, seed: seed},
	}
}

// Step says what follows from an event. It changes nothing but what it returns.
func Step(s State, e Event) (State, []Action) {
	if t, ok := e.(Tick); ok {
		s.Now = t.Now
	}
	return s, nil
}
