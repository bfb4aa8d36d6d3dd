package panel

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpiotest"
)

// wire is a test pin that writes down when its level changed, and can break.
type wire struct {
	gpiotest.Pin
	born   time.Time
	log    []string
	broken error
	closed bool
}

func (w *wire) Out(l gpio.Level) error {
	w.Lock()
	if w.broken != nil {
		defer w.Unlock()
		return w.broken
	}
	if len(w.log) == 0 || w.L != l {
		w.log = append(w.log, fmt.Sprintf("%s %s", time.Since(w.born), map[gpio.Level]string{true: "on", false: "off"}[l]))
	}
	w.Unlock()
	return w.Pin.Out(l)
}

func (w *wire) Close() {
	w.Lock()
	defer w.Unlock()
	w.closed = true
}

func (w *wire) fail(err error) {
	w.Lock()
	defer w.Unlock()
	w.broken = err
}

// was is what happened to the wire, "0s off, 1s on" and so forth.
func (w *wire) was() string {
	w.Lock()
	defer w.Unlock()
	return strings.Join(w.log, ", ")
}

func (w *wire) is() bool {
	w.Lock()
	defer w.Unlock()
	return bool(w.L)
}

// bench is a panel on test wires. It lives in a synctest bubble.
type bench struct {
	*Panel
	green, amber, red, buzzer, barrier, button, door *wire

	mu     sync.Mutex
	events []string
}

func newBench(t *testing.T, change func(*Lines, *Options)) *bench {
	t.Helper()
	b := &bench{}
	pin := func(name string) *wire {
		return &wire{born: time.Now(), Pin: gpiotest.Pin{N: name, EdgesChan: make(chan gpio.Level, 64)}}
	}
	b.green, b.amber, b.red, b.buzzer = pin("G"), pin("A"), pin("R"), pin("Z")
	b.barrier, b.button, b.door = pin("B"), pin("X"), pin("D")
	lines := Lines{
		Green: Out{Pin: b.green}, Amber: Out{Pin: b.amber}, Red: Out{Pin: b.red},
		Buzzer: Out{Pin: b.buzzer}, Barrier: Out{Pin: b.barrier}, Button: In{Pin: b.button}, Door: In{Pin: b.door},
	}
	start := time.Now()
	options := Options{Notify: func(e Event) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.events = append(b.events, fmt.Sprintf("%s %T%v", time.Since(start), e, e))
	}}
	if change != nil {
		change(&lines, &options)
	}
	p, err := New(lines, options)
	if err != nil {
		t.Fatal(err)
	}
	b.Panel = p
	return b
}

func (b *bench) heard() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.events)
}

var errBroken = errors.New("broken")

// bubble runs a test on a bench under a clock of its own, and halts it.
func bubble(t *testing.T, change func(*Lines, *Options), test func(t *testing.T, b *bench)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, change)
		test(t, b)
		b.barrier.fail(nil)
		if err := b.Halt(); err != nil {
			t.Errorf("halting: %v", err)
		}
		for _, w := range []*wire{b.green, b.amber, b.red, b.buzzer, b.barrier} {
			if w.is() || !w.closed {
				t.Errorf("after Halt %s is on: %t, given back: %t", w.N, w.is(), w.closed)
			}
		}
	})
}
