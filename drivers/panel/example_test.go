package panel_test

import (
	"context"
	"fmt"
	"log"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpiotest"

	"chot/drivers/panel"
)

// A kiosk on a Raspberry Pi lets one visitor through.
func Example() {
	p, err := panel.Open("gpio:lamp-green=GPIO17,buzzer=GPIO23,barrier=GPIO22,button=GPIO5", func(e panel.Event) {
		switch e := e.(type) {
		case panel.Pressed:
			fmt.Println("a visitor wants to leave")
		case panel.Fault:
			fmt.Println(e.Part, e.Err)
		}
	})
	if err != nil {
		log.Print(err) // the kiosk goes on without
		return
	}
	defer p.Halt()
	if err := p.Light("green"); err != nil {
		log.Print(err)
	}
	if err := p.Open(context.Background()); err != nil {
		log.Print(err)
	}
}

// Tests take lines that lead nowhere.
func ExampleNew() {
	green := &gpiotest.Pin{N: "GPIO17"}
	p, err := panel.New(panel.Lines{Green: panel.Out{Pin: green}}, panel.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if err := p.Light("green"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(p, green.Read() == gpio.High)
	if err := p.Halt(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(green.Read())
	// Output:
	// gpio:lamp-green=GPIO17 true
	// Low
}
