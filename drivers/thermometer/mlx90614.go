// Package thermometer reads the Melexis MLX90614, an infrared thermometer that
// measures a forehead without touching it.
//
// Every word that the sensor sends carries a packet error code (PEC), which is
// checked: a bus beside a barrier's relay is noisy, and a wrong temperature
// accuses a person. What is a fever is for the checkpoint's policy to say.
//
// # Datasheet
//
// Melexis, MLX90614 family, 3901090614, revision 13: chapter 8.4 for the SMBus,
// 8.3.3 and 8.4.5 for the addresses and 8.7 for the temperatures.
package thermometer

import (
	"errors"
	"fmt"
	"time"

	"periph.io/x/conn/v3/i2c"
	"periph.io/x/conn/v3/physic"
)

// DefaultAddress is the sensor's address as it is delivered.
const DefaultAddress = 0x5a

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
var ErrPEC = errors.New("the packet error code is wrong: check the cable")

// Reading is the mean of several measurements.
type Reading struct {
	Object  physic.Temperature // what the sensor looks at
	Ambient physic.Temperature // of the sensor itself
}

// Options of a sensor.
type Options struct {
	Address uint16              // zero: DefaultAddress
	Samples int                 // that are averaged; zero: 8
	Every   time.Duration       // between two samples; zero: 20 ms
	Sleep   func(time.Duration) // nil: time.Sleep
}

// Dev is an MLX90614 on a bus.
type Dev struct {
	dev  i2c.Dev
	opts Options
}

// New returns the sensor on a bus after reading its emissivity, which shows
// that it is there.
func New(bus i2c.Bus, o Options) (*Dev, error) {
	if o.Address == 0 {
		o.Address = DefaultAddress
	}
	if o.Samples == 0 {
		o.Samples = 8
	}
	if o.Every == 0 {
		o.Every = 20 * time.Millisecond
	}
	if o.Sleep == nil {
		o.Sleep = time.Sleep
	}
	d := &Dev{dev: i2c.Dev{Bus: bus, Addr: o.Address}, opts: o}
	if _, err := d.Emissivity(); err != nil {
		return nil, err
	}
	return d, nil
}

// String names the sensor and its bus.
func (d *Dev) String() string { return fmt.Sprintf("MLX90614 at %s", d.dev.String()) }

// Halt does nothing: the sensor measures by itself.
func (d *Dev) Halt() error { return nil }

// Emissivity is what share of a body's own radiation the sensor assumes, as
// stored in it: 1 as delivered; skin has 0.98.
func (d *Dev) Emissivity() (float64, error) {
	w, err := d.word(romEmiss)
	if err != nil {
		return 0, fmt.Errorf("reading the thermometer's emissivity: %w", err)
	}
	return float64(w) / 0xffff, nil
}

// Measure averages several samples, without the highest and the lowest where
// there are more than two.
func (d *Dev) Measure() (Reading, error) {
	objects := make([]physic.Temperature, 0, d.opts.Samples)
	for i := range d.opts.Samples {
		if i > 0 {
			d.opts.Sleep(d.opts.Every)
		}
		t, err := d.temperature(ramObject)
		if err != nil {
			return Reading{}, fmt.Errorf("measuring: %w", err)
		}
		objects = append(objects, t)
	}
	ambient, err := d.temperature(ramAmbient)
	if err != nil {
		return Reading{}, fmt.Errorf("measuring the thermometer's own temperature: %w", err)
	}
	return Reading{Object: trimmedMean(objects), Ambient: ambient}, nil
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

// temperature reads a word in units of 0.02 K.
func (d *Dev) temperature(register byte) (physic.Temperature, error) {
	w, err := d.word(register)
	if err != nil {
		return 0, err
	}
	t := physic.Temperature(w) * 20 * physic.MilliKelvin
	if w&errorFlag != 0 || t < lowest || t > highest {
		return 0, fmt.Errorf("%w: the sensor says %#04x", ErrImplausible, w)
	}
	return t, nil
}

// word reads a register: low byte, high byte, PEC.
func (d *Dev) word(register byte) (uint16, error) {
	var b [3]byte
	for range attempts {
		if err := d.dev.Tx([]byte{register}, b[:]); err != nil {
			return 0, fmt.Errorf("the thermometer does not answer, check its cable: %w", err)
		}
		write, read := byte(d.dev.Addr<<1), byte(d.dev.Addr<<1|1)
		if pec(write, register, read, b[0], b[1]) == b[2] {
			return uint16(b[0]) | uint16(b[1])<<8, nil
		}
	}
	return 0, ErrPEC
}

// pec is the CRC-8 of SMBus: x⁸+x²+x+1, over every byte on the bus.
func pec(bytes ...byte) byte {
	var crc byte
	for _, b := range bytes {
		crc ^= b
		for range 8 {
			carry := crc & 0x80
			crc <<= 1
			if carry != 0 {
				crc ^= 0x07
			}
		}
	}
	return crc
}
