package appliance

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"periph.io/x/conn/v3/physic"

	"chot/drivers/thermometer"
	"chot/kiosk/checkpoint"
)

// sensor is what warmth needs of a thermometer.
type sensor interface {
	String() string
	Read(ctx context.Context) (thermometer.Reading, error)
}

// warmth takes temperatures of foreheads.
type warmth struct {
	sensor sensor
	send   func(context.Context, checkpoint.Event)
	now    func() time.Time
	log    *slog.Logger
}

// What a forehead can have: outside of it nobody stands there. The checkpoint
// waits for a reading when it needs one.
const (
	coldest = physic.ZeroCelsius + 34*physic.Celsius
	hottest = physic.ZeroCelsius + 43*physic.Celsius
	glance  = 300 * time.Millisecond // between two looks
)

// run looks until the context ends, and says when the sensor is gone.
func (w *warmth) run(ctx context.Context) error {
	works, known := false, false
	for {
		reading, err := w.sensor.Read(ctx)
		if ctx.Err() != nil {
			return nil
		}
		good := err == nil || errors.Is(err, thermometer.ErrImplausible) // it answers
		if good != works || !known {
			works, known = good, true
			w.tell(ctx, err, good)
		}
		if err == nil && reading.Object >= coldest && reading.Object <= hottest {
			w.send(ctx, checkpoint.Temperature{Celsius: celsius(reading.Object)})
		}
		if !wait(ctx, glance) {
			return nil
		}
	}
}

func (w *warmth) tell(ctx context.Context, err error, works bool) {
	changed := checkpoint.DeviceChanged{Part: checkpoint.PartThermometer, Value: w.sensor.String()}
	if !works {
		w.log.Warn("thermometer", "error", err)
		changed.Conditions = []checkpoint.Condition{{Code: "thermometer-gone", Severity: checkpoint.Warning, Since: w.now()}}
	}
	w.send(ctx, changed)
}

// celsius is a temperature in tenths of a degree, as people read it.
func celsius(t physic.Temperature) float64 {
	tenth := physic.Celsius / 10
	return float64((t-physic.ZeroCelsius+tenth/2)/tenth) / 10
}
