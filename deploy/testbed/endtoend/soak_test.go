package endtoend

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"chot/deploy/testbed/harness"
)

// The queue never ends: the camera of a real kiosk sees one visitor's slip after
// the other, each another, with a rest now and then in which the idle screen
// shows the empty hall. What the process holds after the first tenth it may hold
// at the end, and not more. make soak-ui runs it.
func TestVisitsLeaveNothingBehind(t *testing.T) {
	visits, err := strconv.Atoi(os.Getenv("CHOT_VISITS"))
	if err != nil {
		t.Skip("skipped: make soak-ui runs it")
	}
	rate := 15 // pictures a second
	if text := os.Getenv("CHOT_RATE"); text != "" {
		if rate, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	b, _ := newBench(t, "--seen", "1", "--pause", "1", "--leave", "0")
	b.camera(b.config, fmt.Sprintf("replay:%s?fps=%d", b.queue(visits/2, rate), rate))
	kiosk := b.launchKiosk(b.config, "GODEBUG=schedtrace=5000,scheddetail=1")

	// A tenth warms up: caches fill, the heap finds its size.
	type state struct {
		visits, files, goroutines int
		resident                  float64 // the median since the state before: the heap breathes
	}
	var states []state
	start := time.Now()
	for n := visits / 10; n <= visits; n += visits / 10 {
		var resident []float64
		harness.Until(t, fmt.Sprintf("%d visits", n), time.Hour, func() bool {
			resident = append(resident, kiosk.resident())
			return len(kept(kiosk)) >= n
		})
		s := state{n, kiosk.files(), goroutines(t, kiosk), median(resident)}
		states = append(states, s)
		fmt.Printf("FIGURE %6d visits in %-8s resident %6.1f MB (%.1f to %.1f), %d goroutines, %d files, load %s\n",
			n, time.Since(start).Round(time.Second), s.resident, slices.Min(resident), slices.Max(resident), s.goroutines, s.files, load(t))
	}
	first, last := states[0], states[len(states)-1]
	for _, s := range states {
		if s.resident > 170 {
			t.Errorf("%.1f MB after %d visits, want at most 170", s.resident, s.visits)
		}
	}
	// Screens differ in what they need, and connections come and go.
	if grown := last.resident - first.resident; grown > 8 {
		t.Errorf("memory grew by %.1f MB between visit %d and %d", grown, first.visits, last.visits)
	}
	if grown := last.goroutines - first.goroutines; grown > 8 {
		t.Errorf("%d goroutines more after visit %d than after %d", grown, last.visits, first.visits)
	}
	if grown := last.files - first.files; grown > 4 {
		t.Errorf("%d files more after visit %d than after %d", grown, last.visits, first.visits)
	}
}

// queue is a camera's folder in which so many visitors hold up their slips, each
// for a few pictures. It begins again after them: longer than a minute, so that
// each counts from the start.
func (b *bench) queue(visitors, rate int) string {
	b.t.Helper()
	dir := b.t.TempDir()
	hall := filepath.Join(b.t.TempDir(), "hall.png")
	savePNG(b.t, hall, frame(b.t, ""))
	n := 0
	deal := func(picture string, times int) {
		for range times {
			if err := os.Link(picture, filepath.Join(dir, fmt.Sprintf("%07d.png", n))); err != nil {
				b.t.Fatal(err)
			}
			n++
		}
	}
	for i, slip := range b.slips(max(visitors, 15*rate)) { // at four pictures each, a minute
		picture := filepath.Join(filepath.Dir(hall), "slip.png")
		savePNG(b.t, picture, frame(b.t, slip))
		deal(picture, 4)
		if err := os.Remove(picture); err != nil {
			b.t.Fatal(err)
		}
		if i%200 == 100 {
			deal(hall, 8*rate)
		}
	}
	return dir
}

// goroutines is how many of a kiosk lived when its runtime last told of them: the
// lines of GODEBUG's schedtrace with scheddetail.
func goroutines(t *testing.T, kiosk *process) (n int) {
	t.Helper()
	const dead = "status=6("
	living, told := 0, 0
	for _, line := range kiosk.Said() {
		switch {
		case strings.HasPrefix(line, "SCHED "): // what came before it is whole
			n, living = living, 0
			told++
		case strings.HasPrefix(line, "  G") && !strings.Contains(line, dead):
			living++
		}
	}
	if told < 2 {
		t.Fatal("the runtime has not told of its goroutines")
	}
	return n
}
