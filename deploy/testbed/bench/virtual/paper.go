package virtual

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"
)

// Paper is the label that a TSPL printer makes of a job of bitmaps, as a camera
// sees it: on a grey table of 640 by 480 pixels, 8 of them a millimetre.
func Paper(job []byte) (*image.Gray, error) {
	rest := string(job)
	var width, height int
	if _, err := fmt.Sscanf(rest, "SIZE %d mm,%d mm", &width, &height); err != nil {
		return nil, fmt.Errorf("reading a job that begins with %.40q: %w", rest, err)
	}
	table := image.NewGray(image.Rect(0, 0, 640, 480))
	draw.Draw(table, table.Rect, image.NewUniform(color.Gray{Y: 110}), image.Point{}, draw.Src)
	left, top := (640-8*width)/2, (480-8*height)/2
	draw.Draw(table, image.Rect(left, top, left+8*width, top+8*height), image.NewUniform(color.Gray{Y: 225}), image.Point{}, draw.Src)
	for {
		_, after, found := strings.Cut(rest, "BITMAP ")
		if !found {
			return table, nil
		}
		var x, y, stride, rows, mode int
		if _, err := fmt.Sscanf(after, "%d,%d,%d,%d,%d,", &x, &y, &stride, &rows, &mode); err != nil {
			return nil, fmt.Errorf("reading a bitmap: %w", err)
		}
		for range 5 {
			_, after, _ = strings.Cut(after, ",")
		}
		if len(after) < stride*rows {
			return nil, fmt.Errorf("a bitmap of %d bytes has %d", stride*rows, len(after))
		}
		for j := range rows {
			for i := range stride * 8 {
				if after[j*stride+i/8]&(0x80>>(i%8)) == 0 { // a cleared bit is black
					table.SetGray(left+x+i, top+y+j, color.Gray{Y: 40})
				}
			}
		}
		rest = after[stride*rows:]
	}
}
