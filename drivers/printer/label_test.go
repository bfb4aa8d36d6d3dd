package printer

import (
	"bytes"
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"chot/drivers/camera"
	"chot/drivers/scanner"
)

// labels is how many persons and pools are printed: few in every run, all 500 by
// `make test-labels`.
func labels() int {
	if n, err := strconv.Atoi(os.Getenv("CHOT_LABELS")); err == nil {
		return n
	}
	return 6
}

// resolutions are those that labels are printed at.
var resolutions = []int{203, 300}

// eachLabel renders labels and slips of invented persons and pools.
func eachLabel(t *testing.T, n int, dpis []int, do func(t *testing.T, i int, code string, p *Page)) {
	t.Helper()
	if racing {
		t.Skip("drawing is judged without the race detector")
	}
	rng := rand.New(rand.NewPCG(2026, 11))
	all := Builtin()
	kinds := [][2]string{
		{"sample", "50x25"}, {"sample", "40x20"}, {"slip", "60x40"}, {"slip", "50x25"}, {"slip", "58"}, {"slip", "80"},
		{"result", "58"}, {"result", "80"},
	}
	for i := range n {
		fields := person(rng)
		slip := signed(rng)
		// Tube labels are the most, and each is made for both rolls.
		for _, k := range [][2]string{kinds[0], kinds[1], kinds[2+i%6]} {
			if k[0] != "sample" {
				fields["code"] = slip
			}
			l, err := all.Find(k[0], k[1])
			if err != nil {
				t.Fatal(err)
			}
			for _, dpi := range dpis {
				p, err := Render(l, fields, dpi)
				if err != nil {
					t.Fatalf("%d: %s on %s at %d dpi for %q: %v", i, k[0], k[1], dpi, fields["name"], err)
				}
				do(t, i, fields["code"], p)
			}
		}
	}
}

func TestNothingStandsOverACode(t *testing.T) {
	t.Parallel()
	eachLabel(t, labels(), resolutions, func(t *testing.T, i int, _ string, p *Page) {
		whole := p.raster(true)
		found := 0
		for _, it := range p.items {
			if it.code == nil {
				continue
			}
			found++
			// The code's own dots, and nothing else up to the end of its quiet zone.
			quiet := image.Rect(it.x, it.y, it.x+it.bits.w, it.y+it.bits.h)
			if it.code.kind == QRElement {
				quiet = quiet.Inset(-qrQuiet * it.code.module)
			} else {
				quiet.Min.X -= code128Quiet * it.code.module
				quiet.Max.X += code128Quiet * it.code.module
			}
			if !quiet.In(image.Rect(0, 0, p.w, p.h)) {
				t.Errorf("%d: the quiet zone %v leaves the label of %d×%d dots", i, quiet, p.w, p.h)
			}
			for y := max(quiet.Min.Y, 0); y < min(quiet.Max.Y, p.h); y++ {
				for x := max(quiet.Min.X, 0); x < min(quiet.Max.X, p.w); x++ {
					own := image.Pt(x, y).In(image.Rect(it.x, it.y, it.x+it.bits.w, it.y+it.bits.h)) && it.bits.black(x-it.x, y-it.y)
					if whole.black(x, y) != own {
						t.Fatalf("%d: %s of %s on %s at %d dpi: a foreign dot at %d,%d", i, it.code.kind, p.layout.Form, p.layout.Media, p.dpi, x, y)
					}
				}
			}
			if mm := float64(it.code.module) / p.dotsPerMM(); mm < leastModule {
				t.Errorf("%d: modules of %.2f mm", i, mm)
			}
		}
		want := 1
		if p.layout.Form == "sample" {
			want = 2
		}
		if found != want {
			t.Errorf("%d: %d codes on %s, want %d", i, found, p.layout.Form, want)
		}
	})
}

// TestPrintedDots compares what the interpreters of the tests make of the
// bytes with what was drawn.
func TestPrintedDots(t *testing.T) {
	t.Parallel()
	eachLabel(t, labels(), resolutions, func(t *testing.T, i int, _ string, p *Page) {
		for _, name := range []string{"tspl", "zpl", "escpos"} {
			got, s := runJob(t, name, p, EncodeOptions{Copies: 2})
			if len(got) != 2 || len(s.strange) > 0 {
				t.Fatalf("%s printed %d pages, want 2; it found strange %q", name, len(got), s.strange)
			}
			if d := difference(got[1], p.raster(true)); d != "" {
				t.Fatalf("%d: %s of %s on %s at %d dpi: %s", i, name, p.layout.Form, p.layout.Media, p.dpi, d)
			}
		}
	})
}

func runJob(t *testing.T, language string, p *Page, o EncodeOptions) ([]*bitmap, *simulator) {
	t.Helper()
	job, err := Encode(language, p, o)
	if err != nil {
		t.Fatal(err)
	}
	s := newSimulator(language, p.dpi)
	if _, err := s.Write(job); err != nil {
		t.Fatal(err)
	}
	return s.printed(), s
}

// difference says where two bitmaps differ; what one is larger must be white.
func difference(a, b *bitmap) string {
	for y := range max(a.h, b.h) {
		for x := range max(a.w, b.w) {
			blackA := x < a.w && y < a.h && a.black(x, y)
			blackB := x < b.w && y < b.h && b.black(x, y)
			if blackA != blackB {
				return fmt.Sprintf("dot %d,%d differs", x, y)
			}
		}
	}
	return ""
}

// TestCodesAreReadBack reads what came out of the printer with our own scanner:
// codes sent as dots and codes that the printer makes.
func TestCodesAreReadBack(t *testing.T) {
	t.Parallel()
	eye := scanner.New(scanner.Options{})
	eachLabel(t, labels(), resolutions, func(t *testing.T, i int, code string, p *Page) {
		for _, name := range []string{"tspl", "escpos"} {
			if name == "escpos" && p.layout.Height != 0 {
				continue
			}
			for _, native := range []bool{false, true} {
				if native && i%12 > 0 {
					continue
				}
				got, s := runJob(t, name, p, EncodeOptions{NativeCodes: native})
				if len(got) != 1 || len(s.strange) > 0 {
					t.Fatalf("%s printed %d pages; strange: %q", name, len(got), s.strange)
				}
				want := map[scanner.Symbology]bool{scanner.QR: true, scanner.Code128: p.layout.Form == "sample"}
				for _, c := range eye.Still(paperFrame(got[0])) {
					if c.Text != code {
						t.Errorf("%d: read %q, printed %q", i, c.Text, code)
					}
					want[c.Symbology] = false
				}
				for symbology, missing := range want {
					if missing {
						t.Errorf("%d: %s on %s at %d dpi by %s, native codes %v: the %s was not read",
							i, p.layout.Form, p.layout.Media, p.dpi, name, native, symbology)
					}
				}
			}
		}
	})
}

// paperFrame shows a bitmap to the scanner: grey on white paper, with a margin.
func paperFrame(b *bitmap) camera.Frame {
	const margin = 24
	f := camera.Frame{Width: b.w + 2*margin, Height: b.h + 2*margin, Stride: b.w + 2*margin}
	f.Pix = bytes.Repeat([]byte{240}, f.Stride*f.Height)
	for y := range b.h {
		for x := range b.w {
			if b.black(x, y) {
				f.Pix[(y+margin)*f.Stride+x+margin] = 20
			}
		}
	}
	return f
}
