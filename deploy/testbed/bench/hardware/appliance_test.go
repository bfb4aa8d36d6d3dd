package hardware

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
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
	must(t, err)
	_, err = virtual.NewSensor()
	must(t, err)
	e := &equipment{lines: lines, printer: plugged(t)}
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
	must(t, err)
	e.film.film = film
	frame, err := film.Frame(hall)
	must(t, err)
	must(t, film.Show(frame))
	e.film.done.Go(func() {
		for {
			select {
			case frame = <-e.show:
			case <-e.film.stop:
				return
			case <-time.After(time.Second / 10):
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
	must(t, os.MkdirAll("kiosk", 0o700))
	must(t, os.WriteFile("selftest.toml", []byte(configured), 0o600))
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

// sheet is what the host prepared: the province's port and the bundle's root.
type sheet struct {
	Port, Root string
	Codes      map[string]string // the demo's deck
}

// A kiosk with the province on the other side of the network: a certificate that
// is held up to the camera lights the green lamp and opens the barrier, and its
// record reaches the province, where the host looks for it.
func TestVisitOnTheAppliance(t *testing.T) {
	data, err := os.ReadFile("sheet.json")
	if os.IsNotExist(err) {
		t.Skip("the host brought no kiosk")
	}
	must(t, err)
	var s sheet
	must(t, json.Unmarshal(data, &s))
	e := checkpoint(t)
	display(t)
	must(t, os.WriteFile("kiosk.toml", []byte(fmt.Sprintf("root = %q\n%s[screen]\nwidth = 1024\nheight = 600\n", s.Root, configured)), 0o600))

	start := time.Now()
	kiosk := launch(t, []string{"DISPLAY=:0", "FYNE_DISABLE_DPI_DETECTION=1", "FYNE_SCALE=1", "LANG=C.UTF-8"}, "./kiosk.bin", "--config", "kiosk.toml")
	until(t, "the kiosk", 3*time.Minute, func() bool { return kiosk.said("msg=serving") })
	t.Logf("serving after %v", time.Since(start).Round(time.Second))
	is := func(line string, high bool) func() bool {
		return func() bool {
			got, err := e.lines.High(line)
			must(t, err)
			return got == high
		}
	}
	frame, err := e.film.film.Frame(paper(t, s.Codes["valid-ps256"]))
	must(t, err)
	e.show <- frame
	t.Logf("the lamp is green after %v", until(t, "the green lamp", time.Minute, is("GATE-GREEN", true)).Round(time.Millisecond))
	t.Logf("the barrier is open after another %v", until(t, "the barrier", 20*time.Second, is("GATE-BARRIER", true)).Round(time.Millisecond))
	until(t, "the barrier to shut", 20*time.Second, is("GATE-BARRIER", false))
	if got := ask(t, "@shot visit"); got != "ok" {
		t.Errorf("taking a picture of the screen: %s", got)
	}
	until(t, "the record at the province", time.Minute, func() bool { return ask(t, "@record") == "ok" })
}

// display starts an X server on the machine's graphics card.
func display(t *testing.T) {
	t.Helper()
	must(t, virtual.Load("virtio_gpu"))
	must(t, os.WriteFile("xorg.conf", []byte(`Section "ServerFlags"
	Option "AutoAddDevices" "false"
	Option "AutoAddGPU" "false"
EndSection
Section "Device"
	Identifier "card"
	Driver "modesetting"
	Option "kmsdev" "/dev/dri/card0"
	Option "AccelMethod" "none"
EndSection
`), 0o600))
	launch(t, nil, "Xorg", ":0", "-config", "xorg.conf", "-logfile", "xorg.log", "-nolisten", "tcp", "-noreset", "-novtswitch", "-sharevts", "vt1")
	until(t, "the display", 30*time.Second, func() bool { _, err := os.Stat("/tmp/.X11-unix/X0"); return err == nil })
}

// program is one that runs until the test ends.
type program struct {
	mu    sync.Mutex
	lines []string
}

func launch(t *testing.T, env []string, path string, args ...string) *program {
	t.Helper()
	p := &program{}
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.StderrPipe()
	must(t, err)
	must(t, cmd.Start())
	var reading sync.WaitGroup
	reading.Go(func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			p.mu.Lock()
			p.lines = append(p.lines, lines.Text())
			p.mu.Unlock()
		}
	})
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		reading.Wait()
		_ = cmd.Wait() // by the kill
		if t.Failed() {
			t.Logf("what %s said:\n%s", path, strings.Join(p.lines, "\n"))
		}
	})
	return p
}

func (p *program) said(text string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.lines {
		if strings.Contains(l, text) {
			return true
		}
	}
	return false
}
