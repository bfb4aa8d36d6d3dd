package device

import (
	"context"
	"sync"

	"chot/kiosk/checkpoint"
)

// PartWaiter tells when a part that cannot be asked says something by itself: a
// scanner reads a code, the button is pressed. Tests of parts wait for it. The
// zero value is ready.
type PartWaiter struct {
	mu   sync.Mutex
	next map[checkpoint.Part]chan struct{} // closed at the next sign
}

// Heard notes that a part said something.
func (w *PartWaiter) Heard(part checkpoint.Part) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.next[part]; c != nil {
		close(c)
		delete(w.next, part)
	}
}

// Wait waits until a part says something, and reports whether it did before the
// context ended.
func (w *PartWaiter) Wait(ctx context.Context, part checkpoint.Part) bool {
	w.mu.Lock()
	if w.next == nil {
		w.next = map[checkpoint.Part]chan struct{}{}
	}
	if w.next[part] == nil {
		w.next[part] = make(chan struct{})
	}
	c := w.next[part]
	w.mu.Unlock()
	select {
	case <-c:
		return true
	case <-ctx.Done():
		return false
	}
}
