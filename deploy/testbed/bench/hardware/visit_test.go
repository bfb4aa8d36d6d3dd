package hardware

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"chot/deploy/testbed/bench/virtual"
	"chot/deploy/testbed/harness"
	"chot/drivers/scanner"
)

// sheet is what the host prepared: the province's port and the bundle's root.
type sheet struct {
	Port, Root string
	Codes      map[string]string // the demo's deck
}

// TestVisitOnTheAppliance has a kiosk serve two visitors, with the province on
// the other side of the network. A certificate that is held up to the camera
// lights the green lamp and opens the barrier. Then a visitor with an ID card
// declares on the touch panel, and the slip comes out of the printer. The records
// of both reach the province, where the host looks for them.
func TestVisitOnTheAppliance(t *testing.T) {
	data, err := os.ReadFile("sheet.json")
	if os.IsNotExist(err) {
		t.Skip("the host brought no kiosk")
	}
	harness.Must(t, err)
	var s sheet
	harness.Must(t, json.Unmarshal(data, &s))
	e := checkpoint(t)
	display(t)
	harness.Must(t, os.WriteFile("kiosk.toml", fmt.Appendf(nil, "root = %q\n%s[screen]\nwidth = 1024\nheight = 600\nshots = \"screens\"\n", s.Root, configured), 0o600))
	harness.Must(t, os.MkdirAll("screens", 0o700))

	start := time.Now() // drawing takes long where the processor is emulated
	kiosk := harness.Launch(t, harness.Program{
		Path: "./kiosk.bin", Args: []string{"--config", "kiosk.toml"},
		Env: []string{"DISPLAY=:0", "FYNE_DISABLE_DPI_DETECTION=1", "FYNE_SCALE=1", "LANG=C.UTF-8"},
	})
	harness.Until(t, "the kiosk", 3*time.Minute, func() bool { return len(kiosk.Said("msg=serving")) > 0 })
	t.Logf("serving after %v", time.Since(start).Round(time.Second))
	screenIs(t, "idle")
	t.Logf("drawn after %v", time.Since(start).Round(time.Second))
	pictured(t, "idle")

	e.holdUp(t, s.Codes["valid-ps256"])
	t.Logf("the lamp is green after %v", harness.Until(t, "the green lamp", time.Minute, e.is(t, "GATE-GREEN", true)).Round(time.Millisecond))
	t.Logf("the barrier is open after another %v", harness.Until(t, "the barrier", 20*time.Second, e.is(t, "GATE-BARRIER", true)).Round(time.Millisecond))
	if !screenWithin(t, "shown-green-eu-dcc-dose-valid", 20*time.Second) {
		t.Log("the machine is too busy: the verdict was gone before it was drawn")
	}
	pictured(t, "green")
	harness.Until(t, "the barrier to shut", 20*time.Second, e.is(t, "GATE-BARRIER", false))
	harness.Until(t, "the visit at the province", time.Minute, func() bool { return ask(t, "@record visit") == "ok" })

	before := len(e.printer.Got())
	e.holdUp(t, s.Codes["id-card"])
	declare(t)
	var slip []byte
	harness.Until(t, "the slip", time.Minute, func() bool {
		slip = e.printer.Got()[before:]
		return bytes.HasSuffix(bytes.TrimRight(slip, "\x1b!?"), []byte("PRINT 1,1\r\n"))
	})
	slip = slip[bytes.Index(slip, []byte("SIZE ")):]
	pictured(t, "slip")
	label, err := virtual.Paper(slip)
	harness.Must(t, err)
	codes := scanner.New(scanner.Options{}).Still(scanner.Grey(label))
	if len(codes) != 1 || !strings.HasPrefix(codes[0].Text, "CHOT1S:") {
		t.Errorf("on the slip stands %v", codes)
	}
	t.Logf("a slip of %d bytes came out of the printer, and its code can be read", len(slip))
	for _, what := range []string{"declaration", "print"} {
		harness.Until(t, "the "+what+" at the province", time.Minute, func() bool { return ask(t, "@record "+what) == "ok" })
	}
	e.fail(t, kiosk)
	e.holdUp(t, s.Codes["valid-es256"])
	t.Logf("it serves again after %v", harness.Until(t, "the green lamp", 2*time.Minute, e.is(t, "GATE-GREEN", true)).Round(time.Millisecond))
}

// fail has the camera, the printer and the thermometer fail all at once, waits
// until the kiosk has said so of each, and mends them.
func (e *equipment) fail(t *testing.T, kiosk *harness.Process) {
	t.Helper()
	harness.Until(t, "the green lamp to go out", 2*time.Minute, e.is(t, "GATE-GREEN", false))
	gadget, err := virtual.NewGadget(tscID)
	harness.Must(t, err)
	harness.Must(t, e.sensor.Fault(virtual.Stuck))
	e.film.silent.Store(true)
	harness.Must(t, e.printer.Close())
	harness.Must(t, gadget.Unplug())
	for _, says := range [][]string{
		{"msg=camera", "no picture for 2s"}, {"msg=printer", "plug it in"}, {"msg=thermometer", "holds SDA or SCL low"},
	} {
		harness.Until(t, "the kiosk to say "+says[1], time.Minute, func() bool { return len(kiosk.Said(says...)) > 0 })
		t.Logf("it says: %s, %s", says[0], says[1])
	}
	harness.Must(t, e.sensor.Fault(virtual.Sound))
	e.film.silent.Store(false)
	harness.Must(t, gadget.Plug())
	e.printer, err = virtual.NewPrinter(ready())
	harness.Must(t, err)
	t.Cleanup(func() { harness.Must(t, e.printer.Close()) })
}

// declare answers the questions of a declaration on the touch panel: for myself,
// with no journeys, symptoms or contacts. The card has answered the others.
func declare(t *testing.T) {
	t.Helper()
	type spot [2]float64 // shares of the screen's width and height
	next := spot{0.5, 0.91}
	last := spot{}
	for _, step := range []struct {
		screen string
		answer []spot
		next   spot
	}{
		{"forwhom", nil, spot{0.73, 0.43}},
		{"question-phone", nil, spot{0.28, 0.91}},
		{"question-travelled", []spot{{0.5, 0.56}}, next},
		{"question-symptoms", []spot{{0.17, 0.38}}, next},
		{"question-contacts", []spot{{0.17, 0.38}}, next},
		{"review", nil, next},
		{"consent", nil, spot{0.82, 0.91}},
	} {
		start := time.Now()
		for !screenWithin(t, step.screen, 20*time.Second) {
			if time.Since(start) > 2*time.Minute {
				t.Fatalf("waited in vain for the screen %s", step.screen)
			}
			if last == (spot{}) {
				continue
			}
			tap(t, last) // as people do: it came before the screen was ready
		}
		for _, at := range step.answer {
			tap(t, at)
			time.Sleep(2 * time.Second) // until it is drawn
		}
		tap(t, step.next)
		last = step.next
	}
}

// holdUp shows a code to the camera from now on.
func (e *equipment) holdUp(t *testing.T, code string) {
	t.Helper()
	frame, err := e.film.film.Frame(paper(t, code))
	harness.Must(t, err)
	e.show <- frame
}

// is tells whether a line is high, or low.
func (e *equipment) is(t *testing.T, line string, high bool) func() bool {
	return func() bool {
		got, err := e.lines.High(line)
		harness.Must(t, err)
		return got == high
	}
}

// screenIs waits until the kiosk has drawn a screen.
func screenIs(t *testing.T, name string) {
	t.Helper()
	if !screenWithin(t, name, 3*time.Minute) {
		t.Fatalf("waited in vain for the screen %s", name)
	}
}

func screenWithin(t *testing.T, name string, limit time.Duration) bool {
	t.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		files, err := os.ReadDir("screens")
		harness.Must(t, err)
		if len(files) > 0 && strings.HasSuffix(files[len(files)-1].Name(), "-"+name+".png") {
			return true
		}
	}
	return false
}

// pictured has the host keep what the graphics card shows.
func pictured(t *testing.T, name string) {
	t.Helper()
	harness.Until(t, "a picture of the screen", 2*time.Minute, func() bool { return ask(t, "@shot "+name) == "ok" })
}

// tap touches the screen at shares of its width and height.
func tap(t *testing.T, at [2]float64) {
	t.Helper()
	const span = 0x7fff // of QEMU's absolute axes
	send := func(event string) { do(t, `@qmp {"execute":"input-send-event","arguments":{"events":[`+event+`]}}`) }
	send(fmt.Sprintf(`{"type":"abs","data":{"axis":"x","value":%d}},{"type":"abs","data":{"axis":"y","value":%d}}`, int(at[0]*span), int(at[1]*span)))
	time.Sleep(100 * time.Millisecond)
	for _, down := range []bool{true, false} {
		send(fmt.Sprintf(`{"type":"btn","data":{"button":"left","down":%v}}`, down))
		time.Sleep(100 * time.Millisecond)
	}
}

// display starts an X server on the machine's graphics card and touch panel.
func display(t *testing.T) {
	t.Helper()
	harness.Must(t, virtual.Load("virtio_gpu", "virtio_input", "evdev"))
	panel, err := virtual.Input("QEMU Virtio Tablet")
	harness.Must(t, err)
	harness.Must(t, os.WriteFile("xorg.conf", []byte(`Section "ServerFlags"
	Option "AutoAddDevices" "false"
	Option "AutoAddGPU" "false"
EndSection
Section "Device"
	Identifier "card"
	Driver "modesetting"
	Option "kmsdev" "/dev/dri/card0"
	Option "AccelMethod" "none"
EndSection
Section "InputDevice"
	Identifier "touch"
	Driver "evdev"
	Option "Device" "`+panel+`"
	Option "CorePointer" "true"
EndSection
`), 0o600))
	harness.Launch(t, harness.Program{Path: "Xorg", Args: []string{
		":0", "-config", "xorg.conf", "-logfile", "xorg.log", "-nolisten", "tcp", "-noreset", "-novtswitch", "-sharevts", "vt1",
	}})
	harness.Until(t, "the display", 30*time.Second, func() bool { _, err := os.Stat("/tmp/.X11-unix/X0"); return err == nil })
}
