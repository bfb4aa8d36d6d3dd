package thermometer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"periph.io/x/conn/v3/i2c"
	"periph.io/x/conn/v3/physic"
)

// DefaultAddress is the sensor's address as it is delivered.
const DefaultAddress = 0x5a

// Skin is the emissivity of human skin in the far infrared, of any colour
// (Steketee, Phys. Med. Biol. 18 (1973) 686).
const Skin = 0.98

const (
	ramAmbient = 0x06
	ramObject  = 0x07
	romEmiss   = 0x24 // EEPROM 0x04
	errorFlag  = 0x8000
	attempts   = 3 // at a word whose PEC is wrong
)

// Window of what the sensor can have measured at a checkpoint. Outside of it
// the sensor looked past the forehead, or is broken.
const (
	lowest  = physic.ZeroCelsius - 20*physic.Kelvin
	highest = physic.ZeroCelsius + 60*physic.Kelvin
)

// ErrImplausible is wrapped by readings outside of what can be.
var ErrImplausible = errors.New("the reading is implausible")

// ErrPEC is wrapped where the sensor's words arrive damaged again and again.
var ErrPEC = errors.New("the packet error code is wrong: keep its cable short and away from the barrier's")

// Reading is the mean of several measurements.
type Reading struct {
	Object  physic.Temperature // what the sensor looks at
	Ambient physic.Temperature // of the sensor itself
}

// Options of a sensor. Zero means the default.
type Options struct {
	Address    uint16        // DefaultAddress
	Samples    int           // that are averaged; 8
	Every      time.Duration // between two samples; 20 ms
	Limit      time.Duration // that a word may take; 500 ms, where the bus needs less than 10
	Emissivity float64       // of what is measured, above 0 to 1; Skin
}

// Dev is an MLX90614 on a bus. Its methods may be called from any goroutine.
type Dev struct {
	name string
	dial func() (i2c.BusCloser, error)
	opts Options

	turn  chan struct{} // holds one while a reading is under way
	owned sync.WaitGroup
	stuck <-chan struct{} // closed when a word that was given up has come back
}

// New returns the sensor on a bus, which stays open. It is not asked yet: Read
// says whether it is there.
func New(bus i2c.Bus, o Options) *Dev {
	return newDev(bus.String(), o, func() (i2c.BusCloser, error) { return leftOpen{bus}, nil })
}

// leftOpen is a bus that its owner closes.
type leftOpen struct{ i2c.Bus }

func (leftOpen) Close() error { return nil }

func newDev(name string, o Options, dial func() (i2c.BusCloser, error)) *Dev {
	o.Address = cmp.Or(o.Address, DefaultAddress)
	o.Samples = cmp.Or(o.Samples, 8)
	o.Every = cmp.Or(o.Every, 20*time.Millisecond)
	o.Limit = cmp.Or(o.Limit, 500*time.Millisecond)
	o.Emissivity = cmp.Or(o.Emissivity, Skin)
	return &Dev{name: name, dial: dial, opts: o, turn: make(chan struct{}, 1)}
}

// String names the sensor and its bus.
func (d *Dev) String() string { return fmt.Sprintf("MLX90614 at %s, %#02x", d.name, d.opts.Address) }

// Halt waits for a word that was given up and is still under way. The sensor
// itself measures on.
func (d *Dev) Halt() error {
	d.turn <- struct{}{}
	defer func() { <-d.turn }()
	d.owned.Wait()
	return nil
}

// Read averages several samples, without the highest and the lowest where there
// are more than two, and corrects them for the emissivity of what is measured.
// The error says what to do about it.
func (d *Dev) Read(ctx context.Context) (Reading, error) {
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return Reading{}, fmt.Errorf("thermometer at %s: %w", d.name, ctx.Err())
	}
	r, err := d.read(ctx)
	if err != nil {
		return Reading{}, fmt.Errorf("thermometer at %s: %w", d.name, err)
	}
	return r, nil
}

func (d *Dev) read(ctx context.Context) (Reading, error) {
	if err := d.free(ctx); err != nil {
		return Reading{}, err
	}
	bus, err := d.dial()
	if err != nil {
		return Reading{}, explain(err)
	}
	l := &line{dev: d, bus: bus}
	defer l.hangUp()
	assumed, err := l.word(ctx, romEmiss)
	if err != nil {
		return Reading{}, fmt.Errorf("reading the emissivity it assumes: %w", err)
	}
	objects := make([]physic.Temperature, 0, d.opts.Samples)
	for i := range d.opts.Samples {
		if i > 0 {
			if err := wait(ctx, d.opts.Every); err != nil {
				return Reading{}, err
			}
		}
		t, err := l.temperature(ctx, ramObject)
		if err != nil {
			return Reading{}, fmt.Errorf("measuring: %w", err)
		}
		objects = append(objects, t)
	}
	ambient, err := l.temperature(ctx, ramAmbient)
	if err != nil {
		return Reading{}, fmt.Errorf("measuring its own temperature: %w", err)
	}
	// A sensor whose EEPROM says zero would divide by it; none is delivered so.
	share := max(float64(assumed)/0xffff, 0.1)
	return Reading{Object: correct(trimmedMean(objects), ambient, share/d.opts.Emissivity), Ambient: ambient}, nil
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func trimmedMean(all []physic.Temperature) physic.Temperature {
	low, high, sum := all[0], all[0], physic.Temperature(0)
	for _, t := range all {
		low, high, sum = min(low, t), max(high, t), sum+t
	}
	if len(all) > 2 {
		return (sum - low - high) / physic.Temperature(len(all)-2)
	}
	return sum / physic.Temperature(len(all))
}

// correct turns what a sensor reads that assumes a body to radiate more or less
// than it does, by a ratio, into that body's temperature. The sensor's signal
// is the emissivity times the difference of the fourth powers of both
// temperatures in kelvin (chapter 4 of the datasheet).
func correct(read, ambient physic.Temperature, ratio float64) physic.Temperature {
	t, a := float64(read)/float64(physic.Kelvin), float64(ambient)/float64(physic.Kelvin)
	fourth := func(x float64) float64 { return x * x * x * x }
	body := math.Pow(max(ratio*(fourth(t)-fourth(a))+fourth(a), 0), 0.25)
	return physic.Temperature(math.Round(body * float64(physic.Kelvin)))
}
