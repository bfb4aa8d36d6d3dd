// Package preview shows what the camera sees, so that a visitor can aim.
//
// Frames come from the camera's goroutine at its own pace and are drawn at the
// screen's. What makes this cheap was measured: one canvas image for ever, whose
// pixels come from a small ring of tight RGBA pictures no larger than aiming
// needs, nearest-neighbour scaling, and never more than one drawing queued.
package preview

import (
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"math"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// ring is how many pictures take turns: one on screen, one on its way to the
// graphics memory, one being written.
const ring = 3

// enough is how many pixels a picture has at most; the screen stretches it. With
// as many as on the screen, a 7-inch panel costs half as much again.
const enough = 240 * 180

// View is the camera's picture on the screen, with the corners of a frame to aim
// at. They are pixels of the picture: as things of their own they took the screen
// longer than the picture does.
type View struct {
	picture *canvas.Image
	empty   color.RGBA
	look    atomic.Pointer[look] // nil while it is not shown
	queued  atomic.Bool

	frames [ring]*image.RGBA // written by Show alone
	next   int
}

// New makes a view that is one colour until there is a frame. It may be made
// before there is a window.
func New(empty color.Color) *View {
	v := &View{empty: color.RGBAModel.Convert(empty).(color.RGBA)}
	v.picture = canvas.NewImageFromImage(v.blank(look{size: image.Pt(1, 1)}))
	v.picture.ScaleMode = canvas.ImageScaleFastest
	v.picture.FillMode = canvas.ImageFillStretch
	return v
}

// Object is what stands on the screen: the same for ever.
func (v *View) Object() fyne.CanvasObject { return v.picture }

// look is how the picture is looked at.
type look struct {
	size image.Point // of the picture
	wide int         // width of the corners' lines, in its pixels
	ink  color.RGBA
}

// Open begins to draw frames on width × height pixels of the screen, with corners
// of lines wide pixels in a colour. It and Close belong to the drawing goroutine.
func (v *View) Open(width, height, wide int, corners color.Color) {
	shrink := min(1, math.Sqrt(enough/float64(max(1, width*height))))
	scaled := func(n int) int { return max(1, int(float64(n)*shrink)) }
	l := look{image.Pt(scaled(width), scaled(height)), scaled(wide), color.RGBAModel.Convert(corners).(color.RGBA)}
	if was := v.look.Swap(&l); was == nil || *was != l {
		v.picture.Image = v.blank(l)
	}
}

// blank is the picture without a frame.
func (v *View) blank(l look) *image.RGBA {
	m := image.NewRGBA(image.Rectangle{Max: l.size})
	draw.Draw(m, m.Rect, image.NewUniform(v.empty), image.Point{}, draw.Src)
	l.corners(m)
	return m
}

// corners draws the frame to aim at: the corners of a square in the middle.
func (l look) corners(m *image.RGBA) {
	side := min(l.size.X, l.size.Y) * 76 / 100
	square := image.Rectangle{Max: image.Pt(side, side)}.Add(image.Pt((l.size.X-side)/2, (l.size.Y-side)/2))
	long := side / 5
	ink := image.NewUniform(l.ink)
	bar := func(x, y, w, h int) {
		draw.Draw(m, image.Rect(x, y, x+w, y+h), ink, image.Point{}, draw.Src)
	}
	for _, right := range []int{0, 1} {
		for _, low := range []int{0, 1} {
			bar(square.Min.X+right*(side-long), square.Min.Y+low*(side-l.wide), long, l.wide)
			bar(square.Min.X+right*(side-l.wide), square.Min.Y+low*(side-long), l.wide, long)
		}
	}
}

// Close stops drawing, which costs nothing until Open, and forgets the last
// frame, which may show a face.
func (v *View) Close() {
	if l := v.look.Swap(nil); l != nil {
		v.picture.Image = v.blank(*l)
	}
}

// Show draws a grey frame, one byte a pixel, rows stride bytes apart: its
// middle, in the shape of the view, and mirrored, since people expect a mirror.
// It keeps nothing of pixels. A frame that comes before the last one is drawn
// is dropped. Calls must not overlap.
func (v *View) Show(pixels []byte, width, height, stride int) {
	l := v.look.Load()
	if l == nil || width < 1 || height < 1 || len(pixels) < (height-1)*stride+width || !v.queued.CompareAndSwap(false, true) {
		return
	}
	frame := v.frames[v.next]
	if frame == nil || frame.Rect.Max != l.size {
		frame = image.NewRGBA(image.Rectangle{Max: l.size})
		v.frames[v.next] = frame
	}
	v.next = (v.next + 1) % ring
	mirror(frame, pixels, width, height, stride)
	l.corners(frame)
	fyne.Do(func() {
		v.queued.Store(false)
		if now := v.look.Load(); now == nil || *now != *l {
			return // of the screen before
		}
		v.picture.Image = frame
		v.picture.Refresh()
	})
}

// mirror fills dst with the middle of the grey picture, flipped left to right.
func mirror(dst *image.RGBA, pixels []byte, width, height, stride int) {
	w, h := dst.Rect.Dx(), dst.Rect.Dy()
	cut := image.Rect(0, 0, width, height)
	if width*h > w*height {
		cut.Min.X = (width - w*height/h) / 2
		cut.Max.X = width - cut.Min.X
	} else {
		cut.Min.Y = (height - h*width/w) / 2
		cut.Max.Y = height - cut.Min.Y
	}
	stepX, stepY := cut.Dx()<<16/w, cut.Dy()<<16/h
	for y := range h {
		row := pixels[(cut.Min.Y+y*stepY>>16)*stride:][cut.Min.X:]
		out := dst.Pix[y*dst.Stride:][:w*4]
		for at := 0; len(out) >= 4; at += stepX {
			last := len(out) - 4
			binary.LittleEndian.PutUint32(out[last:], 0xFF00_0000|uint32(row[at>>16])*0x01_0101)
			out = out[:last]
		}
	}
}
