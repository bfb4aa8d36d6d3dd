package printer

import (
	"image"
	"image/color"
)

// bitmap is black dots on white: h rows of stride bytes, the left dot in the
// highest bit, 1 is black.
type bitmap struct {
	w, h, stride int
	bits         []byte
}

func newBitmap(w, h int) *bitmap {
	stride := (w + 7) / 8
	return &bitmap{w: w, h: h, stride: stride, bits: make([]byte, stride*h)}
}

func (b *bitmap) black(x, y int) bool {
	return b.bits[y*b.stride+x/8]&(0x80>>(x%8)) != 0
}

func (b *bitmap) set(x, y int) { b.bits[y*b.stride+x/8] |= 0x80 >> (x % 8) }

// fill blackens the part of a box that lies on the bitmap.
func (b *bitmap) fill(x, y, w, h int) {
	for j := max(y, 0); j < min(y+h, b.h); j++ {
		for i := max(x, 0); i < min(x+w, b.w); i++ {
			b.set(i, j)
		}
	}
}

// draw blackens what is black in from, whose corner is put at x, y.
func (b *bitmap) draw(from *bitmap, x, y int) {
	for j := max(0, -y); j < from.h && y+j < b.h; j++ {
		for i := max(0, -x); i < from.w && x+i < b.w; i++ {
			if from.black(i, j) {
				b.set(x+i, y+j)
			}
		}
	}
}

// rows returns the rows from y to before end as a bitmap that shares the dots.
func (b *bitmap) rows(y, end int) *bitmap {
	return &bitmap{w: b.w, h: end - y, stride: b.stride, bits: b.bits[y*b.stride : end*b.stride]}
}

// ink is the smallest box that holds everything black.
func (b *bitmap) ink() image.Rectangle {
	r := image.Rectangle{}
	for y := range b.h {
		for x := range b.w {
			if b.black(x, y) {
				r = r.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return r
}

// cut returns a copy of a part.
func (b *bitmap) cut(r image.Rectangle) *bitmap {
	c := newBitmap(r.Dx(), r.Dy())
	for y := range c.h {
		for x := range c.w {
			if b.black(r.Min.X+x, r.Min.Y+y) {
				c.set(x, y)
			}
		}
	}
	return c
}

// picture shows the bitmap as two colours.
func (b *bitmap) picture() *image.Paletted {
	p := image.NewPaletted(image.Rect(0, 0, b.w, b.h), color.Palette{color.White, color.Black})
	for y := range b.h {
		for x := range b.w {
			if b.black(x, y) {
				p.Pix[y*p.Stride+x] = 1
			}
		}
	}
	return p
}
