package endtoend

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"chot/deploy/testbed/harness"
)

var built string // the folder of the programs, once there is one

// programs builds the programs once for all tests of the package, unless
// CHOT_PROGRAMS is the folder of those to test.
var programs = sync.OnceValues(func() (string, error) {
	if dir := os.Getenv("CHOT_PROGRAMS"); dir != "" {
		return dir, nil
	}
	dir, err := os.MkdirTemp("", "chot-endtoend-")
	if err != nil {
		return "", err
	}
	built = dir
	out, err := exec.Command("go", "build", "-tags", "gles", "-o", dir+"/",
		"chot/kiosk", "chot/deploy/province", "chot/deploy/kioskctl", "chot/deploy/testbed/demo").CombinedOutput()
	if err != nil {
		return dir, fmt.Errorf("building the programs: %w\n%s", err, out)
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	status := m.Run()
	os.RemoveAll(built)
	os.Exit(status)
}

// process is one program under test, which meter_test.go measures.
type process struct {
	*harness.Process
	t *testing.T
}

// bench is a province, a kiosk and a display, with the demo world.
type bench struct {
	t                 *testing.T
	bin, dir          string
	port              int
	config, neighbour string // of the two kiosks
	display           string
	server            *os.Process // of the display
	frames            string      // folder of the display's frame buffer
	kiosks            string      // the province's address
	root              string      // hash of what it publishes' first root metadata
}

func newBench(t *testing.T, prepare ...string) (*bench, *process) {
	t.Helper()
	if _, err := exec.LookPath("Xvfb"); err != nil {
		t.Skip("Xvfb is not installed: make test-deps installs it")
	}
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, bin: bin, dir: t.TempDir(), port: harness.FreePort(t)}
	b.startDisplay()
	province := b.startProvince()
	var said struct{ Kiosks, Page, Pin, Root string }
	if err := json.Unmarshal([]byte(province.Said(`"pin"`)[0]), &said); err != nil {
		t.Fatal(err)
	}
	b.kiosks, b.root = said.Kiosks, said.Root
	out := b.run(0, "demo", append([]string{"prepare", "--dir", b.dir, "--bin", bin, "--kiosks", said.Kiosks, "--pin", said.Pin, "--root", said.Root}, prepare...)...)
	configs := strings.Fields(out)
	b.config, b.neighbour = configs[0], configs[1]
	return b, province
}

func (b *bench) startProvince() *process {
	b.t.Helper()
	p := &process{harness.Launch(b.t, harness.Program{Path: filepath.Join(b.bin, "province"), Args: []string{"serve", "--dir", filepath.Join(b.dir, "province"),
		"--listen", fmt.Sprintf("127.0.0.1:%d", b.port), "--page", fmt.Sprintf("127.0.0.1:%d", b.port+1)}}), b.t}
	harness.Until(b.t, "the province", 30*time.Second, func() bool { return len(p.Said(`"pin"`)) > 0 })
	return p
}

func (b *bench) startKiosk(config string) *process {
	b.t.Helper()
	p := b.launchKiosk(config)
	harness.Until(b.t, "the kiosk", 60*time.Second, func() bool { return len(p.Said("msg=serving")) > 0 })
	return p
}

// kioskEnvironment is a kiosk's, on a display.
func kioskEnvironment(display string) []string {
	return []string{"DISPLAY=" + display, "FYNE_DISABLE_DPI_DETECTION=1", "FYNE_SCALE=1", "LANG=vi_VN.UTF-8"}
}

// run runs a program to its end and checks its status.
func (b *bench) run(status int, name string, args ...string) string {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.t.Context(), 2*time.Minute)
	defer stop()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, filepath.Join(b.bin, name), args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var ended *exec.ExitError
	if got := cmd.ProcessState.ExitCode(); got != status || err != nil && !errors.As(err, &ended) {
		b.t.Fatalf("%s %v: status %d, want %d: %v\n%s%s", name, args, got, status, err, out.String(), errs.String())
	}
	return out.String()
}

// startDisplay starts a virtual display whose frame buffer can be read as a file.
func (b *bench) startDisplay() {
	b.t.Helper()
	b.frames = b.t.TempDir()
	read, write, err := os.Pipe()
	if err != nil {
		b.t.Fatal(err)
	}
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1024x600x24", "-fbdir", b.frames, "-nolisten", "tcp",
		"-noreset") // a display that starts afresh after its last client is not there for the next for a moment
	cmd.ExtraFiles = []*os.File{write}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	write.Close()
	b.server = cmd.Process
	b.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		b.t.Fatalf("the display did not start: %v", err)
	}
	b.display = ":" + strings.TrimSpace(line)
}

// xwd is the head of a picture in XWD format (X11/XWDFile.h, version 7).
type xwd []byte

func (x xwd) field(i int) int { return int(binary.BigEndian.Uint32(x[4*i:])) }
func (x xwd) width() int      { return x.field(4) }
func (x xwd) height() int     { return x.field(5) }
func (x xwd) line() int       { return x.field(12) }
func (x xwd) pixels() int     { return x.field(0) + 12*x.field(19) } // after the head and the colour map

// screen is what the display shows now, from its frame buffer.
func (b *bench) screen() *image.RGBA {
	b.t.Helper()
	data, err := os.ReadFile(filepath.Join(b.frames, "Xvfb_screen0"))
	if err != nil {
		b.t.Fatal(err)
	}
	x := xwd(data)
	picture := image.NewRGBA(image.Rect(0, 0, x.width(), x.height()))
	for i := range picture.Rect.Dy() {
		for j := range picture.Rect.Dx() {
			p := data[x.pixels()+i*x.line()+4*j:] // 24 bits deep, least significant byte first: blue, green, red
			picture.SetRGBA(j, i, color.RGBA{p[2], p[1], p[0], 255})
		}
	}
	return picture
}

// alike says whether two colours look the same.
func alike(a, b color.RGBA) bool {
	near := func(a, b uint8) bool { return max(a, b)-min(a, b) <= 6 }
	return near(a.R, b.R) && near(a.G, b.G) && near(a.B, b.B)
}

// share is how much of a picture has about a colour, 0 to 1.
func share(picture *image.RGBA, c color.RGBA) float64 {
	n := 0
	for i := 0; i < len(picture.Pix); i += 4 {
		if alike(color.RGBA{picture.Pix[i], picture.Pix[i+1], picture.Pix[i+2], 255}, c) {
			n++
		}
	}
	return float64(n) / float64(len(picture.Pix)/4)
}

// shots are the names of the screens that a kiosk has shown, in order.
func (b *bench) shots(config string) (names []string) {
	b.t.Helper()
	files, err := os.ReadDir(filepath.Join(b.dir, "screens-"+strings.TrimSuffix(filepath.Base(config), ".toml")))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, f := range files {
		_, name, _ := strings.Cut(strings.TrimSuffix(f.Name(), ".png"), "-")
		names = append(names, name)
	}
	return names
}

// screenIs waits until the screen that a kiosk shows last has a name.
func (b *bench) screenIs(config, name string) {
	b.t.Helper()
	defer func() {
		if b.t.Failed() {
			b.t.Logf("screens of %s: %v", filepath.Base(config), b.shots(config))
		}
	}()
	harness.Until(b.t, "the screen "+name, 30*time.Second, func() bool {
		shots := b.shots(config)
		return len(shots) > 0 && shots[len(shots)-1] == name
	})
}

// reel makes a camera of a configuration that shows these pictures of the deck,
// each for some frames, and then nothing any more.
func (b *bench) reel(config string, pictures ...string) {
	b.t.Helper()
	dir := b.t.TempDir()
	n := 0
	for _, picture := range pictures {
		found, err := filepath.Glob(picture)
		if err != nil || len(found) == 0 {
			b.t.Fatalf("no picture %s in the deck: %v", picture, err)
		}
		for i := range 20 {
			if err := os.Link(found[i%len(found)], filepath.Join(dir, fmt.Sprintf("%05d%s", n, filepath.Ext(picture)))); err != nil {
				b.t.Fatal(err)
			}
			n++
		}
	}
	b.camera(config, "replay:"+dir+"?fps=15&once=1")
}

// camera changes the camera of a configuration.
func (b *bench) camera(config, spec string) { b.set(config, "camera", spec) }

// set changes a setting of a configuration, or adds it.
func (b *bench) set(config, name, value string) {
	b.t.Helper()
	b.edit(config, name, fmt.Sprintf("%s = %q\n", name, value))
}

// unset takes a setting out of a configuration.
func (b *bench) unset(config, name string) {
	b.t.Helper()
	b.edit(config, name, "")
}

func (b *bench) edit(config, name, first string) {
	b.t.Helper()
	text, err := os.ReadFile(config)
	if err != nil {
		b.t.Fatal(err)
	}
	for l := range strings.Lines(string(text)) {
		if !strings.HasPrefix(l, name+" ") {
			first += l
		}
	}
	if err := os.WriteFile(config, []byte(first), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// tap touches the screen, with positions as shares of its width and height.
func (b *bench) tap(x, y float64) {
	b.t.Helper()
	cmd := exec.Command("xdotool", "mousemove", strconv.Itoa(int(x*1024)), strconv.Itoa(int(y*600)),
		"sleep", "0.1", "mousedown", "1", "sleep", "0.05", "mouseup", "1", "sleep", "0.2")
	cmd.Env = append(os.Environ(), "DISPLAY="+b.display)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.t.Fatalf("tapping: %v\n%s", err, out)
	}
}
