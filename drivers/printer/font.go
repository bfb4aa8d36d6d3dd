package printer

import (
	"fmt"
	"image"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// Liberation Sans has every letter of Vietnamese in both weights, is narrow
// enough for a label, and free (SIL Open Font License).
var (
	regular = sync.OnceValue(func() *sfnt.Font { return parseFont(liberationsansregular.TTF) })
	bold    = sync.OnceValue(func() *sfnt.Font { return parseFont(liberationsansbold.TTF) })
)

func parseFont(ttf []byte) *sfnt.Font {
	f, err := opentype.Parse(ttf)
	if err != nil {
		panic(fmt.Errorf("reading a font that is built in: %w", err)) // every test of a text would fail
	}
	return f
}

// typeface is a font at a size in dots. It serves one goroutine.
type typeface struct {
	font       *sfnt.Font
	face       font.Face
	ascent     int // dots from the baseline to the top of the highest accent
	descent    int // dots from the baseline to the lowest tail
	glyphCache sfnt.Buffer
}

func newTypeface(heavy bool, em float64) (*typeface, error) {
	f := regular()
	if heavy {
		f = bold()
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: em, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return nil, fmt.Errorf("scaling the font to %.1f dots: %w", em, err)
	}
	t := &typeface{font: f, face: face}
	// The font's own ascent forgets letters with two accents.
	for _, r := range "ẾỖẨÀgọỵựq|,;" {
		bounds, _, _ := face.GlyphBounds(r)
		t.ascent = max(t.ascent, (-bounds.Min.Y).Ceil())
		t.descent = max(t.descent, bounds.Max.Y.Ceil())
	}
	return t, nil
}

func (t *typeface) height() int { return t.ascent + t.descent }

// has tells whether the font can show a letter.
func (t *typeface) has(r rune) bool {
	i, err := t.font.GlyphIndex(&t.glyphCache, r)
	return err == nil && i != 0
}

// shown replaces letters that the font lacks by a question mark, so that
// nobody takes the rest for the whole.
func (t *typeface) shown(s string) string {
	runes := []rune(s)
	for i, r := range runes {
		if !t.has(r) {
			runes[i] = '?'
		}
	}
	return string(runes)
}

// width is the dots that a line takes, ink that juts out included.
func (t *typeface) width(s string) int {
	bounds, advance := font.BoundString(t.face, s)
	return max(bounds.Max.X.Ceil(), advance.Ceil()) - min(bounds.Min.X.Floor(), 0)
}

// line draws one line of text. Grey is cut at somewhat less than the half,
// which keeps the thin strokes of small letters whole.
func (t *typeface) line(s string) *bitmap {
	const threshold = 110
	w := max(t.width(s), 1)
	bounds, _ := font.BoundString(t.face, s)
	img := image.NewAlpha(image.Rect(0, 0, w, t.height()))
	d := font.Drawer{
		Dst: img, Src: image.Opaque, Face: t.face,
		Dot: fixed.Point26_6{X: fixed.I(-min(bounds.Min.X.Floor(), 0)), Y: fixed.I(t.ascent)},
	}
	d.DrawString(s)
	b := newBitmap(w, t.height())
	for y := range b.h {
		for x := range b.w {
			if img.Pix[y*img.Stride+x] >= threshold {
				b.set(x, y)
			}
		}
	}
	return b
}
