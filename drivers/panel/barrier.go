package panel

import (
	"context"
	"fmt"
	"time"
)

// retry is how long a barrier that could not be shut waits for the next try.
const retry = 100 * time.Millisecond

// barrier owns the relay: only its goroutine opens and shuts it.
type barrier struct {
	relay    *output
	opening  time.Duration
	longest  time.Duration
	requests chan request
	gone     <-chan struct{}
}

// request asks for the barrier to be open.
type request struct {
	ctx    context.Context
	answer chan error // holds one
}

// Open lets one party through. It returns as soon as the barrier is open; the
// barrier shuts by itself after [Options.Opening], or earlier when ctx ends. A
// barrier that is open already stays open for another Opening, up to
// [Options.Longest] in all; asked again after that, it shuts and opens again.
func (p *Panel) Open(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("opening the barrier: %w", err)
	}
	r := request{ctx, make(chan error, 1)}
	select {
	case p.barrier.requests <- r:
		return <-r.answer
	case <-ctx.Done():
		return fmt.Errorf("opening the barrier: %w", ctx.Err())
	case <-p.barrier.gone:
		return fmt.Errorf("opening the barrier: %w", ErrHalted)
	}
}

func (b *barrier) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-b.requests:
			err := b.relay.set(true)
			r.answer <- err
			if err == nil {
				b.hold(ctx, r.ctx)
			}
			b.shut(ctx)
		}
	}
}

// hold waits until the barrier must be shut.
func (b *barrier) hold(ctx, asker context.Context) {
	longest := time.NewTimer(b.longest)
	defer longest.Stop()
	pass := time.NewTimer(b.opening)
	defer pass.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-asker.Done():
			return
		case <-longest.C:
			return
		case <-pass.C:
			return
		case r := <-b.requests:
			r.answer <- nil
			asker = r.ctx
			pass.Reset(b.opening)
		}
	}
}

// shut shuts the barrier, and tries until it is: an open barrier that nobody
// tends is what a checkpoint must never have.
func (b *barrier) shut(ctx context.Context) {
	err := b.relay.set(false)
	for err != nil {
		select {
		case <-ctx.Done():
			return // Halt tries once more and reports
		case r := <-b.requests:
			r.answer <- err
		case <-time.After(retry):
			err = b.relay.set(false)
		}
	}
}
