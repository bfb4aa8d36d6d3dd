package thermometer

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/i2c"
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

// delivered is a sensor's emissivity of one.
var delivered = op(romEmiss, 0xffff)

// read plays a bus to a sensor that looks at a black body.
func read(t *testing.T, o Options, ops ...i2ctest.IO) (r Reading, err error) {
	t.Helper()
	if o.Emissivity == 0 {
		o.Emissivity = 1
	}
	synctest.Test(t, func(t *testing.T) {
		bus := &i2ctest.Playback{Ops: ops, DontPanic: true}
		sensor := New(bus, o)
		r, err = sensor.Read(t.Context())
		if err := errors.Join(sensor.Halt(), bus.Close()); err != nil {
			t.Error(err)
		}
	})
	return r, err
}

func near(a physic.Temperature, celsius float64) bool { return math.Abs(a.Celsius()-celsius) < 0.02 }

// The example of the datasheet's chapter on reading RAM: 0x3ad2 with PEC 0x30
// from the register of the object's temperature is 28.01 °C.
func TestDatasheetExample(t *testing.T) {
	t.Parallel()
	if got := pec(0xb4, 0x07, 0xb5, 0xd2, 0x3a); got != 0x30 {
		t.Errorf("the PEC is %#02x, want 0x30", got)
	}
	r, err := read(t, Options{Samples: 1}, delivered, i2ctest.IO{Addr: 0x5a, W: []byte{7}, R: []byte{0xd2, 0x3a, 0x30}}, op(6, raw(25)))
	if err != nil || r.Object != 301160*physic.MilliKelvin {
		t.Errorf("%v, %v; want 301.16 K", r.Object, err)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	t.Run("averages without the extremes", func(t *testing.T) {
		t.Parallel()
		r, err := read(t, Options{Samples: 4}, delivered, op(7, raw(36.4)), op(7, raw(36.6)), op(7, raw(41)), op(7, raw(30)), op(6, raw(28)))
		if err != nil || !near(r.Object, 36.5) || !near(r.Ambient, 28) {
			t.Errorf("%v, %v", r, err)
		}
	})
	t.Run("reads a damaged word again", func(t *testing.T) {
		t.Parallel()
		r, err := read(t, Options{Samples: 1}, delivered, damaged(op(7, raw(36.5))), op(7, raw(36.5)), op(6, raw(28)))
		if err != nil || !near(r.Object, 36.5) {
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
			if _, err := read(t, Options{Samples: 1}, append([]i2ctest.IO{delivered}, test.ops...)...); !errors.Is(err, test.want) {
				t.Errorf("%v, want %v", err, test.want)
			}
		})
	}
}

// A forehead of 36 °C in a room of 25 °C, seen by a sensor that takes it for a
// black body, reads lower by what the fourth powers say; the room's own
// temperature reads right whatever the emissivity.
func TestEmissivity(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		stored         uint16
		emissivity     float64
		read, ambient  float64
		want           float64
		wantWithinKelv float64
	}{
		"a black body":                     {0xffff, 1, 36, 25, 36, 0.01},
		"skin":                             {0xffff, Skin, 36, 25, 36.21, 0.02},
		"skin, by a sensor set to skin":    {0xfae1, Skin, 36, 25, 36, 0.02},
		"skin in a room as warm as itself": {0xffff, Skin, 36, 36, 36, 0.02},
		"skin in a hotter room":            {0xffff, Skin, 36, 40, 35.92, 0.02},
		"skin in the frost":                {0xffff, Skin, 34, -10, 34.72, 0.02},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := read(t, Options{Samples: 1, Emissivity: test.emissivity},
				op(romEmiss, test.stored), op(7, raw(test.read)), op(6, raw(test.ambient)))
			if err != nil || math.Abs(r.Object.Celsius()-test.want) > test.wantWithinKelv {
				t.Errorf("%.3f °C, %v; want %.2f", r.Object.Celsius(), err, test.want)
			}
		})
	}
}

// fakeBus answers as a function does.
type fakeBus func(w, r []byte) error

func (f fakeBus) String() string                        { return "a bus" }
func (f fakeBus) SetSpeed(physic.Frequency) error       { return nil }
func (f fakeBus) Close() error                          { return nil }
func (f fakeBus) Tx(_ uint16, w []byte, r []byte) error { return f(w, r) }

// healthy answers as a sensor at 36.5 °C.
func healthy(w, r []byte) error {
	word := raw(36.5)
	if w[0] == romEmiss {
		word = 0xffff
	}
	copy(r, op(w[0], word).R)
	return nil
}

// A kernel that waits for a line which is held low is left waiting; when the
// line is free again, so is the sensor.
func TestAStuckBus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var held atomic.Bool
		held.Store(true)
		bus := fakeBus(func(w, r []byte) error {
			for held.Load() {
				time.Sleep(10 * time.Millisecond)
			}
			return healthy(w, r)
		})
		sensor := New(bus, Options{Limit: 300 * time.Millisecond})
		for range 2 { // the second finds the first still under way
			start := time.Now()
			_, err := sensor.Read(t.Context())
			if !errors.Is(err, ErrStuck) || time.Since(start) != 300*time.Millisecond {
				t.Errorf("after %v: %v", time.Since(start), err)
			}
		}
		held.Store(false)
		if r, err := sensor.Read(t.Context()); err != nil || !near(r.Ambient, 36.5) {
			t.Errorf("free again: %v, %v", r, err)
		}
		if err := sensor.Halt(); err != nil {
			t.Error(err)
		}
	})
}

func TestReadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bus := fakeBus(func(w, r []byte) error { time.Sleep(200 * time.Millisecond); return healthy(w, r) })
		sensor := New(bus, Options{})
		ctx, stop := context.WithTimeout(t.Context(), 250*time.Millisecond)
		defer stop()
		if _, err := sensor.Read(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if err := sensor.Halt(); err != nil {
			t.Error(err)
		}
	})
}

// What goes wrong is said with what to do about it, and is over with its cause.
func TestFaultsAndReturn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  error
		advice string
	}{
		"unplugged":               {syscall.EREMOTEIO, "check its cable"},
		"another address":         {syscall.ENXIO, "its address"},
		"a short":                 {syscall.ETIMEDOUT, "SDA or SCL low"},
		"a bus that stays busy":   {syscall.EBUSY, "SDA or SCL low"},
		"an adapter pulled out":   {syscall.ENODEV, "plug its adapter in"},
		"a bus of another kind":   {syscall.EOPNOTSUPP, "no I²C bus"},
		"a user without the bus":  {syscall.EACCES, "group i2c"},
		"a bus that is off":       {syscall.ENOENT, "dtparam=i2c_arm=on"},
		"an unforeseen error":     {errors.New("smoke"), "smoke"},
		"two faults, one advised": {errors.Join(errors.New("smoke"), syscall.EREMOTEIO), "check its cable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				broken := true
				sensor := newDev("/dev/i2c-9", Options{}, func() (i2c.BusCloser, error) {
					return fakeBus(func(w, r []byte) error {
						if broken {
							return test.fault
						}
						return healthy(w, r)
					}), nil
				})
				_, err := sensor.Read(t.Context())
				if err == nil || !strings.Contains(err.Error(), test.advice) || !strings.Contains(err.Error(), "/dev/i2c-9") {
					t.Errorf("it says %v, which does not have %q", err, test.advice)
				}
				if !errors.Is(err, test.fault) {
					t.Errorf("%v does not wrap its cause", err)
				}
				broken = false
				if _, err := sensor.Read(t.Context()); err != nil {
					t.Errorf("mended: %v", err)
				}
			})
		})
	}
}
