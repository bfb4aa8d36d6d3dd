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
	points := min(max(int(middle.size()+0.25), 1), 4)
	// The points cover the middle of a module.
	const spread = 0.62
	var off [4]float64
	for i := range points {
		off[i] = 0.5 + spread*((float64(i)+0.5)/float64(points)-0.5)
	}
	h := &g.h
	for y := range n {
		for x := range n {
			var du, dv float64
			if w != nil {
				du, dv = w.at(float64(x)+0.5, float64(y)+0.5)
			}
			var s float32
			for j := range points {
				v := float64(y) + off[j] + dv
				for i := range points {
					u := float64(x) + off[i] + du
					w := 1 / (h[6]*u + h[7]*v + h[8])
					s += p.at(float32((h[0]*u+h[1]*v+h[2])*w), float32((h[3]*u+h[4]*v+h[5])*w))
				}
			}
			f.grey[y*n+x] = s / float32(points*points)
		}
	}
	if g.inverted {
		for i := range f.grey {
			f.grey[i] = 255 - f.grey[i]
		}
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
