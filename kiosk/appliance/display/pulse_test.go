package display

import (
	"context"
	"testing"
	"time"
)

// A display that does not come back from a frame is noticed, and so is its return.
func TestADisplayThatHangsIsNoticed(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	var p pulse
	beats := make(chan func())
	ran := make(chan error)
	go func() { ran <- p.run(ctx, func(done func()) { beats <- done }) }()
	for range 2 {
		done := <-beats
		time.Sleep(50 * time.Millisecond)
		if hung := p.hung(); hung < 40*time.Millisecond {
			t.Errorf("a frame that is not shown for 50 ms hangs for %s", hung)
		}
		done()
	}
	for deadline := time.Now().Add(5 * time.Second); p.hung() != 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a frame that is shown hangs")
		}
	}
	stop()
	if err := <-ran; err != nil {
		t.Error(err)
	}
}
