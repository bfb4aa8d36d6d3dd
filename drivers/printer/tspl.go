package printer

import (
	"bytes"
	"fmt"
)

// tspl writes a page as one bitmap (TSPL/TSPL2 Programming Language, SIZE, GAP,
// DIRECTION, CLS, BITMAP, PRINT). In a BITMAP a cleared bit is a black dot.
func tspl(p *Page, copies int) []byte {
	dots := p.raster(true)
	var out bytes.Buffer
	fmt.Fprintf(&out, "SIZE %g mm,%g mm\r\n", p.layout.Width, float64(p.h)/p.dotsPerMM())
	fmt.Fprintf(&out, "GAP %g mm,0 mm\r\nDIRECTION 1\r\nCLS\r\n", p.layout.Gap)
	fmt.Fprintf(&out, "BITMAP 0,0,%d,%d,0,", dots.stride, dots.h)
	for _, b := range dots.bits {
		out.WriteByte(^b)
	}
	fmt.Fprintf(&out, "\r\nPRINT 1,%d\r\n", copies)
	return out.Bytes()
}
