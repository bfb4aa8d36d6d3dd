package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"golang.org/x/sys/unix"

	"chot/drivers/camera"
	"chot/drivers/panel"
	"chot/drivers/printer"
	"chot/drivers/scanner"
	"chot/drivers/thermometer"
)

type selftestCmd struct {
	Config string        `default:"/etc/chot/kiosk.toml" help:"The kiosk's configuration, which says what is fitted."`
	Only   []string      `help:"Parts to test, of camera, scanner, printer, panel, thermometer and disk; all that are fitted unless given." placeholder:"PART,…"`
	Limit  time.Duration `default:"15s" help:"How long a part may take."`
}

// fitted is what a test needs of kiosk.toml. The rest of the file is the
// kiosk's own matter.
type fitted struct {
	State, Camera, Scanner, Panel, Thermometer string
	Printer                                    struct {
		Port, Language string
		DPI            int
		Media          map[string]string
	}
}

// partLine is what selftest prints for a part.
type partLine struct {
	Part   string `json:"part"`
	Passed bool   `json:"passed"`
	Text   string `json:"text"` // what was found, or what is wrong and what to do
	Millis int64  `json:"ms"`
}

// partTest tries one part.
type partTest struct {
	name string
	spec string // empty where the part is not fitted
	try  func(ctx context.Context, f fitted) (found string, err error)
}

func (f fitted) tests() []partTest {
	return []partTest{
		{"camera", f.Camera, testCamera},
		{"scanner", f.Scanner, testScanner},
		{"printer", f.Printer.Port, testPrinter},
		{"panel", f.Panel, testPanel},
		{"thermometer", f.Thermometer, testThermometer},
		{"disk", f.State, testDisk},
	}
}

// Run tries the parts of this kiosk one after the other.
func (c *selftestCmd) Run(ctx context.Context, con *console) error {
	f := fitted{State: "/var/lib/chot"}
	f.Printer.Language, f.Printer.DPI = "tspl", 203
	if _, err := toml.DecodeFile(c.Config, &f); err != nil {
		return fmt.Errorf("reading the configuration: %w", err)
	}
	all := f.tests()
	for _, name := range c.Only {
		if !slices.ContainsFunc(all, func(t partTest) bool { return t.name == name && t.spec != "" }) {
			return fmt.Errorf("the configuration %s has no %s", c.Config, name)
		}
	}
	failed := 0
	for _, t := range all {
		if t.spec == "" || len(c.Only) > 0 && !slices.Contains(c.Only, t.name) {
			continue
		}
		line := t.run(ctx, f, c.Limit)
		if err := con.print(line); err != nil {
			return err
		}
		if !line.Passed {
			failed++
		}
	}
	if failed > 0 {
		return exit{1, fmt.Sprintf("%d parts do not work", failed)}
	}
	return nil
}

func (t partTest) run(ctx context.Context, f fitted, limit time.Duration) partLine {
	ctx, stop := context.WithTimeout(ctx, limit)
	defer stop()
	start := time.Now()
	found, err := t.try(ctx, f)
	line := partLine{Part: t.name, Passed: err == nil, Text: found, Millis: time.Since(start).Milliseconds()}
	if err != nil {
		line.Text = err.Error()
		if errors.Is(err, unix.EBUSY) {
			line.Text += "; if the kiosk runs, stop it for the test: systemctl stop chot-kiosk"
		}
	}
	return line
}

// testCamera takes some pictures: the first may have waited in the device.
func testCamera(ctx context.Context, f fitted) (string, error) {
	const pictures = 10
	c, err := camera.Open(f.Camera)
	if err != nil {
		return "", err
	}
	defer c.Halt()
	var frame camera.Frame
	var start time.Time
	for i := range pictures {
		if frame, err = nextFrame(ctx, c); err != nil {
			return "", err
		}
		if i == 0 {
			start = time.Now()
		}
	}
	light := 0
	for y := range frame.Height {
		for _, v := range frame.Pix[y*frame.Stride:][:frame.Width] {
			light += int(v)
		}
	}
	return fmt.Sprintf("%s, %d × %d pixels, %.0f pictures a second, mean brightness %d of 255", c, frame.Width, frame.Height,
		(pictures-1)/time.Since(start).Seconds(), light/(frame.Width*frame.Height)), nil
}

// nextFrame waits for a picture. A camera that is missing says so at each try:
// of a time that is over, what it said last is the reason.
func nextFrame(ctx context.Context, c camera.Camera) (camera.Frame, error) {
	var last error
	for {
		frame, err := c.Next(ctx)
		switch {
		case err == nil:
			return frame, nil
		case ctx.Err() != nil:
			return camera.Frame{}, errors.Join(last, fmt.Errorf("waiting for a picture: %w", ctx.Err()))
		}
		last = err
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// testScanner opens the module. That it reads is shown by holding a code up.
func testScanner(_ context.Context, f fitted) (string, error) {
	var m scanner.Module
	var err error
	if strings.HasPrefix(f.Scanner, "/dev/input/") {
		m, err = scanner.OpenKeyboard(f.Scanner, scanner.Framing{}, time.Now)
	} else {
		m, err = scanner.OpenSerial(f.Scanner, scanner.DefaultBaud, scanner.Framing{}, time.Now)
	}
	if err != nil {
		return "", err
	}
	return fmt.Sprint(m), m.Halt()
}

func testPrinter(ctx context.Context, f fitted) (string, error) {
	media := f.Printer.Media["test"]
	if media == "" {
		media = "60x40"
	}
	layout, err := printer.Builtin().Find("test", media)
	if err != nil {
		return "", err
	}
	host, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("asking for the kiosk's name: %w", err)
	}
	page, err := printer.Render(layout, map[string]string{
		"kiosk": host, "code": "CHOT-TEST", "time": time.Now().Format("02.01.2006 15:04"),
	}, f.Printer.DPI)
	if err != nil {
		return "", fmt.Errorf("drawing the test label: %w", err)
	}
	p, err := printer.Open(f.Printer.Port, f.Printer.Language)
	if err != nil {
		return "", err
	}
	defer p.Halt()
	if err := p.Print(ctx, page, 1); err != nil {
		return "", err
	}
	status, err := p.Status(ctx)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s printed a test of %s and is %s", p, media, status), nil
}

// testPanel lights each colour, sounds the buzzer and opens the barrier, long
// enough to be seen.
func testPanel(ctx context.Context, f fitted) (found string, err error) {
	door := make(chan bool, 1)
	faults := make(chan error, 8)
	p, err := panel.Open(f.Panel, func(e panel.Event) {
		switch e := e.(type) {
		case panel.Door:
			select {
			case door <- e.Open:
			default:
			}
		case panel.Fault:
			select {
			case faults <- e.Err:
			default:
			}
		}
	})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, p.Halt()) }()
	for _, colour := range []string{"red", "amber", "green", ""} {
		if err := p.Light(colour); err != nil {
			return "", err
		}
		if err := p.Sound("read"); err != nil {
			return "", err
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
	if err := p.Open(ctx); err != nil {
		return "", err
	}
	found = p.String()
	select {
	case open := <-door:
		found += map[bool]string{true: ", the door is open", false: ", the door is shut"}[open]
	default:
	}
	select {
	case err := <-faults:
		return found, err
	case <-ctx.Done():
		return "", ctx.Err()
	case <-time.After(time.Second): // the barrier is open so long
		return found, nil
	}
}

func testThermometer(ctx context.Context, f fitted) (string, error) {
	d, err := thermometer.Open(f.Thermometer)
	if err != nil {
		return "", err
	}
	r, err := d.Read(ctx)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s sees %.1f °C and is at %.1f °C itself", d, r.Object.Celsius(), r.Ambient.Celsius()), nil
}

// minFree is the space that a kiosk needs to go on for days, in bytes.
const minFree = 256 << 20

// testDisk writes what must be durable in the kiosk's folder.
func testDisk(_ context.Context, f fitted) (string, error) {
	file, err := os.CreateTemp(f.State, ".selftest-")
	if err != nil {
		return "", fmt.Errorf("writing to the kiosk's folder: %w", err)
	}
	_, err = file.WriteString("selftest\n")
	err = errors.Join(err, file.Sync(), file.Close(), os.Remove(file.Name()))
	if err != nil {
		return "", fmt.Errorf("writing to %s: %w", f.State, err)
	}
	var space unix.Statfs_t
	if err := unix.Statfs(f.State, &space); err != nil {
		return "", fmt.Errorf("asking for the space of %s: %w", f.State, err)
	}
	free := space.Bavail * uint64(space.Bsize)
	if free < minFree {
		return "", fmt.Errorf("%s has %d MB free: make room, %d MB are needed", f.State, free>>20, minFree>>20)
	}
	return fmt.Sprintf("%s has %d MB free", f.State, free>>20), nil
}
