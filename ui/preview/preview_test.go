package preview_test

import (
	"image"
	"image/color"
	"testing"

	"fyne.io/fyne/v2/canvas"
	_ "fyne.io/fyne/v2/test" // the driver that fyne.Do needs

	"chot/ui/preview"
)

func pictureOf(v *preview.View) *image.RGBA {
	return v.Object().(*canvas.Image).Image.(*image.RGBA)
}

// ramp is a grey picture that brightens from left to right.
func ramp(width, height, stride int) []byte {
	pixels := make([]byte, stride*height)
	for y := range height {
		for x := range width {
			pixels[y*stride+x] = byte(x * 255 / (width - 1))
		}
	}
	return pixels
}

func TestShowMirrorsTheMiddle(t *testing.T) {
	cases := []struct {
		name                  string
		width, height, stride int
		viewW, viewH          int
		left, right           byte // at the view's edges
	}{
		{"same shape", 64, 48, 64, 64, 48, 255, 0},
		{"padded rows", 64, 48, 80, 64, 48, 255, 0},
		{"smaller", 64, 48, 64, 32, 24, 251, 0},
		{"cut at the sides", 64, 32, 64, 32, 32, 190, 64},
		{"cut above and below", 64, 64, 64, 64, 16, 255, 0},
		{"larger", 32, 24, 32, 64, 48, 255, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v := preview.New(color.Black)
			v.Open(c.viewW, c.viewH, 1, color.White)
			v.Show(ramp(c.width, c.height, c.stride), c.width, c.height, c.stride)
			got := pictureOf(v)
			if got.Rect != image.Rect(0, 0, c.viewW, c.viewH) {
				t.Fatalf("picture is %v", got.Rect)
			}
			near := func(a, b byte) bool { return int(a)-int(b) < 6 && int(b)-int(a) < 6 }
			if l, r := got.RGBAAt(0, 0).R, got.RGBAAt(c.viewW-1, c.viewH-1).R; !near(l, c.left) || !near(r, c.right) {
				t.Errorf("edges %d and %d, want %d and %d", l, r, c.left, c.right)
			}
			if got.RGBAAt(0, 0).A != 255 {
				t.Error("picture is transparent")
			}
		})
	}
}

func TestShowTakesTurnsWithTheSamePictures(t *testing.T) {
	v := preview.New(color.Black)
	v.Open(8, 8, 1, color.White)
	seen := map[*image.RGBA]bool{}
	object := v.Object()
	for range 10 {
		v.Show(ramp(8, 8, 8), 8, 8, 8)
		seen[pictureOf(v)] = true
	}
	if len(seen) != 3 || v.Object() != object {
		t.Errorf("%d pictures in turn", len(seen))
	}
}

func TestNothingIsDrawnWhileNobodyLooks(t *testing.T) {
	v := preview.New(color.Black)
	v.Show(ramp(8, 8, 8), 8, 8, 8)
	if pictureOf(v).Rect.Dx() != 1 {
		t.Error("drawn before Open")
	}
	v.Open(8, 8, 1, color.White)
	v.Show(ramp(8, 8, 8), 8, 8, 8)
	v.Close()
	blank := pictureOf(v)
	if blank.RGBAAt(0, 0) != (color.RGBA{A: 255}) {
		t.Error("a face stays on screen after Close")
	}
	v.Show(ramp(8, 8, 8), 8, 8, 8)
	if pictureOf(v) != blank {
		t.Error("drawn after Close")
	}
}

func TestFramesThatAreTooShortAreDropped(t *testing.T) {
	v := preview.New(color.Black)
	v.Open(8, 8, 1, color.White)
	blank := pictureOf(v)
	for _, c := range [][4]int{{63, 8, 8, 8}, {0, 0, 0, 0}, {8, 8, 2, 8}} {
		v.Show(make([]byte, c[0]), c[1], c[2], c[3])
		if pictureOf(v) != blank {
			t.Errorf("%v was drawn", c)
		}
	}
}

// The corners are of one size and colour on a frame as without one.
func TestTheFrameToAimAtIsOnThePicture(t *testing.T) {
	amber := color.RGBA{0xFF, 0xC2, 0x0E, 0xFF}
	v := preview.New(color.Black)
	v.Open(100, 60, 2, amber)
	for name, show := range map[string]func(){"without a camera": func() {}, "with a frame": func() { v.Show(make([]byte, 100*60), 100, 60, 100) }} {
		show()
		n := 0
		picture := pictureOf(v)
		for y := range 60 {
			for x := range 100 {
				if picture.RGBAAt(x, y) == amber {
					n++
				}
			}
		}
		if want := 4 * (2*9*2 - 2*2); n != want { // 76 % of 60 is 45, a fifth of it 9
			t.Errorf("%s: %d pixels of corners, want %d", name, n, want)
		}
	}
}

func BenchmarkShow(b *testing.B) {
	v := preview.New(color.Black)
	v.Open(480, 360, 6, color.White)
	pixels := ramp(1280, 720, 1280)
	b.ReportAllocs()
	for b.Loop() {
		v.Show(pixels, 1280, 720, 1280)
	}
}
