package camera

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"sync"
	"time"
)

const (
	// reopenEvery is how long a missing device is left before it is looked for
	// again: well under the 3 s in which it must be back in use.
	reopenEvery = 400 * time.Millisecond
	// silence is how long a device may deliver nothing before it is opened again.
	silence = 2 * time.Second
	// brokenInARow is how many broken pictures are passed over before they are
	// reported: a bad cable breaks one now and then, a bad camera all.
	brokenInARow = 30
	// frozenAfter is how long a picture may stay the same to the last bit before
	// the device is opened again: a sensor has noise.
	frozenAfter = 10 * time.Second
	// minContrast is how far the lightest and the darkest grey of a picture lie
	// apart that counts as frozen: a covered lens may give one black for ever.
	minContrast = 48
)

// stream is a device that was opened and delivers pictures.
type stream interface {
	String() string
	// run offers each shot as it is taken, until the device fails or stop is
	// closed.
	run(stop <-chan struct{}, offer func(shot)) error
	// close releases the device and what no shot holds any more.
	close()
}

// shot is a picture as the device delivered it.
type shot struct {
	seq     uint64
	time    time.Time
	develop func() (Frame, error) // makes the frame; called at most once
	release func()                // gives the memory back
}

// live keeps a stream running: it opens the device, takes the newest shot from
// it, and opens it again when it fails or returns.
type live struct {
	name string
	open func() (stream, error)

	stop chan struct{}
	done chan struct{} // closed when the loop has ended
	halt sync.Once
	wake chan struct{} // holds a token when there is news

	mu     sync.Mutex
	mode   string // of the open stream, "" while there is not one
	newest *shot
	err    error // not yet told

	seq  uint64 // of the last shot offered
	base uint64 // added to the numbers of the present stream

	still  stillness
	frozen chan struct{} // holds a token when the picture does not change

	lent [2]func() // releases the frames that the caller may still look at
}

func startLive(name string, open func() (stream, error)) *live {
	l := &live{
		name: name, open: open,
		stop: make(chan struct{}), done: make(chan struct{}), wake: make(chan struct{}, 1),
		frozen: make(chan struct{}, 1),
	}
	go l.loop()
	return l
}

func (l *live) loop() {
	defer close(l.done)
	var last string
	for {
		err := l.session()
		select {
		case <-l.stop:
			return
		default:
		}
		// A device that stays away is told of once, not at each attempt.
		if err != nil && err.Error() != last {
			last = err.Error()
			l.tell(fmt.Errorf("camera %s: %w", l.name, err))
		}
		if errors.Is(err, errStreamed) {
			last = ""
		}
		select {
		case <-l.stop:
			return
		case <-time.After(reopenEvery):
		}
	}
}

var errSilent = errors.New("no picture for " + silence.String())

var errFrozen = errors.New("the picture has not changed for " + frozenAfter.String())

// stillness notices a picture that does not change any more.
type stillness struct {
	seed  maphash.Seed
	sum   uint64
	since time.Time // of the first picture with this sum
}

// sees reports whether the picture has been the same for too long.
func (s *stillness) sees(f Frame) bool {
	if s.seed == (maphash.Seed{}) {
		s.seed = maphash.MakeSeed()
	}
	var h maphash.Hash
	h.SetSeed(s.seed)
	low, high := uint8(255), uint8(0)
	for y := range f.Height {
		row := f.Pix[y*f.Stride:][:f.Width]
		_, _ = h.Write(row) // never fails
		if y%8 == 0 {
			for x := 0; x < len(row); x += 8 {
				low, high = min(low, row[x]), max(high, row[x])
			}
		}
	}
	if sum := h.Sum64(); sum != s.sum || int(high)-int(low) < minContrast {
		s.sum, s.since = sum, f.Time
	}
	if f.Time.Sub(s.since) < frozenAfter {
		return false
	}
	s.since = f.Time
	return true
}

// errStreamed marks the failure of a device that had worked.
var errStreamed = errors.New("until then it delivered pictures")

func (l *live) session() error {
	s, err := l.open()
	if err != nil {
		return err
	}
	defer s.close()
	l.mu.Lock()
	l.mode = s.String()
	l.mu.Unlock()
	select {
	case <-l.frozen: // of the session before
	default:
	}
	any := false
	stop, ended := make(chan struct{}), make(chan struct{})
	var watch sync.WaitGroup
	var frozen bool
	watch.Go(func() {
		select {
		case <-l.stop:
		case <-l.frozen:
			frozen = true
		case <-ended:
			return
		}
		close(stop)
	})
	err = s.run(stop, func(n shot) {
		if !any {
			any = true
			l.rebase()
		}
		l.offer(n)
	})
	close(ended)
	watch.Wait()
	if frozen {
		err = errFrozen
	}
	l.mu.Lock()
	l.mode = ""
	if l.newest != nil { // not worth showing: it is of a device that is gone
		l.newest.release()
		l.newest = nil
	}
	l.mu.Unlock()
	if any && err != nil {
		return fmt.Errorf("%w (%w)", err, errStreamed)
	}
	return err
}

// rebase makes the numbers of a new stream go on behind those of the last.
func (l *live) rebase() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.base = l.seq
}

func (l *live) offer(s shot) {
	l.mu.Lock()
	// A driver that does not count its pictures is helped out.
	s.seq = max(l.base+s.seq, l.seq+1)
	l.seq = s.seq
	if l.newest != nil {
		l.newest.release()
	}
	l.newest, l.err = &s, nil
	l.mu.Unlock()
	l.notify()
}

func (l *live) tell(err error) {
	l.mu.Lock()
	l.err = err
	l.mu.Unlock()
	l.notify()
}

func (l *live) notify() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Next returns the newest frame that was not yet returned, and waits for one.
// One goroutine at a time may call it.
func (l *live) Next(ctx context.Context) (Frame, error) {
	broken := 0
	for {
		s, err := l.news()
		switch {
		case err != nil:
			return Frame{}, err
		case s != nil:
			f, err := l.accept(s)
			if err == nil {
				return f, nil
			}
			if broken++; broken == brokenInARow {
				return Frame{}, fmt.Errorf("camera %s delivers broken pictures: %w", l.name, err)
			}
			continue
		}
		select {
		case <-l.wake:
		case <-l.stop:
			return Frame{}, errHalted
		case <-ctx.Done():
			return Frame{}, fmt.Errorf("waiting for a picture: %w", context.Cause(ctx))
		}
	}
}

// news takes the newest shot or the failure that was not yet told.
func (l *live) news() (*shot, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, err := l.newest, l.err
	l.newest, l.err = nil, nil
	return s, err
}

// accept develops a shot and lends it to the caller until the call of Next
// after the following one.
func (l *live) accept(s *shot) (Frame, error) {
	f, err := s.develop()
	if err != nil {
		s.release()
		return Frame{}, err
	}
	if l.lent[0] != nil {
		l.lent[0]()
	}
	l.lent[0], l.lent[1] = l.lent[1], s.release
	f.Seq, f.Time = s.seq, s.time
	if l.still.sees(f) {
		select {
		case l.frozen <- struct{}{}:
		default:
		}
	}
	return f, nil
}

// String names the device and, while it delivers, its mode.
func (l *live) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mode == "" {
		return l.name
	}
	return l.mode
}

// Halt releases the device. The last two frames keep their memory, so that a
// goroutine that still looks at one does not fall over.
func (l *live) Halt() error {
	l.halt.Do(func() { close(l.stop) })
	<-l.done
	return nil
}
