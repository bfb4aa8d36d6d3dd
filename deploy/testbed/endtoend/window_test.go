package endtoend

import (
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"chot/deploy/testbed/bench/virtual"
	"chot/drivers/camera"
	"chot/drivers/scanner"

	"chot/deploy/testbed/harness"
)

// The colours of the verdicts.
var (
	green = color.RGBA{0x00, 0x6B, 0x3C, 255}
	amber = color.RGBA{0xFF, 0xC2, 0x0E, 255}
	red   = color.RGBA{0xB0, 0x00, 0x20, 255}
)

// Each code of the deck brings its screen, and the display shows it: the pixels
// of the X server are looked at, not what the program says of itself.
func TestEachCodeBringsItsScreen(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	t.Parallel()
	b, _ := newBench(t, "--seen", "18", "--pause", "24", "--leave", "0")
	b.startKiosk(b.config)
	for _, want := range []struct {
		name   string
		colour color.RGBA
	}{
		{"shown-green-eu-dcc-dose-valid", green},
		{"shown-red-eu-dcc-expired", red},
		{"shown-red-eu-dcc-forged", red},
		{"shown-amber-eu-dcc-unknown-issuer", amber},
		{"shown-green-slip-slip-accepted", green},
		{"notadocument", ground}, // a web address is no visit: no verdict, the camera's frame again
	} {
		b.screenIs(b.config, want.name)
		// The display follows the program by a frame, which may take a busy machine long.
		harness.Until(t, "the colour of "+want.name+" on the display", 10*time.Second, func() bool {
			return share(b.screen(), want.colour) > 0.4
		})
		b.picture(want.name)
	}
	if shots := b.shots(b.config); shots[0] != "idle" {
		t.Errorf("the first screen was %s", shots[0])
	}
}

// A visitor with an ID card declares on the touch screen and gets a slip; held
// up to a second kiosk, without a network, the slip is accepted.
func TestDeclarationToASlipThatTheNextKioskAccepts(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	t.Parallel()
	b, province := newBench(t, "--seen", "4", "--pause", "4", "--leave", "4")
	deck := filepath.Join(b.dir, "deck")
	// The neighbour has been at work before, and has its bundle.
	b.camera(b.neighbour, "")
	b.startKiosk(b.neighbour).End(syscall.SIGTERM)

	b.reel(b.config, filepath.Join(deck, "*-hall.jpg"), filepath.Join(deck, "*-id-card.jpg"), filepath.Join(deck, "*-hall.jpg"))
	kiosk := b.startKiosk(b.config)
	b.screenIs(b.config, "forwhom")
	b.tap(0.73, 0.43) // for myself; the card has answered name, year, sex, number
	b.screenIs(b.config, "question-phone")
	next := func() { b.tap(0.28, 0.91) }
	next()
	for _, question := range []string{"address", "street"} { // where the card's address leads to no unit
		time.Sleep(time.Second)
		if shots := b.shots(b.config); shots[len(shots)-1] == "question-"+question {
			t.Fatalf("%s is asked, although the card gives it", question)
		}
	}
	b.screenIs(b.config, "healthcheck")
	b.tap(0.82, 0.91) // none of all that
	b.screenIs(b.config, "review")
	time.Sleep(time.Second)
	if got := kiosk.Said("kind=2"); len(got) != 0 {
		t.Errorf("kept before the visitor agreed: %v", got)
	}
	b.agrees()
	harness.Until(t, "the declaration in the journal", 20*time.Second, func() bool { return len(kiosk.Said("kind=2")) == 1 })
	printed := strings.TrimSuffix(b.config, ".toml") + ".tspl"
	harness.Until(t, "the slip", 20*time.Second, func() bool { _, err := os.Stat(printed); return err == nil })
	harness.Until(t, "the slip's record", 20*time.Second, func() bool { return len(kiosk.Said("kind=7")) == 1 })
	kiosk.End(syscall.SIGTERM)

	job, err := os.ReadFile(printed)
	if err != nil {
		t.Fatal(err)
	}
	slip, err := virtual.Paper(job)
	if err != nil {
		t.Fatal(err)
	}
	picture := filepath.Join(t.TempDir(), "slip.png")
	savePNG(t, picture, slip)
	codes := scanner.New(scanner.Options{}).Still(camera.Frame{
		Seq: 1, Width: slip.Rect.Dx(), Height: slip.Rect.Dy(), Stride: slip.Stride, Pix: slip.Pix,
	})
	if len(codes) != 1 || !strings.HasPrefix(codes[0].Text, "CHOT1S:") {
		t.Fatalf("on the slip stands %v", codes)
	}

	province.End(syscall.SIGKILL)
	b.reel(b.neighbour, filepath.Join(deck, "*-hall.jpg"), picture)
	b.startKiosk(b.neighbour)
	b.screenIs(b.neighbour, "shown-green-slip-slip-accepted")
	if got := share(b.screen(), green); got < 0.6 {
		t.Errorf("%.0f %% of the display is green", 100*got)
	}
	if shots := b.shots(b.config); slices.Contains(shots, "outoforder") {
		t.Errorf("on the way: %v", shots)
	}
}
