package endtoend

import (
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/draw"

	"chot/kiosk/record"
	"chot/ui/keyboard"
)

// spot is a place on the panel, in its pixels.
type spot struct{ x, y int }

// press touches one place after the other, as fast as a hand types.
func (b *bench) press(spots ...spot) {
	b.t.Helper()
	var args []string
	for _, s := range spots {
		args = append(args, "mousemove", strconv.Itoa(s.x), strconv.Itoa(s.y),
			"sleep", "0.05", "mousedown", "1", "sleep", "0.05", "mouseup", "1", "sleep", "0.05")
	}
	cmd := exec.Command("xdotool", args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+b.display)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.t.Fatalf("touching the screen: %v\n%s", err, out)
	}
}

// keys are the places of letters on the keyboard that takes the panel's lower
// five sixths.
func keys(t *testing.T, text string) (spots []spot) {
	t.Helper()
	layout := keyboard.Wide.Letters
	at := map[rune]spot{}
	for y, row := range layout {
		column := 0
		for _, k := range row {
			s := spot{(2*column + k.Span) * 1024 / (2 * layout.Columns()), 100*y + 150}
			switch k.Kind {
			case keyboard.Letter:
				at[k.Rune] = s
			case keyboard.Space:
				at[' '] = s
			}
			column += k.Span
		}
	}
	for _, r := range text {
		s, ok := at[r]
		if !ok {
			t.Fatalf("there is no key %q", r)
		}
		spots = append(spots, s)
	}
	return spots
}

// digits are the places of digits on the pad at the right.
func digits(text string) (spots []spot) {
	for _, r := range text {
		n := (int(r-'0') + 8) % 9 // 1 is the first
		s := spot{676 + n%3*131, 167 + n/3*122}
		if r == '0' {
			s = spot{742, 533}
		}
		spots = append(spots, s)
	}
	return spots
}

// picture keeps what the display shows now for the gallery: half as large, in
// the folder CHOT_GALLERY.
func (b *bench) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("CHOT_GALLERY")
	if dir == "" {
		return
	}
	time.Sleep(600 * time.Millisecond) // until all is drawn, on a busy machine
	shown := b.screen()
	small := image.NewRGBA(image.Rect(0, 0, shown.Rect.Dx()/2, shown.Rect.Dy()/2))
	draw.CatmullRom.Scale(small, small.Rect, shown, shown.Rect, draw.Src, nil)
	file, err := os.Create(filepath.Join(dir, name+".jpg"))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := jpeg.Encode(file, small, &jpeg.Options{Quality: 85}); err != nil {
		b.t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		b.t.Fatal(err)
	}
}

// scans hands a text to the scanner at the end of a serial line.
func scans(t *testing.T, line *os.File, text string) {
	t.Helper()
	if _, err := line.WriteString(text + "\r"); err != nil {
		t.Fatal(err)
	}
}

// counted is how many records of a kind a kiosk has said to be kept.
func counted(kiosk *process, kind record.Kind) (n int) {
	for _, line := range kiosk.Said("record kept") {
		if strings.HasSuffix(line, fmt.Sprintf(" kind=%d", kind)) {
			n++
		}
	}
	return n
}
