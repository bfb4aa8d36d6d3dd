package panel

import (
	"context"
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"
)

func TestPanelStartsSafe(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *bench) {
		for _, w := range []*wire{b.green, b.amber, b.red, b.buzzer, b.barrier} {
			if w.was() != "0s off" {
				t.Errorf("%s at the start: %s", w.N, w.was())
			}
		}
		if want := "gpio:lamp-green=G,lamp-amber=A,lamp-red=R,buzzer=Z,barrier=B,button=X,door=D"; b.String() != want {
			t.Errorf("it calls itself %s", b)
		}
	})
}

func TestLampShowsOneColour(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *bench) {
		colours := map[string]*wire{"green": b.green, "amber": b.amber, "red": b.red}
		for _, colour := range []string{"green", "red", "amber", "amber", "", "green", ""} {
			if err := b.Light(colour); err != nil {
				t.Fatal(err)
			}
			for name, w := range colours {
				if w.is() != (name == colour) {
					t.Errorf("with %q asked for, %s is on: %t", colour, name, w.is())
				}
			}
		}
		if err := b.Light("blue"); err == nil {
			t.Error("a lamp shows blue")
		}
	})
}

func TestBuzzerPlaysPatterns(t *testing.T) {
	tests := map[string]string{
		"read":  "0s off, 0s on, 40ms off",
		"green": "0s off, 0s on, 150ms off",
		"amber": "0s off, 0s on, 150ms off, 250ms on, 400ms off",
		"red":   "0s off, 0s on, 500ms off, 650ms on, 1.15s off, 1.3s on, 1.8s off",
		"call":  "0s off, 0s on, 600ms off, 750ms on, 900ms off, 1.05s on, 1.65s off, 1.8s on, 1.95s off",
	}
	for pattern := range patterns {
		t.Run(pattern, func(t *testing.T) {
			bubble(t, nil, func(t *testing.T, b *bench) {
				if err := b.Sound(pattern); err != nil {
					t.Fatal(err)
				}
				time.Sleep(5 * time.Second)
				if got := b.buzzer.was(); got != tests[pattern] {
					t.Errorf("played %s", got)
				}
			})
		})
	}
}

func TestNewestSoundWins(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *bench) {
		if err := b.Sound("red"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(200 * time.Millisecond)
		if err := b.Sound("read"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		if got := b.buzzer.was(); got != "0s off, 0s on, 200ms off, 200ms on, 240ms off" {
			t.Errorf("played %s", got)
		}
		if err := b.Sound("trumpet"); err == nil {
			t.Error("a buzzer plays the trumpet")
		}
	})
}

func TestBarrierShutsByItself(t *testing.T) {
	type ask struct{ at, gone time.Duration } // gone: how long the asker's context lasts, 0 for ever
	const s = time.Second
	tests := []struct {
		name string
		asks []ask
		want string
	}{
		{"one party", []ask{{0, 0}}, "0s off, 0s on, 3s off"},
		{"two parties", []ask{{0, 0}, {5 * s, 0}}, "0s off, 0s on, 3s off, 5s on, 8s off"},
		{"another while it is open", []ask{{0, 0}, {2 * s, 0}}, "0s off, 0s on, 5s off"},
		{"asker gone", []ask{{0, s}}, "0s off, 0s on, 1s off"},
		{"first asker gone, not the second", []ask{{0, 2 * s}, {s, 0}}, "0s off, 0s on, 4s off"},
		{"never longer than the longest", []ask{{0, 0}, {2 * s, 0}, {4 * s, 0}, {6 * s, 0}, {8 * s, 0}, {9 * s, 0}},
			"0s off, 0s on, 10s off"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(_ *Lines, o *Options) { o.Longest = 10 * time.Second }, func(t *testing.T, b *bench) {
				start := time.Now()
				for _, a := range tt.asks {
					time.Sleep(a.at - time.Since(start))
					ctx := t.Context()
					if a.gone > 0 {
						var stop context.CancelFunc
						ctx, stop = context.WithTimeout(ctx, a.gone)
						defer stop()
					}
					if err := b.Open(ctx); err != nil {
						t.Fatal(err)
					}
					if !b.barrier.is() {
						t.Errorf("at %s Open returned with the barrier shut", a.at)
					}
				}
				time.Sleep(time.Minute)
				if got := b.barrier.was(); got != tt.want {
					t.Errorf("got  %s\nwant %s", got, tt.want)
				}
			})
		})
	}
}

func TestHaltShutsTheBarrier(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *bench) {
		if err := errors.Join(b.Open(t.Context()), b.Light("green"), b.Sound("call")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if err := b.Halt(); err != nil {
			t.Fatal(err)
		}
		if got := b.barrier.was(); !strings.HasPrefix(got, "0s off, 0s on, 1") || b.barrier.is() {
			t.Errorf("barrier: %s", got)
		}
		if err := b.Open(t.Context()); !errors.Is(err, ErrHalted) {
			t.Errorf("a halted panel opens the barrier: %v", err)
		}
		if err := b.Light("green"); !errors.Is(err, ErrHalted) {
			t.Errorf("a halted panel has light: %v", err)
		}
	})
}

func TestBarrierThatCannotBeShutIsTriedAgain(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *bench) {
		if err := b.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.barrier.fail(errBroken)
		time.Sleep(10*time.Second + retry/2)
		if err := b.Open(t.Context()); !errors.Is(err, errBroken) {
			t.Errorf("a barrier that does not obey was opened: %v", err)
		}
		b.barrier.fail(nil)
		time.Sleep(2 * retry)
		if b.barrier.is() {
			t.Error("the barrier is still open")
		}
		faults := slices.DeleteFunc(b.heard(), func(e string) bool { return !strings.Contains(e, "Fault") })
		if len(faults) != 2 || !strings.HasPrefix(faults[0], "3s panel.Fault{barrier barrier on line B: broken") ||
			!strings.HasSuffix(faults[1], "panel.Fault{barrier <nil>}") {
			t.Errorf("told %q", faults)
		}
	})
}

// edge is a level that a line takes at a time.
type edge struct {
	at    time.Duration
	level gpio.Level
}

func feed(w *wire, edges []edge) {
	start := time.Now()
	for _, e := range edges {
		time.Sleep(e.at - time.Since(start))
		w.EdgesChan <- e.level
	}
}

// The first edge comes between two looks at the line, so that the times below
// are exact: a contact counts 20 ms after its last edge.
func TestContactsCountWhenAtRest(t *testing.T) {
	const ms = time.Millisecond
	bouncing := func(at time.Duration, to gpio.Level) []edge {
		return []edge{{at, to}, {at + 2*ms, !to}, {at + 3*ms, to}, {at + 9*ms, !to}, {at + 12*ms, to}}
	}
	tests := []struct {
		name         string
		button, door []edge
		want         []string // after the door's first state
	}{
		{"a clean press", []edge{{1005 * ms, gpio.Low}, {1205 * ms, gpio.High}}, nil, []string{"1.025s panel.Pressed{}"}},
		{"a press that bounces", append(bouncing(1005*ms, gpio.Low), bouncing(1305*ms, gpio.High)...), nil,
			[]string{"1.037s panel.Pressed{}"}},
		{"a spike is no press", []edge{{1005 * ms, gpio.Low}, {1008 * ms, gpio.High}}, nil, nil},
		{"two presses", []edge{{1005 * ms, gpio.Low}, {1205 * ms, gpio.High}, {1405 * ms, gpio.Low}}, nil,
			[]string{"1.025s panel.Pressed{}", "1.425s panel.Pressed{}"}},
		{"the door shuts and opens", nil, append(bouncing(1005*ms, gpio.Low), bouncing(1505*ms, gpio.High)...),
			[]string{"1.037s panel.Door{false}", "1.537s panel.Door{true}"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, nil, func(t *testing.T, b *bench) {
				go feed(b.button, tt.button)
				go feed(b.door, tt.door)
				time.Sleep(3 * time.Second)
				want := append([]string{"20ms panel.Door{true}"}, tt.want...)
				if got := b.heard(); !slices.Equal(got, want) {
					t.Errorf("got %q\nwant %q", got, want)
				}
			})
		})
	}
}

func TestInvertedLines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, func(l *Lines, _ *Options) { l.Barrier.Invert, l.Door.Invert = true, true })
		if err := b.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if err := b.Halt(); err != nil {
			t.Fatal(err)
		}
		if got := b.barrier.was(); got != "0s on, 0s off, 3s on" {
			t.Errorf("a barrier that opens on low: %s", got)
		}
		if got := b.heard(); !slices.Equal(got, []string{"20ms panel.Door{false}"}) {
			t.Errorf("a contact that is open while the door is shut: %q", got)
		}
	})
}

func TestNewSaysWhichLineFails(t *testing.T) {
	t.Parallel()
	for _, broken := range []error{
		syscall.EBUSY,
		errors.New("GPIOLine.Out(): line_request ioctl: " + syscall.EBUSY.Error()), // what gpioioctl leaves of it
	} {
		free, busy := &wire{}, &wire{broken: broken}
		busy.N = "GPIO22"
		p, err := New(Lines{Barrier: Out{Pin: busy}, Green: Out{Pin: free}}, Options{})
		if p != nil || !errors.Is(err, syscall.EBUSY) {
			t.Fatalf("a busy line gives %v, %v", p, err)
		}
		for _, part := range []string{"barrier", "GPIO22", "gpioinfo"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q does not name %s", err, part)
			}
		}
		if !free.closed || !busy.closed {
			t.Error("lines of a panel that is not made are kept")
		}
	}
}

func TestPanelWithoutParts(t *testing.T) {
	t.Parallel()
	p, err := New(Lines{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(p.Light("green"), p.Sound("green"), p.Open(t.Context()), p.Halt()); err != nil {
		t.Error(err)
	}
}
