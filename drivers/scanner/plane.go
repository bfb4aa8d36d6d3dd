package scanner

import (
	"encoding/binary"

	"chot/drivers/camera"
)

// plane is a grey picture to work on. Coordinates are continuous: pixel (0,0)
// covers [0,1)×[0,1), so its centre lies at (0.5,0.5).
type plane struct {
	pix    []byte
	w, h   int
	stride int
}

func planeOf(f camera.Frame) plane {
	return plane{pix: f.Pix, w: f.Width, h: f.Height, stride: f.Stride}
}

// row returns the pixels of row y.
func (p *plane) row(y int) []byte { return p.pix[y*p.stride : y*p.stride+p.w] }

// at interpolates between the four pixels around a position; outside the
// picture its border goes on.
func (p *plane) at(x, y float32) float32 {
	x -= 0.5
	y -= 0.5
	if !(x >= 0 && y >= 0 && x < float32(p.w-1) && y < float32(p.h-1)) {
		return p.border(x, y)
	}
	ix, iy := int(x), int(y)
	fx, fy := x-float32(ix), y-float32(iy)
	i := iy*p.stride + ix
	q := p.pix[i : i+p.stride+2]
	a, b := float32(q[0]), float32(q[1])
	c, d := float32(q[p.stride]), float32(q[p.stride+1])
	top := a + (b-a)*fx
	return top + (c+(d-c)*fx-top)*fy
}

// border is at for positions between the outermost pixels' centres and beyond.
func (p *plane) border(x, y float32) float32 {
	// The comparisons also catch what is not a number.
	hold := func(x float32, n int) (int, int, float32) {
		if !(x > 0) {
			return 0, 0, 0
		}
		if x >= float32(n-1) {
			return n - 1, n - 1, 0
		}
		return int(x), int(x) + 1, x - float32(int(x))
	}
	x0, x1, fx := hold(x, p.w)
	y0, y1, fy := hold(y, p.h)
	a, b := float32(p.pix[y0*p.stride+x0]), float32(p.pix[y0*p.stride+x1])
	c, d := float32(p.pix[y1*p.stride+x0]), float32(p.pix[y1*p.stride+x1])
	top := a + (b-a)*fx
	return top + (c+(d-c)*fx-top)*fy
}

// within says whether a position lies in the picture, a margin away from its
// border.
func (p *plane) within(x, y, margin float32) bool {
	return x >= margin && y >= margin && x <= float32(p.w)-margin && y <= float32(p.h)-margin
}

// resize makes p a picture of its own with room for w×h pixels.
func (p *plane) resize(w, h int) {
	p.w, p.h, p.stride = w, h, w
	// Eight bytes more, so that whole words can be written at the end.
	if n := w*h + 8; cap(p.pix) < n {
		p.pix = make([]byte, n)
	} else {
		p.pix = p.pix[:n]
	}
}

// average is the mean of eight pairs of bytes, rounded down.
func average(a, b uint64) uint64 { return a&b + (a^b)&0xfefefefefefefefe>>1 }

// halve makes p the picture q at half its width and height, each pixel the mean
// of four.
func (p *plane) halve(q *plane) {
	p.resize(q.w/2, q.h/2)
	for y := range p.h {
		a, b := q.row(2*y), q.row(2*y+1)
		out := p.row(y)
		x := 0
		for ; x+4 <= p.w; x += 4 {
			v := average(binary.LittleEndian.Uint64(a[2*x:]), binary.LittleEndian.Uint64(b[2*x:]))
			const even = 0x00ff00ff00ff00ff
			s := (v&even + v>>8&even) >> 1 & even
			s = (s | s>>8) & 0x0000ffff0000ffff
			s |= s >> 16
			binary.LittleEndian.PutUint32(out[x:], uint32(s))
		}
		for ; x < p.w; x++ {
			out[x] = byte((int(a[2*x]) + int(a[2*x+1]) + int(b[2*x]) + int(b[2*x+1])) / 4)
		}
	}
}

// smooth makes p the picture q under a binomial filter of 3×3: first down the
// columns, then along the rows, eight pixels at a time.
func (p *plane) smooth(q *plane) {
	p.resize(q.w, q.h)
	for y := range q.h {
		up, mid, down := q.row(max(y-1, 0)), q.row(y), q.row(min(y+1, q.h-1))
		out := p.row(y)
		x := 0
		for ; x+8 <= q.w; x += 8 {
			v := average(average(binary.LittleEndian.Uint64(up[x:]), binary.LittleEndian.Uint64(down[x:])), binary.LittleEndian.Uint64(mid[x:]))
			binary.LittleEndian.PutUint64(out[x:], v)
		}
		for ; x < q.w; x++ {
			out[x] = byte((int(up[x]) + 2*int(mid[x]) + int(down[x])) / 4)
		}
		// In place: left is the word before as it was.
		left := uint64(out[0])
		x = 0
		for ; x+9 <= q.w; x += 8 {
			v := binary.LittleEndian.Uint64(out[x:])
			l, r := v<<8|left, v>>8|uint64(out[x+8])<<56
			left = v >> 56
			binary.LittleEndian.PutUint64(out[x:], average(average(l, r), v))
		}
		for ; x < q.w; x++ {
			v := uint64(out[x])
			r := v
			if x+1 < q.w {
				r = uint64(out[x+1])
			}
			out[x] = byte((left + 2*v + r) / 4)
			left = v
		}
	}
}

// crop is the part of p that starts at (x,y).
func (p *plane) crop(x, y, w, h int) plane {
	return plane{pix: p.pix[y*p.stride+x:], w: w, h: h, stride: p.stride}
}
