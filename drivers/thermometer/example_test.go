package thermometer_test

import (
	"context"
	"fmt"

	"chot/drivers/thermometer"

	"periph.io/x/conn/v3/i2c/i2ctest"
)

func Example() {
	// What a sensor at 0x5a said: its emissivity, a forehead, itself.
	bus := &i2ctest.Playback{Ops: []i2ctest.IO{
		{Addr: 0x5a, W: []byte{0x24}, R: []byte{0xff, 0xff, 0xd6}},
		{Addr: 0x5a, W: []byte{0x07}, R: []byte{0x5c, 0x3c, 0x42}},
		{Addr: 0x5a, W: []byte{0x06}, R: []byte{0xd2, 0x3a, 0x26}},
	}}
	sensor := thermometer.New(bus, thermometer.Options{Samples: 1}) // or Open("i2c:/dev/i2c-1")
	reading, err := sensor.Read(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.1f °C in a room of %.1f °C\n", reading.Object.Celsius(), reading.Ambient.Celsius())
	// Output: 36.0 °C in a room of 28.0 °C
}
