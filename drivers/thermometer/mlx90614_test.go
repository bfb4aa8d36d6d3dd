package thermometer

import (
	"errors"
	"testing"
	"time"

	"periph.io/x/conn/v3/i2c/i2ctest"
	"periph.io/x/conn/v3/physic"
)

// op is a word read from a register of the sensor at 0x5a.
func op(register byte, word uint16) i2ctest.IO {
	low, high := byte(word), byte(word>>8)
	return i2ctest.IO{Addr: DefaultAddress, W: []byte{register}, R: []byte{low, high, pec(0xb4, register, 0xb5, low, high)}}
}

func damaged(o i2ctest.IO) i2ctest.IO {
	o.R = []byte{o.R[0] ^ 1, o.R[1], o.R[2]}
	return o
}

// raw is a temperature in °C as the sensor writes it.
func raw(celsius float64) uint16 { return uint16((celsius+273.15)/0.02 + 0.5) }

func sensor(t *testing.T, samples int, ops ...i2ctest.IO) *Dev {
	t.Helper()
	bus := &i2ctest.Playback{Ops: append([]i2ctest.IO{op(0x24, 0xffff)}, ops...), DontPanic: true}
	t.Cleanup(func() {
		if err := bus.Close(); err != nil {
			t.Error(err)
		}
	})
	d, err := New(bus, Options{Samples: samples, Sleep: func(time.Duration) {}})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The example of the datasheet's chapter on reading RAM: 0x3ad2 with PEC 0x30
// from the register of the object's temperature is 28.01 °C.
func TestDatasheetExample(t *testing.T) {
	t.Parallel()
	if got := pec(0xb4, 0x07, 0xb5, 0xd2, 0x3a); got != 0x30 {
		t.Errorf("the PEC is %#02x, want 0x30", got)
	}
	d := sensor(t, 1, i2ctest.IO{Addr: 0x5a, W: []byte{7}, R: []byte{0xd2, 0x3a, 0x30}}, op(6, raw(25)))
	r, err := d.Measure()
	if err != nil || r.Object != 301160*physic.MilliKelvin {
		t.Errorf("%v, %v; want 301.16 K", r.Object, err)
	}
}

func TestMeasure(t *testing.T) {
	t.Parallel()
	near := func(a physic.Temperature, celsius float64) bool {
		d := a.Celsius() - celsius
		return d > -0.02 && d < 0.02
	}
	t.Run("averages without the extremes", func(t *testing.T) {
		t.Parallel()
		d := sensor(t, 4, op(7, raw(36.4)), op(7, raw(36.6)), op(7, raw(41)), op(7, raw(30)), op(6, raw(28)))
		if r, err := d.Measure(); err != nil || !near(r.Object, 36.5) || !near(r.Ambient, 28) {
			t.Errorf("%v, %v", r, err)
		}
	})
	t.Run("reads a damaged word again", func(t *testing.T) {
		t.Parallel()
		d := sensor(t, 1, damaged(op(7, raw(36.5))), op(7, raw(36.5)), op(6, raw(28)))
		if r, err := d.Measure(); err != nil || !near(r.Object, 36.5) {
			t.Errorf("%v, %v", r, err)
		}
	})
	for name, test := range map[string]struct {
		ops  []i2ctest.IO
		want error
	}{
		"a bad cable":                   {[]i2ctest.IO{damaged(op(7, 1)), damaged(op(7, 1)), damaged(op(7, 1))}, ErrPEC},
		"the sensor's error flag":       {[]i2ctest.IO{op(7, 0x8000|raw(36))}, ErrImplausible},
		"a sensor that looks at a lamp": {[]i2ctest.IO{op(7, raw(80))}, ErrImplausible},
		"a sensor that looks at ice":    {[]i2ctest.IO{op(7, raw(-40))}, ErrImplausible},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := sensor(t, 1, test.ops...).Measure(); !errors.Is(err, test.want) {
				t.Errorf("%v, want %v", err, test.want)
			}
		})
	}
}

func TestASensorThatIsNotThere(t *testing.T) {
	t.Parallel()
	if _, err := New(&i2ctest.Playback{DontPanic: true}, Options{}); err == nil {
		t.Error("it was found on an empty bus")
	}
}
