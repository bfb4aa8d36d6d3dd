package endtoend

import (
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

var (
	ground = color.RGBA{0xF3, 0xF6, 0xF3, 255} // behind every screen but a verdict's
	dark   = color.RGBA{0, 0, 0, 255}          // the display before there is a window
)

// figure prints what was measured beside what is promised.
func figure(t *testing.T, what, unit string, got, most float64) {
	t.Helper()
	verdict := "ok"
	if got > most {
		verdict = "TOO MUCH"
	}
	fmt.Printf("FIGURE %-44s %8.1f %-8s at most %6.1f  %-8s load %s\n", what, got, unit, most, verdict, load(t))
}

// What the screen costs and how fast it is, of the real process on a virtual
// display of 1024 × 600 that Mesa's llvmpipe draws. make bench-ui runs it, on a
// machine that does nothing else.
func TestFiguresOfTheScreen(t *testing.T) {
	if os.Getenv("CHOT_BENCH") == "" {
		t.Skip("skipped: make bench-ui runs it")
	}
	b, _ := newBench(t, "--seen", "4", "--pause", "4", "--leave", "0")
	b.set(b.config, "camera", "")
	b.startKiosk(b.config).End(syscall.SIGTERM) // it has its bundle now

	t.Run("start", b.timesItsStart)
	t.Run("cost", b.weighsItsPicture)
	t.Run("verdict", b.timesItsVerdicts)
}

// edge is a pixel where every screen shows its ground.
func (b *bench) edge() probe { return b.probe(8, 300) }

func median[T float64 | time.Duration](all []T) T {
	slices.Sort(all)
	return all[len(all)/2]
}

func (b *bench) timesItsStart(t *testing.T) {
	edge := b.edge()
	var up []time.Duration
	for range 5 {
		edge.turns(time.Now(), dark)
		start := time.Now()
		kiosk := b.launchKiosk(b.config)
		up = append(up, edge.turns(start, ground))
		kiosk.End(syscall.SIGTERM)
	}
	figure(t, "start to the first screen, median of 5", "s", median(up).Seconds(), 1.2)
}

// weighsItsPicture compares a screen with the camera's picture with one without,
// the camera and the search for codes being the same.
func (b *bench) weighsItsPicture(t *testing.T) {
	const over = 10 * time.Second
	kiosk := b.startKiosk(b.config)
	time.Sleep(3 * time.Second)
	// Long enough for what comes now and then: messages, the province, the heap.
	figure(t, "idle without a camera", "% core", kiosk.busy(3*over), 3)
	kiosk.End(syscall.SIGTERM)

	hall := t.TempDir()
	savePNG(t, filepath.Join(hall, "hall.png"), frame(t, ""))
	b.camera(b.config, "replay:"+hall+"?fps=15")
	kiosk = b.startKiosk(b.config)
	time.Sleep(3 * time.Second)
	with := kiosk.busy(over)
	b.tap(0.95, 0.08) // help: no picture, the camera goes on
	b.screenIs(b.config, "help")
	without := kiosk.busy(over)
	figure(t, "camera, search for codes and picture, 15/s", "% core", with, 100)
	figure(t, "camera and search for codes alone, 15/s", "% core", without, 100)
	figure(t, "the picture alone, 15/s", "% core", with-without, 20)
	figure(t, "resident", "MB", kiosk.resident(), 170)
	kiosk.End(syscall.SIGTERM)
	b.camera(b.config, "")
}

// timesItsVerdicts is a scanner module at the end of a line: from its last byte
// to the pixel of the verdict. Visitors in a row find what the toolkit has kept of
// the last verdict; one after a pause finds none of it.
func (b *bench) timesItsVerdicts(t *testing.T) {
	line, other := terminal(t)
	b.set(b.config, "scanner", "serial:"+other)
	b.unset(b.config, "shots") // to keep pictures of its screens is not a kiosk's work
	kiosk := b.startKiosk(b.config)
	edge := b.edge()
	edge.turns(time.Now(), ground)
	show := func(text string, verdict color.RGBA) time.Duration {
		start := time.Now()
		if _, err := line.WriteString(text + "\r"); err != nil {
			t.Fatal(err)
		}
		return edge.turns(start, verdict)
	}
	const alone = 5
	slips := b.slips(150 + alone)
	var first, took []time.Duration
	for i, slip := range slips[:alone] {
		time.Sleep(13 * time.Second) // longer than anything is kept
		first = append(first, show(slip, green))
		time.Sleep(13 * time.Second)
		first = append(first, show(fmt.Sprintf("https://example.org/alone/%d", i), amber))
	}
	for i, slip := range slips[alone:] {
		took = append(took, show(slip, green))
		time.Sleep(40 * time.Millisecond) // not in step with anything of the kiosk's
		took = append(took, show(fmt.Sprintf("https://example.org/%d", i), amber))
		time.Sleep(40 * time.Millisecond)
	}
	slices.Sort(took)
	at := func(p float64) float64 { return took[int(p*float64(len(took)-1))].Seconds() * 1000 }
	figure(t, "code to verdict on the screen after a pause", "ms", median(first).Seconds()*1000, 50)
	figure(t, "code to verdict on the screen, median", "ms", at(0.5), 50)
	figure(t, "code to verdict on the screen, 99th of 100", "ms", at(0.99), 50)
	kiosk.End(syscall.SIGTERM)
}
