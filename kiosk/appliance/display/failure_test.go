package display

import (
	"errors"
	"fmt"
	"image/png"
	"os"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"chot/drivers/scanner"
)

// Why a kiosk cannot start can be read from the screen by a phone, and fits the
// smallest one.
func TestFailureCanBeReadByPhone(t *testing.T) {
	app := test.NewApp()
	defer app.Quit()
	for name, err := range map[string]error{
		"a slip in kiosk.toml": errors.New("reading the configuration /etc/chot/kiosk.toml: screen.rotate: \"sideways\" is not one of , left, right, inverted"),
		"a lost key":           errors.New("reading the identity in /var/lib/chot/identity: key.pem is missing beside the certificate: it was deleted, or the card is damaged"),
		"a long story":         fmt.Errorf("%s: policy.json was changed on the disk", strings.Repeat("opening the bundle: ", 60)),
	} {
		w := app.NewWindow("")
		w.SetPadded(false)
		w.SetContent(failure(err, "1.2.0"))
		w.Resize(fyne.NewSize(1024, 600))
		shown := w.Canvas().Capture()
		if dir := os.Getenv("CHOT_GALLERY"); dir != "" {
			file, err := os.Create(dir + "/failure-" + strings.ReplaceAll(name, " ", "-") + ".png")
			if err == nil {
				err = errors.Join(png.Encode(file, shown), file.Close())
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		codes := scanner.New(scanner.Options{}).Still(scanner.Grey(shown))
		if len(codes) != 1 || !strings.HasPrefix(codes[0].Text, "Chot 1.2.0\n") || !strings.HasSuffix(err.Error(), codes[0].Text[len(codes[0].Text)-20:]) {
			t.Errorf("%s: the screen's codes are %+v", name, codes)
		}
		// The words are there: the left half has ink below the two titles.
		ink := 0
		for y := 250; y < 560; y++ {
			for x := range 600 {
				if r, _, _, _ := shown.At(x, y).RGBA(); r < 0x8000 {
					ink++
				}
			}
		}
		if ink < 500 {
			t.Errorf("%s: %d dark pixels where the error stands", name, ink)
		}
		if size := w.Content().MinSize(); size.Width > 1024 || size.Height > 600 {
			t.Errorf("%s: it takes %v", name, size)
		}
		w.Close()
	}
}
