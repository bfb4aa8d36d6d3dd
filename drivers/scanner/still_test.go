package scanner

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"slices"
	"testing"

	"chot/drivers/camera"
)

func stillTexts(f camera.Frame) []string {
	var out []string
	for _, c := range New(Options{}).Still(f) {
		out = append(out, c.Text)
	}
	slices.Sort(out)
	return out
}

// From a module of a pixel and a half to one of a hundred: each picture is read
// at the scale that shows its code.
func TestStillAtEveryScale(t *testing.T) {
	t.Parallel()
	for _, size := range []int{2, 3, 8, 27, 40, 64, 100} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			side := 40 * size
			f := scene(t, max(side, 160), max(side, 160), shown{"079123456789", max(side, 160) / 2, max(side, 160) / 2, size})
			codes := New(Options{}).Still(f)
			if len(codes) != 1 || codes[0].Text != "079123456789" {
				t.Fatalf("read %v", codes)
			}
			// The corners are in the pixels of the picture as it came.
			x, y := (codes[0].Corners[0].X+codes[0].Corners[2].X)/2, (codes[0].Corners[0].Y+codes[0].Corners[2].Y)/2
			if m := float64(max(side, 160)) / 2; math.Abs(x-m) > float64(size)*2 || math.Abs(y-m) > float64(size)*2 {
				t.Errorf("its middle is at %.1f, %.1f, not at %.1f", x, y, m)
			}
		})
	}
}

// A page of labels: each is read once.
func TestStillOfManyCodes(t *testing.T) {
	t.Parallel()
	var all []shown
	var want []string
	for row := range 9 {
		for col := range 12 {
			text := fmt.Sprintf("T-%03d", row*12+col)
			all = append(all, shown{text, 70 + col*105, 70 + row*105, 3})
			want = append(want, text)
		}
	}
	got := stillTexts(scene(t, 1310, 1000, all...))
	if !slices.Equal(got, want) {
		t.Errorf("read %d of %d codes: %v", len(got), len(want), got)
	}
}

// Something dark that touches the code takes the margin of its finder patterns,
// and with it the last of their five runs.
func TestStillWithoutAMargin(t *testing.T) {
	t.Parallel()
	const size, x, y, side = 8, 200, 200, 21 * 8
	for name, bar := range map[string]image.Rectangle{
		"left":   image.Rect(0, 0, x-side/2, 400),
		"right":  image.Rect(x+side/2, 0, 400, 400),
		"top":    image.Rect(0, 0, 400, y-side/2),
		"bottom": image.Rect(0, y+side/2, 400, 400),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := scene(t, 400, 400, shown{"margin", x, y, size})
			im := &image.Gray{Pix: f.Pix, Stride: f.Stride, Rect: image.Rect(0, 0, f.Width, f.Height)}
			draw.Draw(im, bar, image.NewUniform(color.Gray{Y: 50}), image.Point{}, draw.Src)
			if got := stillTexts(f); !slices.Equal(got, []string{"margin"}) {
				t.Errorf("read %q", got)
			}
		})
	}
}

// wound is a picture as it looks on a cylinder that stands upright, seen from the
// front and from above.
func wound(f camera.Frame, radius, sag float64) camera.Frame {
	o := camera.Frame{Width: f.Width, Height: f.Height, Stride: f.Width, Pix: make([]byte, f.Width*f.Height)}
	p := planeOf(f)
	mid := float64(f.Width) / 2
	for y := range o.Height {
		for x := range o.Width {
			// What is seen at x lies at an angle on the cylinder.
			s := (float64(x) + 0.5 - mid) / radius
			if s <= -1 || s >= 1 {
				continue
			}
			angle := math.Asin(s)
			o.Pix[y*o.Stride+x] = byte(p.at(float32(mid+angle*radius), float32(float64(y)+0.5+sag*radius*(1-math.Cos(angle)))))
		}
	}
	return o
}

// A code that reaches 45 to 61 degrees round a tube on either side.
func TestStillOnACylinder(t *testing.T) {
	t.Parallel()
	for _, sag := range []float64{0, 0.15, 0.3} {
		for _, radius := range []float64{118, 105, 96} {
			t.Run(fmt.Sprintf("radius %.0f sag %.2f", radius, sag), func(t *testing.T) {
				t.Parallel()
				f := scene(t, 400, 400, shown{"cylinder", 200, 200, 8})
				if got := stillTexts(wound(f, radius, sag)); !slices.Equal(got, []string{"cylinder"}) {
					t.Errorf("read %q", got)
				}
			})
		}
	}
}
