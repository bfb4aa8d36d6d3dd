package ui

import (
	"image"
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// plate is a rectangle with round corners, as buttons and cards stand on: a
// picture in its own pixels. The toolkit's own rectangle computes each pixel's
// distance to its corners again for every frame of the camera, which without a
// graphics processor costs more than the camera's picture does; to copy pixels
// costs a fraction of it.
type plate struct {
	fill, edge colour  // the zero colour: not drawn
	radius     float32 // of the corners
	line       float32 // width of the edge, which lies within
}

// object is a plate of a size, in whole pixels.
func (p plate) object(size fyne.Size) *canvas.Image {
	w, h := max(1, int(math.Round(float64(size.Width)))), max(1, int(math.Round(float64(size.Height))))
	o := canvas.NewImageFromImage(p.picture(w, h))
	o.ScaleMode = canvas.ImageScaleFastest
	o.FillMode = canvas.ImageFillStretch
	o.Resize(fyne.NewSize(float32(w), float32(h)))
	return o
}

// picture draws the plate: the first rows with their corners, one row of what is
// between them, and the last rows as the first.
func (p plate) picture(w, h int) *image.RGBA {
	picture := image.NewRGBA(image.Rect(0, 0, w, h))
	row := func(y int) []byte { return picture.Pix[y*picture.Stride:][:picture.Stride] }
	round := min(int(math.Ceil(float64(max(p.radius, p.line))))+1, (h+1)/2, (w+1)/2)
	for y := range round {
		for x := range round {
			set(row(y), w, x, p.at(float64(x)+0.5, float64(y)+0.5, w, h))
		}
		middle := p.at(float64(w)/2, float64(y)+0.5, w, h)
		for x := round; x < w-round; x++ {
			set(row(y), w, x, middle)
		}
		copy(row(h-1-y), row(y))
	}
	for y := round; y < h-round; y++ {
		if y > round {
			copy(row(y), row(round))
			continue
		}
		inner := p.at(float64(w)/2, float64(h)/2, w, h)
		for x := range (w + 1) / 2 {
			c := inner
			if x < round {
				c = p.at(float64(x)+0.5, float64(h)/2, w, h)
			}
			set(row(y), w, x, c)
		}
	}
	return picture
}

// set writes a pixel and its mirror image.
func set(row []byte, w, x int, c color.RGBA) {
	for _, at := range [2]int{x, w - 1 - x} {
		p := row[4*at : 4*at+4 : 4*at+4]
		p[0], p[1], p[2], p[3] = c.R, c.G, c.B, c.A
	}
}

// at is the colour at a place, alpha-premultiplied.
func (p plate) at(x, y float64, w, h int) color.RGBA {
	depth := p.depth(x, y, float64(w), float64(h))
	outside := clamp(depth + 0.5)
	inside := outside
	if p.edge != none {
		inside = clamp(depth - float64(p.line) + 0.5)
	}
	mix := func(fill, edge uint8) uint8 {
		f := float64(fill) * float64(p.fill.A) / 255
		e := float64(edge) * float64(p.edge.A) / 255
		return uint8(math.Round(f*inside + e*(outside-inside)))
	}
	return color.RGBA{mix(p.fill.R, p.edge.R), mix(p.fill.G, p.edge.G), mix(p.fill.B, p.edge.B), mix(255, 255)}
}

// depth is how far a place is within the outline; negative outside.
func (p plate) depth(x, y, w, h float64) float64 {
	radius := min(float64(p.radius), w/2, h/2)
	dx, dy := math.Abs(x-w/2)-w/2+radius, math.Abs(y-h/2)-h/2+radius
	if dx > 0 && dy > 0 {
		return radius - math.Hypot(dx, dy)
	}
	return radius - max(dx, dy)
}

func clamp(v float64) float64 { return max(0, min(1, v)) }
