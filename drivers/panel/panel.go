package panel

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"periph.io/x/conn/v3/gpio"
)

// Out is an output line.
type Out struct {
	Pin    gpio.PinOut // nil for none
	Invert bool        // on when the line is low
}

// In is a contact to ground.
type In struct {
	Pin    gpio.PinIn // nil for none
	Invert bool       // closed counts as open
}

// Lines says what is wired to which line. A part without a line is left alone:
// asking for it succeeds and does nothing.
type Lines struct {
	Green, Amber, Red Out // the lamp
	Buzzer            Out // one that sounds by itself while it has power
	Barrier           Out // the relay that lets one party through
	Button            In  // the exit button
	Door              In  // the door contact
}

// String lists the parts and their lines, as Open takes them.
func (l Lines) String() string {
	var parts []string
	for _, part := range wiring {
		if name := part.name(&l); name != "" {
			parts = append(parts, part.key+"="+name)
		}
	}
	return "gpio:" + strings.Join(parts, ",")
}

// Options are a panel's times and its listener. Zero means the default.
type Options struct {
	Opening  time.Duration // how long the barrier stays open for one party; 3 s
	Longest  time.Duration // how long it stays open in one go, however many pass; 30 s
	Debounce time.Duration // how long a contact must rest before it counts; 20 ms

	// Notify is told what happens at the panel, one event at a time. It must
	// return soon, and must not call the panel.
	Notify func(Event)
}

// Event is something that happens at the panel: [Pressed], [Door] or [Fault].
type Event interface{ event() }

// Pressed says that the exit button was pressed.
type Pressed struct{}

// Door says that the door was opened or shut. It is also told once at the start.
type Door struct{ Open bool }

// Fault says that a part does not work, or with a nil error that it does again.
type Fault struct {
	Part string // as in the spec that Open takes
	Err  error
}

func (Pressed) event() {}
func (Door) event()    {}
func (Fault) event()   {}

// ErrHalted is returned by the methods of a panel that was halted.
var ErrHalted = errors.New("the panel is halted")

// Panel is a panel at work. Its methods may be called from any goroutine.
type Panel struct {
	name    string
	outputs []*output // in the order in which they are made safe: the barrier first
	lamp    lamp
	buzzer  buzzer
	barrier barrier
	inputs  []closer

	stop   context.CancelFunc
	owned  sync.WaitGroup
	halted sync.Once
}

// closer is a line that can be given back to the kernel, as gpioioctl's can.
type closer interface{ Close() }

// New takes the lines and makes the panel safe: barrier shut, lamp and buzzer
// off. The error says which line could not be taken. Halt gives the lines back.
func New(lines Lines, o Options) (*Panel, error) {
	o.Opening = cmp.Or(o.Opening, 3*time.Second)
	o.Longest = cmp.Or(o.Longest, max(30*time.Second, o.Opening))
	o.Debounce = cmp.Or(o.Debounce, 20*time.Millisecond)
	if o.Opening < 0 || o.Longest < o.Opening || o.Debounce < 0 {
		return nil, fmt.Errorf("a panel cannot open for %s, at most %s, with contacts at rest for %s",
			o.Opening, o.Longest, o.Debounce)
	}
	tell := notifier(o.Notify)
	ctx, stop := context.WithCancel(context.Background())
	p := &Panel{stop: stop, name: lines.String()}
	wire := func(part string, line Out) *output {
		out := &output{part: part, line: line, notify: tell}
		p.outputs = append(p.outputs, out)
		return out
	}
	p.barrier = barrier{relay: wire("barrier", lines.Barrier), opening: o.Opening, longest: o.Longest,
		requests: make(chan request), gone: ctx.Done()}
	p.buzzer = buzzer{out: wire("buzzer", lines.Buzzer), beats: make(chan []time.Duration, 1)}
	p.lamp.colours = map[string]*output{
		"red":   wire("lamp-red", lines.Red),
		"amber": wire("lamp-amber", lines.Amber),
		"green": wire("lamp-green", lines.Green),
	}
	button := &contact{part: "button", line: lines.Button, rest: o.Debounce, changed: func(open, first bool) {
		if !open && !first {
			tell(Pressed{})
		}
	}}
	door := &contact{part: "door", line: lines.Door, rest: o.Debounce,
		changed: func(open, _ bool) { tell(Door{Open: open}) }}
	err := p.safe()
	for _, c := range []*contact{button, door} {
		if line, ok := c.line.Pin.(closer); ok {
			p.inputs = append(p.inputs, line)
		}
		if err == nil {
			err = c.take()
		}
	}
	if err != nil {
		_ = p.Halt() // gives back what was taken; what is wrong with it is known
		return nil, fmt.Errorf("taking the panel's lines: %w", err)
	}
	p.owned.Go(func() { p.barrier.run(ctx) })
	p.owned.Go(func() { p.buzzer.run(ctx) })
	p.owned.Go(func() { button.watch(ctx) })
	p.owned.Go(func() { door.watch(ctx) })
	return p, nil
}

// notifier makes calls of notify wait for each other.
func notifier(notify func(Event)) func(Event) {
	var mu sync.Mutex
	return func(e Event) {
		if notify != nil {
			mu.Lock()
			defer mu.Unlock()
			notify(e)
		}
	}
}

// String lists the parts and their lines, as Open takes them.
func (p *Panel) String() string { return p.name }

// safe shuts the barrier and switches everything off.
func (p *Panel) safe() (err error) {
	for _, out := range p.outputs {
		err = errors.Join(err, out.set(false))
	}
	return err
}

// Halt makes the panel safe and gives its lines back. It waits for the panel's
// goroutines, at most about a tenth of a second.
func (p *Panel) Halt() (err error) {
	p.halted.Do(func() {
		p.stop()
		p.owned.Wait()
		err = p.safe()
		for _, out := range p.outputs {
			out.release()
		}
		for _, in := range p.inputs {
			in.Close()
		}
	})
	return err
}
