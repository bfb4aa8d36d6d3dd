package hardware

import (
	"errors"
	"math"
	"testing"
	"time"

	"chot/deploy/testbed/bench/virtual"
	"chot/deploy/testbed/harness"
	"chot/drivers/thermometer"
)

func TestThermometer(t *testing.T) {
	sensor, err := virtual.NewSensor()
	harness.Must(t, err)
	d, err := thermometer.Open("i2c:" + virtual.Bus + ",emissivity=1")
	harness.Must(t, err)
	reads := func() error {
		r, err := d.Read(t.Context())
		if err == nil && (math.Abs(r.Object.Celsius()-36.6) > 0.02 || math.Abs(r.Ambient.Celsius()-27) > 0.02) {
			t.Errorf("it sees %v and is at %v, want 36.6 and 27 °C", r.Object, r.Ambient)
		}
		return err
	}
	harness.Must(t, sensor.See(36.6, 27))
	harness.Must(t, reads())

	harness.Must(t, sensor.Fault(virtual.Unplugged))
	says(t, reads(), virtual.Bus, "check its cable")
	harness.Must(t, sensor.Fault(virtual.Noisy))
	if err := reads(); !errors.Is(err, thermometer.ErrPEC) {
		t.Errorf("damaged words: %v", err)
	}
	harness.Must(t, sensor.Fault(virtual.Stuck))
	start := time.Now()
	err = reads()
	says(t, err, virtual.Bus, "holds SDA or SCL low", "take the sensor's plug out")
	t.Logf("given up after %v", time.Since(start).Round(time.Millisecond))
	harness.Must(t, sensor.Fault(virtual.Sound))
	back(t, "the sensor", harness.Until(t, "the sensor", 10*time.Second, func() bool { return reads() == nil }))

	harness.Must(t, sensor.See(80, 27))
	if err := reads(); !errors.Is(err, thermometer.ErrImplausible) {
		t.Errorf("a lamp for a forehead: %v", err)
	}

	harness.Must(t, sensor.Close())
	says(t, reads(), virtual.Bus, "plug its adapter in")
	_, err = virtual.NewSensor()
	harness.Must(t, err)
	back(t, "the adapter", harness.Until(t, "the adapter", 10*time.Second, func() bool { _, err := d.Read(t.Context()); return err == nil }))

	other, err := thermometer.Open("i2c:" + virtual.Bus + ",address=0x2a")
	harness.Must(t, err)
	_, err = other.Read(t.Context())
	says(t, err, virtual.Bus, "its address")
	harness.Must(t, d.Halt())
}
