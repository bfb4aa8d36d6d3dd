package virtual

import "fmt"

// Bus is the I²C bus with the thermometer.
const Bus = "/dev/i2c-9"

// Sensor is the infrared thermometer at 0x5a.
type Sensor struct{}

// The states of the sensor's bus, as its kernel module has them.
const (
	Sound     = 0
	Unplugged = 1
	Noisy     = 2 // every word is damaged
	Stuck     = 3 // a line is held low: transfers wait
)

// NewSensor plugs in the adapter with the bus and the sensor.
func NewSensor() (Sensor, error) {
	if err := Load("i2c-dev", "i2c-mlx90614"); err != nil {
		return Sensor{}, err
	}
	return Sensor{}, appeared(Bus)
}

// See sets what the sensor looks at, and its own temperature, in °C.
func (s Sensor) See(object, ambient float64) error {
	for name, celsius := range map[string]float64{"object": object, "ambient": ambient} {
		if err := s.set(name, int((celsius+273.15)/0.02+0.5)); err != nil {
			return err
		}
	}
	return nil
}

// Fault sets the state of the bus.
func (s Sensor) Fault(state int) error { return s.set("fault", state) }

func (Sensor) set(parameter string, value int) error {
	return write("/sys/module/i2c_mlx90614/parameters/"+parameter, fmt.Sprint(value))
}

// Close pulls the adapter out.
func (Sensor) Close() error { return Unload("i2c-mlx90614") }
