package hardware

import (
	"testing"
	"time"

	"chot/deploy/testbed/bench/virtual"
	"chot/deploy/testbed/harness"
	"chot/drivers/panel"
)

const panelSpec = "gpio:lamp-green=GREEN,lamp-amber=AMBER,lamp-red=RED,buzzer=BUZZER,barrier=BARRIER,button=BUTTON,door=DOOR,opening=500ms"

// chip is the panel's GPIO chip. It is made once: a chip's number, and with it
// the list that the panel's library makes, stays.
func chip(t *testing.T) *virtual.Lines {
	t.Helper()
	lines, err := virtual.NewLines("panel", "GREEN", "AMBER", "RED", "BUZZER", "BARRIER", "BUTTON", "DOOR", "TAKEN=w1-gpio")
	harness.Must(t, err)
	return lines
}

func TestPanel(t *testing.T) {
	lines := chip(t)
	is := func(line string, high bool) func() bool {
		return func() bool {
			got, err := lines.High(line)
			harness.Must(t, err)
			return got == high
		}
	}
	events := make(chan panel.Event, 16)
	p, err := panel.Open(panelSpec, func(e panel.Event) { events <- e })
	harness.Must(t, err)
	expect := func(want panel.Event) {
		t.Helper()
		select {
		case got := <-events:
			if got != want {
				t.Errorf("the panel tells %#v, want %#v", got, want)
			}
		case <-time.After(5 * time.Second):
			t.Errorf("the panel tells nothing, want %#v", want)
		}
	}
	t.Run("lamp", func(t *testing.T) {
		for colour, line := range map[string]string{"green": "GREEN", "amber": "AMBER", "red": "RED"} {
			harness.Must(t, p.Light(colour))
			for _, other := range []string{"GREEN", "AMBER", "RED"} {
				if !is(other, other == line)() {
					t.Errorf("lit %s: line %s is wrong", colour, other)
				}
			}
		}
	})
	t.Run("barrier", func(t *testing.T) {
		if !is("BARRIER", false)() {
			t.Error("it is open at the start")
		}
		start := time.Now()
		harness.Must(t, p.Open(t.Context()))
		if !is("BARRIER", true)() {
			t.Error("it did not open")
		}
		harness.Until(t, "the barrier to shut", 5*time.Second, is("BARRIER", false))
		t.Logf("open for %v of the 500ms that were set", time.Since(start).Round(time.Millisecond))
	})
	t.Run("buzzer", func(t *testing.T) {
		harness.Must(t, p.Sound("amber"))
		for range 2 {
			harness.Until(t, "a beep", 5*time.Second, is("BUZZER", true))
			harness.Until(t, "its end", 5*time.Second, is("BUZZER", false))
		}
	})
	t.Run("door and button", func(t *testing.T) {
		// The driver has the chip pull its inputs up; the contacts pull against
		// that from now on.
		expect(panel.Door{Open: true})
		harness.Must(t, lines.Pull("DOOR", false))
		expect(panel.Door{Open: false})
		for range 3 { // a contact bounces
			harness.Must(t, lines.Pull("BUTTON", false))
			harness.Must(t, lines.Pull("BUTTON", true))
		}
		harness.Must(t, lines.Pull("BUTTON", false))
		expect(panel.Pressed{})
		harness.Must(t, lines.Pull("BUTTON", true))
		harness.Must(t, lines.Pull("DOOR", true))
		expect(panel.Door{Open: true})
	})
	t.Run("lines that others have", func(t *testing.T) {
		_, err := panel.Open("gpio:lamp-red=TAKEN", nil)
		says(t, err, "lamp-red", "TAKEN", "w1-gpio", "holds it")
		_, err = panel.Open("gpio:barrier=NOWHERE", nil)
		says(t, err, "there is no line NOWHERE", "gpioinfo")
	})
	t.Run("halt makes it safe", func(t *testing.T) {
		harness.Must(t, p.Light("green"))
		harness.Must(t, p.Open(t.Context()))
		harness.Must(t, p.Halt())
		for _, line := range []string{"GREEN", "BARRIER", "BUZZER"} {
			if !is(line, false)() {
				t.Errorf("%s is on after the end", line)
			}
		}
	})
}
