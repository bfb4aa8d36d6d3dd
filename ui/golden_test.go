package ui

import (
	"errors"
	"flag"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
)

var update = flag.Bool("update", false, "write the golden pictures anew")

// Golden pictures are small: drawn at half the panel's size, each channel in 16
// steps. What is compared is the drawing against the step, with the 2 in 255 of
// tolerance by which processors differ in drawing.
const (
	scale     = 0.5
	step      = 17
	tolerance = 2
)

// isAsDrawn compares with the golden picture.
func isAsDrawn(t *testing.T, w fyne.Window, name string) {
	got := w.Canvas().Capture().(*image.NRGBA)
	path := filepath.Join("testdata", "golden", name+".png")
	if *update {
		write(t, path, got)
	}
	want, size, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatal("there is no picture of this screen; look at it and run the test with -update")
	} else if err != nil {
		t.Fatal(err)
	}
	if size > 400_000 {
		t.Errorf("%d bytes are too many", size)
	}
	if want.Bounds() != got.Rect {
		t.Fatalf("size %v, want %v", got.Rect, want.Bounds())
	}
	if n, at := differing(got, want); n > 0 {
		failed := filepath.Join(t.ArtifactDir(), "got.png")
		write(t, failed, got)
		t.Errorf("%d pixels differ, the first at %v; -artifacts keeps %s", n, at, failed)
	}
}

// differing counts the pixels that are further from their step than drawing
// may differ.
func differing(got *image.NRGBA, want image.Image) (n int, first image.Point) {
	for y := range got.Rect.Max.Y {
		for x := range got.Rect.Max.X {
			r, g, b, _ := want.At(x, y).RGBA()
			at := got.Pix[y*got.Stride+x*4:]
			if far(at[0], r) || far(at[1], g) || far(at[2], b) {
				if n++; n == 1 {
					first = image.Pt(x, y)
				}
			}
		}
	}
	return n, first
}

func far(got uint8, want uint32) bool {
	d := int(got) - int(want>>8)
	return d > step/2+tolerance || d < -step/2-tolerance
}

func write(t *testing.T, path string, picture *image.NRGBA) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join((&png.Encoder{CompressionLevel: png.BestCompression}).Encode(f, stepped(picture)), f.Close())
	if err != nil {
		t.Fatal(err)
	}
}

// stepped is a picture with each channel in 16 steps, by palette where it has
// at most 256 colours.
func stepped(picture *image.NRGBA) image.Image {
	out := image.NewRGBA(picture.Rect)
	index := map[color.RGBA]uint8{}
	var palette color.Palette
	for i := 0; i < len(picture.Pix); i += 4 {
		c := color.RGBA{A: 0xFF}
		for n, channel := range []*uint8{&c.R, &c.G, &c.B} {
			*channel = uint8((int(picture.Pix[i+n]) + step/2) / step * step)
			out.Pix[i+n] = *channel
		}
		out.Pix[i+3] = 0xFF
		if _, known := index[c]; !known && len(palette) < 256 {
			index[c] = uint8(len(palette))
			palette = append(palette, c)
		} else if !known {
			return out
		}
	}
	small := image.NewPaletted(picture.Rect, palette)
	for i := range small.Pix {
		p := out.Pix[i*4:]
		small.Pix[i] = index[color.RGBA{p[0], p[1], p[2], 0xFF}]
	}
	return small
}

func read(path string) (image.Image, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	picture, err := png.Decode(f)
	return picture, info.Size(), err
}
