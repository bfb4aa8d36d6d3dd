package appliance

import (
	"context"
	"sync"

	"chot/kiosk/checkpoint"
)

// bell rings when a part that cannot be asked says something by itself: a
// scanner reads a code, somebody presses the button. Tests of parts wait for it.
type bell struct {
	mu   sync.Mutex
	next map[checkpoint.Part]chan struct{} // closed at the next ring
}

func (b *bell) ring(part checkpoint.Part) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c := b.next[part]; c != nil {
		close(c)
		delete(b.next, part)
	}
}

// wait waits for the next ring, and says whether it came.
func (b *bell) wait(ctx context.Context, part checkpoint.Part) bool {
	b.mu.Lock()
	if b.next == nil {
		b.next = map[checkpoint.Part]chan struct{}{}
	}
	if b.next[part] == nil {
		b.next[part] = make(chan struct{})
	}
	c := b.next[part]
	b.mu.Unlock()
	select {
	case <-c:
		return true
	case <-ctx.Done():
		return false
	}
}
