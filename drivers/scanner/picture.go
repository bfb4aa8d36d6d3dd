package scanner

import (
	"image"
	"image/color"

	"chot/drivers/camera"
)

// Grey turns a picture into a frame for Still: luma by ITU-R BT.601, over white
// where the picture is transparent.
func Grey(im image.Image) camera.Frame {
	b := im.Bounds()
	f := camera.Frame{Width: b.Dx(), Height: b.Dy(), Stride: b.Dx(), Pix: make([]byte, b.Dx()*b.Dy())}
	switch im := im.(type) {
	case *image.Gray:
		for y := range f.Height {
			copy(f.Pix[y*f.Stride:(y+1)*f.Stride], im.Pix[im.PixOffset(b.Min.X, b.Min.Y+y):])
		}
	case *image.YCbCr:
		for y := range f.Height {
			copy(f.Pix[y*f.Stride:(y+1)*f.Stride], im.Y[im.YOffset(b.Min.X, b.Min.Y+y):])
		}
	default:
		i := 0
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				c := color.NRGBAModel.Convert(im.At(x, y)).(color.NRGBA)
				l := (306*int(c.R) + 601*int(c.G) + 117*int(c.B) + 512) >> 10
				f.Pix[i] = byte((l*int(c.A) + 255*(255-int(c.A))) / 255)
				i++
			}
		}
	}
	return f
}
