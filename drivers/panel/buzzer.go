package panel

import (
	"context"
	"fmt"
	"time"
)

// patterns are the sounds: how long the buzzer is on, off, on and so forth.
// They differ in number and length, since a buzzer has one pitch.
var patterns = map[string][]time.Duration{
	"read":  {40 * time.Millisecond},
	"green": {150 * time.Millisecond},
	"amber": {150 * time.Millisecond, 100 * time.Millisecond, 150 * time.Millisecond},
	"red":   {500 * time.Millisecond, 150 * time.Millisecond, 500 * time.Millisecond, 150 * time.Millisecond, 500 * time.Millisecond},
	"call": {
		600 * time.Millisecond, 150 * time.Millisecond, 150 * time.Millisecond, 150 * time.Millisecond,
		600 * time.Millisecond, 150 * time.Millisecond, 150 * time.Millisecond,
	},
}

// buzzer plays one pattern at a time.
type buzzer struct {
	out   *output
	beats chan []time.Duration // holds at most one: the newest
}

// Sound starts a pattern, "read", "green", "amber", "red" or "call", and
// returns. A newer pattern ends an older one. That the buzzer does not work is
// told by a [Fault].
func (p *Panel) Sound(pattern string) error {
	beats, known := patterns[pattern]
	if !known {
		return fmt.Errorf("panel: there is no sound %q", pattern)
	}
	for {
		select {
		case p.buzzer.beats <- beats:
			return nil
		default:
		}
		select {
		case <-p.buzzer.beats: // one that never started
		default:
		}
	}
}

func (b *buzzer) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case beats := <-b.beats:
			b.play(ctx, beats)
		}
	}
}

// play plays the beats until they or the context end or others come.
func (b *buzzer) play(ctx context.Context, beats []time.Duration) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	<-timer.C
	for i := 0; ; i++ {
		on := i < len(beats) && i%2 == 0
		_ = b.out.set(on) // a failure is told by output
		if i >= len(beats) {
			return
		}
		timer.Reset(beats[i])
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case beats = <-b.beats:
			_ = b.out.set(false)
			i = -1
		}
	}
}
