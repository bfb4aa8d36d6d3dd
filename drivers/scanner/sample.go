package scanner

import "math"

// field is the grey values of a code's modules, and what became of them: row by
// row, n a side.
type field struct {
	n    int
	grey []float32 // as sampled, light high
	soft []float32 // after the local threshold: dark positive, about ±1
	work []float32
	sums []float64
}

func (f *field) reserve(n int) {
	f.n = n
	if cap(f.grey) < n*n {
		f.grey, f.soft = make([]float32, n*n), make([]float32, n*n)
		f.work = make([]float32, n*n)
		f.sums = make([]float64, 2*(n+1)*(n+1))
	}
	f.grey, f.soft, f.work = f.grey[:n*n], f.soft[:n*n], f.work[:n*n]
	f.sums = f.sums[:2*(n+1)*(n+1)]
}

// sample reads the mean grey of every module from the picture. Large modules
// are read at several points around their middle, which averages noise. With a
// warp it follows paper that is not flat.
func (f *field) sample(p *plane, g *grid, w *warp) {
	n := g.layout.n
	f.reserve(n)
	middle := g.h.frame(float64(n)/2, float64(n)/2)
	points := min(max(int(0.75*middle.size()+0.4), 1), mostPoints)
	// The points cover the middle of a module.
	const spread = 0.62
	var off [mostPoints]float64
	for i := range points {
		off[i] = 0.5 + spread*((float64(i)+0.5)/float64(points)-0.5)
	}
	clear(f.grey)
	for y := range n {
		row := f.grey[y*n : (y+1)*n]
		for j := range points {
			for i := range points {
				if w == nil {
					g.h.line(p, off[i], float64(y)+off[j], row)
				} else {
					w.line(p, &g.h, off[i], y, off[j], row)
				}
			}
		}
	}
	scale := 1 / float32(points*points)
	for i, v := range f.grey {
		f.grey[i] = v * scale
	}
	if g.inverted {
		for i := range f.grey {
			f.grey[i] = 255 - f.grey[i]
		}
	}
}

// mostPoints is at how many points a side a module is read.
const mostPoints = 3

// line adds to row what the picture shows at (u,v), (u+1,v) and so on. Numerators
// and denominator are linear along the way.
func (h *homography) line(p *plane, u, v float64, row []float32) {
	x, y, w := h[0]*u+h[1]*v+h[2], h[3]*u+h[4]*v+h[5], h[6]*u+h[7]*v+h[8]
	n := float64(len(row) - 1)
	x1, y1, w1 := x+n*h[0], y+n*h[3], w+n*h[6]
	// A line whose ends lie in the picture lies in it.
	if w > 0 && w1 > 0 && p.within(float32(x/w), float32(y/w), 1) && p.within(float32(x1/w1), float32(y1/w1), 1) {
		const one = 1 << 16 // positions in fixed point, weights to 1/256
		for i := range row {
			d := one / w
			px, py := int(x*d)-one/2, int(y*d)-one/2
			at := py>>16*p.stride + px>>16
			q := p.pix[at : at+p.stride+2]
			fx, fy := px>>8&255, py>>8&255
			top := int(q[0])<<8 + (int(q[1])-int(q[0]))*fx
			low := int(q[p.stride])<<8 + (int(q[p.stride+1])-int(q[p.stride]))*fx
			row[i] += float32(top<<8+(low-top)*fy) * (1.0 / one)
			x += h[0]
			y += h[3]
			w += h[6]
		}
		return
	}
	for i := range row {
		d := 1 / w
		row[i] += p.at(float32(x*d), float32(y*d))
		x += h[0]
		y += h[3]
		w += h[6]
	}
}

// line is homography.line at (u,v) of the modules in row y, moved as w says.
func (w *warp) line(p *plane, h *homography, u float64, y int, v float64, row []float32) {
	for x := range row {
		du, dv := w.at(float64(x)+0.5, float64(y)+0.5)
		px, py := h.at(float64(x)+u+du, float64(y)+v+dv)
		row[x] += p.at(float32(px), float32(py))
	}
}

// threshold fills f.soft with the distance from the local middle between dark
// and light, in units of half their local distance. A code's mask makes dark
// and light modules about even, so the mean over 15×15 modules is the middle
// and the deviation the distance.
func (f *field) threshold() {
	const reach = 7
	n := f.n
	row := n + 1
	sum, square := f.sums[:row*row], f.sums[row*row:]
	for x := range row {
		sum[x], square[x] = 0, 0
	}
	for y := range n {
		var s, q float64
		sum[(y+1)*row], square[(y+1)*row] = 0, 0
		for x := range n {
			g := float64(f.grey[y*n+x])
			s += g
			q += g * g
			sum[(y+1)*row+x+1] = sum[y*row+x+1] + s
			square[(y+1)*row+x+1] = square[y*row+x+1] + q
		}
	}
	box := func(t []float64, x0, y0, x1, y1 int) float64 {
		return t[y1*row+x1] - t[y0*row+x1] - t[y1*row+x0] + t[y0*row+x0]
	}
	for y := range n {
		y0, y1 := max(y-reach, 0), min(y+reach+1, n)
		for x := range n {
			x0, x1 := max(x-reach, 0), min(x+reach+1, n)
			k := float64((x1 - x0) * (y1 - y0))
			mean := box(sum, x0, y0, x1, y1) / k
			dev := math.Sqrt(max(box(square, x0, y0, x1, y1)/k-mean*mean, 4))
			f.soft[y*n+x] = float32((mean - float64(f.grey[y*n+x])) / dev)
		}
	}
}
