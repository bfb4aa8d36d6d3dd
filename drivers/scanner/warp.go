package scanner

import (
	"cmp"
	"math"
	"slices"
)

// warp is how far a code's modules lie from where the homography has them, for
// paper, cloth and wrists that are not flat: offsets in modules at nodes some
// modules apart, linear in between.
type warp struct {
	side   int       // nodes a side
	du, dv []float32 // row by row
	order  []int     // the nodes, the nearest to a finder pattern first
	done   []bool
}

const pitch = 4 // modules from node to node

func (w *warp) reset(n int) {
	w.side = (n+pitch-1)/pitch + 1
	k := w.side * w.side
	w.du = slices.Grow(w.du[:0], k)[:k]
	w.dv = slices.Grow(w.dv[:0], k)[:k]
	w.done = slices.Grow(w.done[:0], k)[:k]
	clear(w.du)
	clear(w.dv)
	clear(w.done)
}

// at interpolates the offset at a module position.
func (w *warp) at(u, v float64) (du, dv float64) {
	u, v = max(u/pitch, 0), max(v/pitch, 0)
	i, j := min(int(u), w.side-2), min(int(v), w.side-2)
	fu, fv := u-float64(i), v-float64(j)
	k := j*w.side + i
	mix := func(a []float32) float64 {
		top := float64(a[k])*(1-fu) + float64(a[k+1])*fu
		low := float64(a[k+w.side])*(1-fu) + float64(a[k+w.side+1])*fu
		return top*(1-fv) + low*fv
	}
	return mix(w.du), mix(w.dv)
}

// follow takes the offsets that the alignment patterns show, weighing them by
// nearness.
func (w *warp) follow(g *grid) {
	w.reset(g.layout.n)
	for j := range w.side {
		for i := range w.side {
			u, v := float64(i*pitch), float64(j*pitch)
			var du, dv, total float64
			for _, a := range g.bend {
				d := (a.u-u)*(a.u-u) + (a.v-v)*(a.v-v)
				weight := 1 / (d*d + 20)
				du += a.x * weight
				dv += a.y * weight
				total += weight
			}
			if total > 0 {
				w.du[j*w.side+i], w.dv[j*w.side+i] = float32(du/total), float32(dv/total)
			}
		}
	}
}

// relax moves each node to where the modules around it are told apart best:
// sampled in their middle, dark is dark and light is light; sampled between two
// of them, all is grey. It starts at the finder patterns, whose place is known,
// and works its way outwards, each node beginning where its neighbours went. A
// second round sees the neighbours on all sides.
func (w *warp) relax(p *plane, g *grid) {
	n := g.layout.n
	w.order = w.order[:0]
	for k := range w.du {
		w.order = append(w.order, k)
	}
	far := float64(n) - 3.5
	way := func(k int) float64 {
		u, v := float64(k%w.side*pitch), float64(k/w.side*pitch)
		return min(math.Hypot(u-3.5, v-3.5), math.Hypot(u-far, v-3.5), math.Hypot(u-3.5, v-far))
	}
	slices.SortFunc(w.order, func(a, b int) int { return cmp.Compare(way(a), way(b)) })
	clear(w.done)
	for _, k := range w.order {
		if way(k) > 3 {
			if du, dv, ok := w.around(k); ok {
				w.du[k], w.dv[k] = du, dv
			}
			w.search(p, g, k, 0.3, 0.3, 2)
		}
		w.done[k] = true
	}
	for _, k := range w.order {
		if way(k) > 3 {
			w.search(p, g, k, 0.15, 0.6, 2)
		}
	}
}

// around is the mean offset of the neighbours that are done.
func (w *warp) around(k int) (du, dv float32, ok bool) {
	i, j := k%w.side, k/w.side
	var c float32
	for y := max(j-1, 0); y <= min(j+1, w.side-1); y++ {
		for x := max(i-1, 0); x <= min(i+1, w.side-1); x++ {
			if o := y*w.side + x; o != k && w.done[o] {
				du, dv, c = du+w.du[o], dv+w.dv[o], c+1
			}
		}
	}
	if c == 0 {
		return 0, 0, false
	}
	return du / c, dv / c, true
}

// search moves node k by up to reach steps to the best place, with a price for
// leaving its neighbours.
func (w *warp) search(p *plane, g *grid, k int, step, price float32, reach int) {
	nu, nv, ok := w.around(k)
	if !ok {
		nu, nv = w.du[k], w.dv[k]
	}
	bestU, bestV, best := w.du[k], w.dv[k], float32(-1e9)
	for b := -reach; b <= reach; b++ {
		for a := -reach; a <= reach; a++ {
			du, dv := w.du[k]+float32(a)*step, w.dv[k]+float32(b)*step
			s := w.contrast(p, g, k, du, dv) -
				price*((du-nu)*(du-nu)+(dv-nv)*(dv-nv))
			if s > best {
				bestU, bestV, best = du, dv, s
			}
		}
	}
	w.du[k], w.dv[k] = bestU, bestV
}

// contrast is how well the modules around node k are told apart if it is moved
// to an offset: their standard deviation, on a logarithmic scale so that the
// price of moving does not depend on the light, and how well those agree whose
// colour is known.
func (w *warp) contrast(p *plane, g *grid, k int, du, dv float32) float32 {
	const reach = 3
	n := g.layout.n
	cu, cv := k%w.side*pitch, k/w.side*pitch
	var sum, square, agree, count, known float32
	for v := max(cv-reach, 0); v < min(cv+reach, n); v++ {
		for u := max(cu-reach, 0); u < min(cu+reach, n); u++ {
			x, y := g.h.at(float64(u)+0.5+float64(du), float64(v)+0.5+float64(dv))
			s := p.at(float32(x), float32(y))
			sum += s
			square += s * s
			count++
			if c := g.layout.known[v*n+u]; c != 0 {
				agree -= s * float32(c)
				known += float32(c)
			}
		}
	}
	if count == 0 {
		return 0
	}
	mean := sum / count
	agree += mean * known
	dev := float32(math.Sqrt(float64(max(square/count-mean*mean, 1))))
	if g.inverted {
		agree = -agree
	}
	return float32(math.Log(float64(dev))) + 2*agree/(dev*count)
}
