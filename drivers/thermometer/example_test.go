package thermometer_test

import (
	"fmt"
	"log"

	"chot/drivers/thermometer"

	"periph.io/x/conn/v3/i2c/i2creg"
	"periph.io/x/host/v3"
)

func Example() {
	if _, err := host.Init(); err != nil {
		log.Fatal(err)
	}
	bus, err := i2creg.Open("") // the first
	if err != nil {
		log.Fatal(err)
	}
	defer bus.Close()
	sensor, err := thermometer.New(bus, thermometer.Options{})
	if err != nil {
		log.Fatal(err)
	}
	reading, err := sensor.Measure()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(reading.Object)
}
