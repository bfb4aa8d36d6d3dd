package device

import (
	"context"
	"errors"
	"fmt"
	"time"

	"periph.io/x/conn/v3/physic"

	"chot/drivers/thermometer"
	"chot/kiosk/appliance/pause"
	"chot/kiosk/checkpoint"
	"chot/kiosk/condition"
)

// sensor is a *thermometer.Dev.
type sensor interface {
	String() string
	Read(ctx context.Context) (thermometer.Reading, error)
}

// Thermometer takes temperatures of foreheads.
type Thermometer struct {
	host   Host
	sensor sensor
}

// NewThermometer makes the loop of an open thermometer.
func NewThermometer(host Host, t *thermometer.Dev) *Thermometer {
	return &Thermometer{host, t}
}

// The temperatures that a forehead can have: outside of them the sensor sees the
// hall. The checkpoint waits for a reading when it needs one.
const (
	minForehead  = physic.ZeroCelsius + 34*physic.Celsius
	maxForehead  = physic.ZeroCelsius + 43*physic.Celsius
	readInterval = 300 * time.Millisecond
)

// Run reads until the context ends, and says when the sensor is gone.
func (t *Thermometer) Run(ctx context.Context) error {
	works, known := false, false
	for {
		reading, err := t.sensor.Read(ctx)
		if ctx.Err() != nil {
			return nil
		}
		good := err == nil || errors.Is(err, thermometer.ErrImplausible) // it answers
		if good != works || !known {
			works, known = good, true
			if good {
				t.host.tell(ctx, checkpoint.PartThermometer, t.sensor.String())
			} else {
				t.host.Log.Warn("thermometer", "error", err)
				t.host.tell(ctx, checkpoint.PartThermometer, t.sensor.String(), condition.ThermometerGone)
			}
		}
		if err == nil && reading.Object >= minForehead && reading.Object <= maxForehead {
			t.host.Send(ctx, checkpoint.Temperature{Celsius: celsius(reading.Object)})
		}
		if !pause.For(ctx, readInterval) {
			return nil
		}
	}
}

// TestThermometer reads a thermometer once and returns what it and its
// surroundings have.
func TestThermometer(ctx context.Context, spec string) (string, error) {
	sensor, err := thermometer.Open(spec)
	if err != nil {
		return "", err
	}
	defer sensor.Halt()
	r, err := sensor.Read(ctx)
	if err != nil {
		return "", err
	}
	return formatCelsius(r.Object) + ", " + formatCelsius(r.Ambient), nil
}

func formatCelsius(t physic.Temperature) string { return fmt.Sprintf("%.1f °C", celsius(t)) }

// celsius is a temperature in tenths of a degree, as people read it.
func celsius(t physic.Temperature) float64 {
	tenth := physic.Celsius / 10
	return float64((t-physic.ZeroCelsius+tenth/2)/tenth) / 10
}
