package camera

import (
	"image"
	"image/color"
	"image/draw"
)

// convertedFrame is a picture of any model, such as a PNG with transparency,
// on white.
func convertedFrame(img image.Image) Frame {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	flat := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(flat, flat.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(flat, flat.Rect, img, b.Min, draw.Over)
	planes := make([]byte, 3*w*h)
	luma, cb, cr := planes[:w*h], planes[w*h:2*w*h], planes[2*w*h:]
	for i := range luma {
		luma[i], cb[i], cr[i] = color.RGBToYCbCr(flat.Pix[4*i], flat.Pix[4*i+1], flat.Pix[4*i+2])
	}
	return Frame{
		Width: w, Height: h, Stride: w, Pix: luma,
		Chroma: Chroma{Cb: cb, Cr: cr, Stride: w, Step: 1, SubX: 1, SubY: 1},
	}
}

// DrawPreview fills dst with the frame in colour, or in grey where the camera
// has no colour, scaled to dst's size by the nearest pixel: fast enough for a
// viewfinder, too coarse to read codes from.
func (f Frame) DrawPreview(dst *image.RGBA) {
	w, h := dst.Rect.Dx(), dst.Rect.Dy()
	if f.Width == 0 || f.Height == 0 {
		return
	}
	for y := range h {
		row := dst.Pix[y*dst.Stride:][:4*w]
		sy := y * f.Height / h
		luma := f.Pix[sy*f.Stride:]
		for x := range w {
			sx := x * f.Width / w
			p := row[4*x:][:4]
			p[0], p[1], p[2] = f.Chroma.rgb(luma[sx], sx, sy)
			p[3] = 255
		}
	}
}

func (c Chroma) rgb(luma uint8, x, y int) (r, g, b uint8) {
	if c.SubX == 0 {
		return luma, luma, luma
	}
	i := y/c.SubY*c.Stride + x/c.SubX*c.Step
	if i >= len(c.Cb) || i >= len(c.Cr) {
		return luma, luma, luma // an odd width leaves the last column without colour
	}
	return color.YCbCrToRGB(luma, c.Cb[i], c.Cr[i])
}
