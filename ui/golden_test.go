package ui

import (
	"errors"
	"flag"
	"image"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
)

var update = flag.Bool("update", false, "write the golden pictures")

// Golden pictures are drawn at half the panel's size: at its full size six
// hundred of them take minutes. Processors differ in drawing by up to 2 in 255,
// mostly by whether they fuse a multiplication with an addition.
const (
	scale     = 0.5
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
	if size > 100_000 {
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

// differing counts the pixels that differ by more than drawing may.
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
	return d > tolerance || d < -tolerance
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
	err = errors.Join((&png.Encoder{CompressionLevel: png.BestCompression}).Encode(f, picture), f.Close())
	if err != nil {
		t.Fatal(err)
	}
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
