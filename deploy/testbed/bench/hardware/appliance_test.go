package hardware

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"chot/deploy/testbed/bench/virtual"
	"chot/deploy/testbed/harness"
)

// The appliance's hardware in the machine, and its configuration.
const configured = `state       = "kiosk"
language    = "vi"
unit        = "11074"
camera      = "/dev/video0?size=640x480"
panel       = "gpio:lamp-green=GATE-GREEN,lamp-amber=GATE-AMBER,lamp-red=GATE-RED,buzzer=GATE-BUZZER,barrier=GATE-BARRIER,button=GATE-BUTTON,opening=2s"
thermometer = "i2c:/dev/i2c-9"

[printer]
port = "/dev/usb/lp*"
language = ""

`

// equipment is everything that a checkpoint has.
type equipment struct {
	lines   *virtual.Lines
	sensor  virtual.Sensor
	printer *virtual.Printer
	film    *cinema
	show    chan []byte // what is held up from now on
}

// gateLines are made once: a chip stays.
var gateLines = sync.OnceValues(func() (*virtual.Lines, error) {
	return virtual.NewLines("gate", "GATE-GREEN", "GATE-AMBER", "GATE-RED", "GATE-BUZZER", "GATE-BARRIER", "GATE-BUTTON")
})

// checkpoint sets up the hardware until the test ends, with an empty hall before
// the camera.
func checkpoint(t *testing.T) *equipment {
	t.Helper()
	lines, err := gateLines()
	harness.Must(t, err)
	sensor, err := virtual.NewSensor()
	harness.Must(t, err)
	e := &equipment{lines: lines, sensor: sensor, printer: plugged(t)}
	e.hold(t)
	t.Cleanup(func() { e.film.end(t) })
	return e
}

// hold plays a film of an empty hall until something is held up.
func (e *equipment) hold(t *testing.T) {
	t.Helper()
	hall := image.NewGray(image.Rect(0, 0, width, height))
	draw.Draw(hall, hall.Rect, image.NewUniform(color.Gray{120}), image.Point{}, draw.Src)
	e.show = make(chan []byte, 1)
	e.film = &cinema{stop: make(chan struct{})}
	film, err := virtual.NewFilm("yuyv", width, height)
	harness.Must(t, err)
	e.film.film = film
	frame, err := film.Frame(hall)
	harness.Must(t, err)
	harness.Must(t, film.Show(frame))
	e.film.done.Go(func() {
		for {
			select {
			case frame = <-e.show:
			case <-e.film.stop:
				return
			case <-time.After(time.Second / 2):
			}
			if e.film.silent.Load() {
				continue
			}
			if err := film.Show(frame); err != nil {
				t.Errorf("the film broke: %v", err)
				return
			}
		}
	})
}

// The technician's test, by the program that a technician has.
func TestSelftestOfTheAppliance(t *testing.T) {
	e := checkpoint(t)
	harness.Must(t, os.MkdirAll("kiosk", 0o700))
	harness.Must(t, os.WriteFile("selftest.toml", []byte(configured), 0o600))
	cmd := exec.Command("./kioskctl", "selftest", "--config", "selftest.toml", "--limit", "30s")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	for line := range strings.Lines(out.String()) {
		t.Log(strings.TrimSpace(line))
	}
	if err != nil || strings.Count(out.String(), `"passed":true`) != 5 {
		t.Errorf("%v: %s", err, errs.String())
	}
	if !bytes.Contains(e.printer.Got(), []byte("SIZE 60 mm,40 mm")) {
		t.Error("the test label did not reach the printer")
	}
}
