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

// View is the camera's picture on the screen.
type View struct {
	picture *canvas.Image
	blank   image.Image
	size    atomic.Pointer[image.Point] // of a picture; nil while nobody looks
	queued  atomic.Bool

	frames [ring]*image.RGBA // written by Show alone
	next   int
}

// New makes a view that is one colour until there is a frame. It may be made
// before there is a window.
func New(empty color.Color) *View {
	blank := image.NewRGBA(image.Rect(0, 0, 1, 1))
	blank.Set(0, 0, empty)
	v := &View{blank: blank, picture: canvas.NewImageFromImage(blank)}
	v.picture.ScaleMode = canvas.ImageScaleFastest
	v.picture.FillMode = canvas.ImageFillStretch
	return v
}

// Object is what stands on the screen: the same for ever.
func (v *View) Object() fyne.CanvasObject { return v.picture }

// Open begins to draw frames on width × height pixels of the screen. It and Close
// belong to the drawing goroutine.
func (v *View) Open(width, height int) {
	if all := width * height; all > enough {
		shrink := math.Sqrt(enough / float64(all))
		width, height = int(float64(width)*shrink), int(float64(height)*shrink)
	}
	v.size.Store(&image.Point{X: max(1, width), Y: max(1, height)})
}

// Close stops drawing, which costs nothing until Open, and forgets the last
// frame, which may show a face.
func (v *View) Close() {
	if v.size.Swap(nil) != nil {
		v.picture.Image = v.blank
	}
}

// Show draws a grey frame, one byte a pixel, rows stride bytes apart: its
// middle, in the shape of the view, and mirrored, since people expect a mirror.
// It keeps nothing of pixels. A frame that comes before the last one is drawn
// is dropped. Calls must not overlap.
func (v *View) Show(pixels []byte, width, height, stride int) {
	size := v.size.Load()
	if size == nil || width < 1 || height < 1 || len(pixels) < (height-1)*stride+width || !v.queued.CompareAndSwap(false, true) {
		return
	}
	frame := v.frames[v.next]
	if frame == nil || frame.Rect.Max != *size {
		frame = image.NewRGBA(image.Rectangle{Max: *size})
		v.frames[v.next] = frame
	}
	v.next = (v.next + 1) % ring
	mirror(frame, pixels, width, height, stride)
	fyne.Do(func() {
		v.queued.Store(false)
		if v.size.Load() == nil {
			return
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
