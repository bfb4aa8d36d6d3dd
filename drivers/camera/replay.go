package camera

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"
)

// errHalted is what Next says after Halt.
var errHalted = errors.New("the camera was halted")

// reel is a series of pictures that can be taken in any order.
type reel interface {
	String() string
	len() int
	frame(i int) (Frame, error)
	close() error
}

// ErrReplayOver is the error of a replay that plays once and has no more pictures.
// It is the only end that pictures have: a device that fails comes back.
var ErrReplayOver = errors.New("the replay is over")

// replay shows a reel at a set pace, as a camera would see it: who comes late
// misses pictures.
type replay struct {
	reel reel
	fps  float64
	hold uint64 // frames that each picture stays
	once bool

	mu     sync.Mutex // held by Next while it takes a picture
	start  time.Time  // of the first call of Next
	seq    uint64     // of the last frame delivered
	halted chan struct{}
	halt   sync.Once
}

func openReplay(paths string, o options) (*replay, error) {
	r, err := openReel(paths, o)
	if err != nil {
		return nil, err
	}
	fps := o.fps
	if fps == 0 {
		fps = 15
	}
	hold := uint64(math.Max(1, math.Round(o.hold.Seconds()*fps)))
	return &replay{reel: r, fps: fps, hold: hold, once: o.once, halted: make(chan struct{})}, nil
}

func (r *replay) String() string {
	return fmt.Sprintf("replay of %s, %d pictures, %.3g/s", r.reel, r.reel.len(), r.fps/float64(r.hold))
}

// Next waits for the picture whose turn it is. A picture that cannot be read
// is an error and the next call goes on behind it; after the last picture of a
// replay that plays once, the error wraps [ErrReplayOver].
func (r *replay) Next(ctx context.Context) (Frame, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if r.start.IsZero() {
		r.start = now
	}
	due := uint64(now.Sub(r.start).Seconds()*r.fps) + 1
	if due <= r.seq {
		due = r.seq + 1
	}
	taken := r.start.Add(time.Duration(float64(due-1) / r.fps * float64(time.Second)))
	if err := r.wait(ctx, taken.Sub(now)); err != nil {
		return Frame{}, err
	}
	r.seq = due
	turn := (due - 1) / r.hold
	if r.once && turn >= uint64(r.reel.len()) {
		return Frame{}, fmt.Errorf("%s: %w", r, ErrReplayOver)
	}
	f, err := r.reel.frame(int(turn % uint64(r.reel.len())))
	if err != nil {
		return Frame{}, fmt.Errorf("replaying %s: %w", r.reel, err)
	}
	f.Seq, f.Time = due, taken
	return f, nil
}

func (r *replay) wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-r.halted:
		return errHalted
	case <-ctx.Done():
		return fmt.Errorf("waiting for a picture: %w", context.Cause(ctx))
	case <-timer.C:
	}
	select {
	case <-r.halted: // both were ready
		return errHalted
	default:
		return nil
	}
}

// Halt ends a waiting Next and releases the files.
func (r *replay) Halt() error {
	var err error
	r.halt.Do(func() {
		close(r.halted)
		r.mu.Lock()
		defer r.mu.Unlock()
		err = r.reel.close()
	})
	return err
}
