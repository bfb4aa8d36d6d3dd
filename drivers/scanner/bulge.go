package scanner

// bulge is the smooth part of how a code's surface leaves the plane: a bottle, a
// tube, a page that curls. With a and b counted from the corner pattern's
// centre to its neighbours', 0 to 1, its offsets are combinations of what
// vanishes at the three finder patterns, which the homography has placed: ab,
// a(1-a) and b(1-b). A code whose version has no alignment pattern shows nowhere
// else where its fourth corner lies.
type bulge [2 * terms]float32 // for u and v in turn, modules

const terms = 3

// at is the offset at a module position in a code with n modules a side.
func (b *bulge) at(u, v float32, n int) (du, dv float32) {
	l := float32(n) - 7
	x, y := (u-3.5)/l, (v-3.5)/l
	p, q, r := x*(1-x), y*(1-y), x*y
	for i, t := range [terms]float32{r, p, q} {
		du += b[2*i] * t
		dv += b[2*i+1] * t
	}
	return du, dv
}

// apply sets the nodes to the offsets of b.
func (w *warp) apply(b *bulge, n int) {
	for k := range w.du {
		w.du[k], w.dv[k] = b.at(float32(k%w.side*pitch), float32(k/w.side*pitch), n)
	}
}

// told is how well all modules are told apart, the mean over the nodes.
func (w *warp) told(p *plane, g *grid) float32 {
	var sum float32
	for k := range w.du {
		sum += w.contrast(p, g, k, w.du[k], w.dv[k])
	}
	return sum / float32(len(w.du))
}

// curve looks for the bulge with which the modules are told apart best: from
// the given place of the fourth corner by steps along each of its numbers, which
// become finer where none is better. A small price keeps it flat where nothing
// speaks for a bulge.
func (w *warp) curve(p *plane, g *grid, best bulge) {
	n := g.layout.n
	top := w.value(p, g, &best)
	for _, step := range [...]float32{1, 0.5, 0.2} {
		for range 5 {
			better := false
			for k := range best {
				for _, by := range [2]float32{step, -step} {
					b := best
					b[k] += by
					if s := w.value(p, g, &b); s > top {
						best, top, better = b, s, true
					}
				}
			}
			if !better {
				break
			}
		}
	}
	w.apply(&best, n)
}

func (w *warp) value(p *plane, g *grid, b *bulge) float32 {
	w.apply(b, g.layout.n)
	var price float32
	for _, x := range b {
		price += x * x
	}
	return w.told(p, g) - 0.003*price
}

// corner is the bulge that puts the fourth corner of a code where the modules
// are told apart best.
func (w *warp) corner(p *plane, g *grid) bulge {
	const step, reach = 0.75, 4 // modules
	w.reset(g.layout.n)
	var best bulge
	top := w.value(p, g, &best)
	for j := -reach; j <= reach; j++ {
		for i := -reach; i <= reach; i++ {
			b := bulge{step * float32(i), step * float32(j)}
			if s := w.value(p, g, &b); s > top {
				best, top = b, s
			}
		}
	}
	return best
}
