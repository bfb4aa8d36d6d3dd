package thermometer

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"periph.io/x/conn/v3/i2c"
)

// Open returns the sensor that spec describes: "i2c:", the device of the bus
// and, separated by commas, what differs from the usual,
//
//	address=0x5a  emissivity=0.98  samples=8
//
// Nothing is opened yet: a sensor or a bus that is missing is noticed by Read,
// and one that returns is used again. For example:
//
//	i2c:/dev/i2c-1,emissivity=0.97
func Open(spec string) (*Dev, error) {
	path, o, err := parse(spec)
	if err != nil {
		return nil, fmt.Errorf("thermometer %q: %w", spec, err)
	}
	return newDev(path, o, func() (i2c.BusCloser, error) { return openBus(path) }), nil
}

func parse(spec string) (path string, o Options, err error) {
	rest, isI2C := strings.CutPrefix(spec, "i2c:")
	path, list, more := strings.Cut(rest, ",")
	if !isI2C || !strings.HasPrefix(path, "/") {
		return "", o, errors.New("a thermometer is described by i2c: and the device of its bus, such as i2c:/dev/i2c-1")
	}
	if !more {
		return path, o, nil
	}
	for item := range strings.SplitSeq(list, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(item), "=")
		good := false
		switch key {
		case "address": // SMBus leaves these to devices
			n, err := strconv.ParseUint(value, 0, 7)
			o.Address, good = uint16(n), err == nil && n >= 0x08 && n <= 0x77
		case "emissivity":
			o.Emissivity, err = strconv.ParseFloat(value, 64)
			good = err == nil && o.Emissivity >= 0.1 && o.Emissivity <= 1
		case "samples":
			o.Samples, err = strconv.Atoi(value)
			good = err == nil && o.Samples >= 1 && o.Samples <= 100
		default:
			return "", o, fmt.Errorf("there is no option %q", key)
		}
		if !good {
			return "", o, fmt.Errorf("%s cannot be %q", key, value)
		}
	}
	return path, o, nil
}
