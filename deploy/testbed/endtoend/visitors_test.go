package endtoend

import (
	"crypto/rand"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	qrcode "github.com/skip2/go-qrcode"

	"chot/kiosk/credential/owncode"
	"chot/kiosk/enrol"
)

// slips are codes of so many visitors whom the neighbour let declare.
func (b *bench) slips(n int) []string {
	b.t.Helper()
	neighbour, err := enrol.Load(filepath.Join(strings.TrimSuffix(b.neighbour, ".toml"), "identity"))
	if err != nil {
		b.t.Fatal(err)
	}
	now := time.Now().Add(-time.Minute)
	codes := make([]string, n)
	for i := range codes {
		codes[i], err = owncode.Sign(rand.Reader, neighbour.Key, owncode.Terms{
			Issuer: neighbour.Kiosk, Number: fmt.Sprintf("%s-%06d", neighbour.Kiosk, i), IssuedAt: now, NotBefore: now, NotAfter: now.Add(12 * time.Hour),
		}, owncode.Slip{Name: owncode.MaskName("Trần Thị Bích"), Birth: 1948, Verdict: "green", Basis: "declaration", Place: "30298"})
		if err != nil {
			b.t.Fatal(err)
		}
	}
	return codes
}

// frame is how a camera sees a code on paper; an empty hall for none.
func frame(t *testing.T, text string) image.Image {
	t.Helper()
	seen := image.NewPaletted(image.Rect(0, 0, 640, 480), color.Palette{color.Gray{Y: 228}, color.Gray{Y: 24}})
	if text == "" {
		return seen
	}
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		t.Fatal(err)
	}
	draw.Draw(seen, image.Rect(110, 30, 530, 450), code.Image(420), image.Point{}, draw.Src)
	return seen
}

func savePNG(t *testing.T, path string, picture image.Image) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(file, picture); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}
