package panel

import (
	"errors"
	"strings"
	"testing"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpiotest"
)

func findTest(name string) (gpio.PinIO, error) {
	if !strings.HasPrefix(name, "GPIO") {
		return nil, errors.New("no such line")
	}
	return &gpiotest.Pin{N: name}, nil
}

func TestSpecIsReadBack(t *testing.T) {
	t.Parallel()
	spec := "gpio:lamp-green=GPIO17,lamp-red=!GPIO27,barrier=GPIO22,button=GPIO5,door=!GPIO6"
	lines, o, err := parse(spec+",opening=5s,longest=1m,debounce=50ms", findTest)
	if err != nil {
		t.Fatal(err)
	}
	if lines.String() != spec {
		t.Errorf("%s\nreads as %s", spec, lines)
	}
	if o.Opening != 5*time.Second || o.Longest != time.Minute || o.Debounce != 50*time.Millisecond {
		t.Errorf("times %+v", o)
	}
}

func TestSpecSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for spec, want := range map[string]string{
		"":                                        "gpio:",
		"serial:barrier=GPIO1":                    "gpio:",
		"gpio:":                                   `no part ""`,
		"gpio:lamp-blue=GPIO1":                    `no part "lamp-blue"`,
		"gpio:barrier=":                           "barrier: no such line",
		"gpio:barrier=PIN1":                       "barrier: no such line",
		"gpio:barrier=GPIO1,barrier=GPIO2":        "barrier is named twice",
		"gpio:barrier=GPIO1,buzzer=!GPIO1":        "barrier and buzzer cannot both be on line GPIO1",
		"gpio:barrier=GPIO1,opening=3":            "opening",
		"gpio:barrier=GPIO1,longest=-1s":          "longest",
		"gpio:barrier=GPIO1,debounce=0s":          "debounce",
		"gpio:barrier=GPIO1 , buzzer=GPIO2,door=": "door: no such line",
	} {
		if _, _, err := parse(spec, findTest); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", spec, err, want)
		}
	}
}

func TestMissingLineSaysWhatToDo(t *testing.T) {
	t.Parallel()
	_, err := Open("gpio:barrier=no-such-line-at-all", nil)
	if err == nil || !strings.Contains(err.Error(), "no-such-line-at-all") || !strings.Contains(err.Error(), "barrier") {
		t.Errorf("opening a line that is not there: %v", err)
	}
}

func FuzzSpec(f *testing.F) {
	f.Add("gpio:lamp-green=GPIO17,barrier=!GPIO22,opening=5s")
	f.Add("gpio:barrier=GPIO1,barrier=GPIO2")
	f.Add("gpio:,=,door")
	f.Fuzz(func(t *testing.T, spec string) {
		lines, _, err := parse(spec, findTest)
		if err != nil {
			return
		}
		if again, _, err := parse(lines.String(), findTest); lines != (Lines{}) && (err != nil || again.String() != lines.String()) {
			t.Errorf("%q reads as %s, and that as %s, %v", spec, lines, again, err)
		}
	})
}
