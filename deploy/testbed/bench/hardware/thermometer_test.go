package hardware

import (
	"errors"
	"math"
	"testing"
	"time"

	"chot/deploy/testbed/bench/virtual"
	"chot/drivers/thermometer"
)

func TestThermometer(t *testing.T) {
	sensor, err := virtual.NewSensor()
	must(t, err)
	d, err := thermometer.Open("i2c:" + virtual.Bus + ",emissivity=1")
	must(t, err)
	reads := func() error {
		r, err := d.Read(t.Context())
		if err == nil && (math.Abs(r.Object.Celsius()-36.6) > 0.02 || math.Abs(r.Ambient.Celsius()-27) > 0.02) {
			t.Errorf("it sees %v and is at %v, want 36.6 and 27 °C", r.Object, r.Ambient)
		}
		return err
	}
	must(t, sensor.See(36.6, 27))
	must(t, reads())

	must(t, sensor.Fault(virtual.Unplugged))
	says(t, reads(), virtual.Bus, "check its cable")
	must(t, sensor.Fault(virtual.Noisy))
	if err := reads(); !errors.Is(err, thermometer.ErrPEC) {
		t.Errorf("damaged words: %v", err)
	}
	must(t, sensor.Fault(virtual.Stuck))
	start := time.Now()
	err = reads()
	says(t, err, virtual.Bus, "holds SDA or SCL low", "take the sensor's plug out")
	t.Logf("given up after %v", time.Since(start).Round(time.Millisecond))
	must(t, sensor.Fault(virtual.Sound))
	back(t, "the sensor", until(t, "the sensor", 10*time.Second, func() bool { return reads() == nil }))

	must(t, sensor.See(80, 27))
	if err := reads(); !errors.Is(err, thermometer.ErrImplausible) {
		t.Errorf("a lamp for a forehead: %v", err)
	}

	must(t, sensor.Close())
	says(t, reads(), virtual.Bus, "plug its adapter in")
	_, err = virtual.NewSensor()
	must(t, err)
	back(t, "the adapter", until(t, "the adapter", 10*time.Second, func() bool { _, err := d.Read(t.Context()); return err == nil }))

	other, err := thermometer.Open("i2c:" + virtual.Bus + ",address=0x2a")
	must(t, err)
	_, err = other.Read(t.Context())
	says(t, err, virtual.Bus, "its address")
	must(t, d.Halt())
}
