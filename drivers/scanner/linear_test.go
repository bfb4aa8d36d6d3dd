package scanner

import (
	"image"
	"image/color"
	"image/draw"
	"slices"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/datamatrix"
	"github.com/makiuchi-d/gozxing/oned"

	"chot/drivers/camera"
)

// label draws what a writer makes of a text on a white picture.
func label(t testing.TB, w gozxing.Writer, format gozxing.BarcodeFormat, text string, width, height int) camera.Frame {
	t.Helper()
	m, err := w.Encode(text, format, width, height, nil)
	if err != nil {
		t.Fatal(err)
	}
	im := image.NewGray(image.Rect(0, 0, 640, 480))
	draw.Draw(im, im.Rect, image.NewUniform(color.Gray{Y: 220}), image.Point{}, draw.Src)
	x0, y0 := (640-m.GetWidth())/2, (480-m.GetHeight())/2
	for y := range m.GetHeight() {
		for x := range m.GetWidth() {
			if m.Get(x, y) {
				im.SetGray(x0+x, y0+y, color.Gray{Y: 40})
			}
		}
	}
	return Grey(im)
}

func quarterTurn(f camera.Frame) camera.Frame {
	o := camera.Frame{Width: f.Height, Height: f.Width, Stride: f.Height, Time: f.Time, Pix: make([]byte, f.Width*f.Height)}
	for y := range f.Height {
		for x := range f.Width {
			o.Pix[x*o.Stride+f.Height-1-y] = f.Pix[y*f.Stride+x]
		}
	}
	return o
}

func TestTubeLabels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sym   Symbology
		text  string
		frame camera.Frame
	}{
		{Code128, "30298-000417", label(t, oned.NewCode128Writer(), gozxing.BarcodeFormat_CODE_128, "30298-000417", 340, 120)},
		{Code128, "0012345678", label(t, oned.NewCode128Writer(), gozxing.BarcodeFormat_CODE_128, "0012345678", 260, 60)},
		{DataMatrix, "30298-000417", label(t, datamatrix.NewDataMatrixWriter(), gozxing.BarcodeFormat_DATA_MATRIX, "30298-000417", 144, 144)},
	} {
		f := c.frame
		for turns := range 4 {
			f.Time = time.Unix(int64(turns), 0)
			is := func(o Code) bool { return o.Text == c.text && o.Symbology == c.sym }
			if codes := New(Options{}).Still(f); len(codes) != 1 || !is(codes[0]) {
				t.Errorf("still, %s turned %d times: %v", c.sym, turns, codes)
			}
			codes, _ := NewStream(Options{Budget: time.Hour}).Push(f)
			if !slices.ContainsFunc(codes, is) {
				t.Errorf("stream, %s turned %d times: %v", c.sym, turns, codes)
			}
			f = quarterTurn(f)
		}
	}
}
