package panel

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"periph.io/x/conn/v3/driver/driverreg"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/host/v3/gpioioctl"
)

// part is something that a spec can name a line for.
type part struct {
	key string
	out func(*Lines) *Out // one of the two
	in  func(*Lines) *In
}

// wiring is the parts, in the order in which they are listed.
var wiring = []part{
	{key: "lamp-green", out: func(l *Lines) *Out { return &l.Green }},
	{key: "lamp-amber", out: func(l *Lines) *Out { return &l.Amber }},
	{key: "lamp-red", out: func(l *Lines) *Out { return &l.Red }},
	{key: "buzzer", out: func(l *Lines) *Out { return &l.Buzzer }},
	{key: "barrier", out: func(l *Lines) *Out { return &l.Barrier }},
	{key: "button", in: func(l *Lines) *In { return &l.Button }},
	{key: "door", in: func(l *Lines) *In { return &l.Door }},
}

// set assigns a line to the part.
func (p part) set(l *Lines, pin gpio.PinIO, invert bool) {
	if p.out != nil {
		*p.out(l) = Out{pin, invert}
	} else {
		*p.in(l) = In{pin, invert}
	}
}

// name is the part's line as a spec has it, or empty.
func (p part) name(l *Lines) string {
	if p.out != nil {
		if o := p.out(l); o.Pin != nil {
			return mark(o.Invert) + o.Pin.Name()
		}
		return ""
	}
	if i := p.in(l); i.Pin != nil {
		return mark(i.Invert) + i.Pin.Name()
	}
	return ""
}

func mark(invert bool) string {
	if invert {
		return "!"
	}
	return ""
}

// Open opens the panel that spec describes: "gpio:" and, separated by commas,
//
//	lamp-green=LINE  lamp-amber=LINE  lamp-red=LINE
//	buzzer=LINE      barrier=LINE
//	button=LINE      door=LINE
//	opening=3s       longest=30s      debounce=20ms
//
// LINE is the line's name, such as GPIO17, or the name or label of its chip and
// the name or number of the line, such as gpiochip0/17; a "!" before it inverts
// it. Notify may be nil. For example:
//
//	gpio:lamp-green=GPIO17,lamp-red=GPIO27,barrier=GPIO22,button=GPIO5,opening=5s
func Open(spec string, notify func(Event)) (*Panel, error) {
	lines, options, err := parse(spec, findLine)
	if err != nil {
		return nil, fmt.Errorf("panel %q: %w", spec, err)
	}
	options.Notify = notify
	p, err := New(lines, options)
	if err != nil {
		return nil, fmt.Errorf("panel %q: %w", spec, err)
	}
	return p, nil
}

// parse reads a spec; find finds the lines that it names.
func parse(spec string, find func(name string) (gpio.PinIO, error)) (lines Lines, o Options, err error) {
	list, isGPIO := strings.CutPrefix(spec, "gpio:")
	if !isGPIO {
		return lines, o, errors.New("a panel is described by gpio: and its lines")
	}
	times := map[string]*time.Duration{"opening": &o.Opening, "longest": &o.Longest, "debounce": &o.Debounce}
	seen := map[string]bool{}    // the keys so far
	taken := map[string]string{} // the part that a line is for
	for item := range strings.SplitSeq(list, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(item), "=")
		if seen[key] {
			return lines, o, fmt.Errorf("%s is named twice", key)
		}
		seen[key] = true
		if d := times[key]; d != nil {
			if *d, err = time.ParseDuration(value); err != nil || *d <= 0 {
				return lines, o, fmt.Errorf("%s: %q is not a time such as 3s", key, value)
			}
			continue
		}
		p, known := partNamed(key)
		if !known {
			return lines, o, fmt.Errorf("there is no part %q", key)
		}
		name, invert := strings.CutPrefix(value, "!")
		if other := taken[name]; other != "" {
			return lines, o, fmt.Errorf("%s and %s cannot both be on line %s", other, key, name)
		}
		taken[name] = key
		pin, err := find(name)
		if err != nil {
			return lines, o, fmt.Errorf("%s: %w", key, err)
		}
		p.set(&lines, pin, invert)
	}
	return lines, o, nil
}

func partNamed(key string) (part, bool) {
	for _, p := range wiring {
		if p.key == key {
			return p, true
		}
	}
	return part{}, false
}

// finding guards gpioioctl's list of chips, which the first use fills.
var finding sync.Mutex

// findLine finds a line of this machine.
func findLine(name string) (gpio.PinIO, error) {
	if name == "" {
		return nil, errors.New("no line is named")
	}
	finding.Lock()
	defer finding.Unlock()
	if _, err := driverreg.Init(); err != nil {
		return nil, fmt.Errorf("looking for GPIO chips: %w", err)
	}
	chip, line, onChip := strings.Cut(name, "/")
	if !onChip {
		chip, line = "", name
	}
	for _, c := range gpioioctl.Chips {
		if chip != "" && chip != c.Name() && chip != c.Label() {
			continue
		}
		if l := c.ByName(line); l != nil {
			return l, nil
		}
		if n, err := strconv.Atoi(line); err == nil && chip != "" && n >= 0 && n < c.LineCount() {
			return c.ByNumber(n), nil
		}
	}
	return nil, missing(name)
}

// missing says why a line may not be there.
func missing(name string) error {
	files, _ := filepath.Glob("/dev/gpiochip*") // the pattern is good
	if len(files) == 0 {
		return fmt.Errorf("there is no line %s, for this machine shows no GPIO chip (/dev/gpiochip0): load the kernel's driver for it", name)
	}
	f, err := os.Open(files[0])
	if err != nil {
		return fmt.Errorf("there is no line %s: %w; the kiosk's user must be in the group gpio", name, err)
	}
	_ = f.Close() // it was only looked at
	return fmt.Errorf("there is no line %s; gpioinfo lists the lines of %s", name, strings.Join(files, ", "))
}
