package scanner

import "math"

// homography maps modules (u,v), counted from the code's top left corner, to
// pixels.
type homography [9]float64

func (h *homography) at(u, v float64) (x, y float64) {
	w := 1 / (h[6]*u + h[7]*v + h[8])
	return (h[0]*u + h[1]*v + h[2]) * w, (h[3]*u + h[4]*v + h[5]) * w
}

// frame is the affine map that h is around (u,v): its centre and how far one
// module reaches along u and along v.
func (h *homography) frame(u, v float64) mark {
	w := 1 / (h[6]*u + h[7]*v + h[8])
	x, y := (h[0]*u+h[1]*v+h[2])*w, (h[3]*u+h[4]*v+h[5])*w
	return mark{
		x: float32(x), y: float32(y),
		ux: float32((h[0] - h[6]*x) * w), uy: float32((h[3] - h[6]*y) * w),
		vx: float32((h[1] - h[7]*x) * w), vy: float32((h[4] - h[7]*y) * w),
	}
}

// anchor says that the module position (u,v) was found at pixel (x,y).
type anchor struct {
	u, v, x, y float64
	weight     float64
}

// solve fits h to four or more anchors by least squares. The equations are
// linear in h after multiplying by the denominator, which weighs far points
// more; a second round divides by the denominator of the first and so minimises
// pixels.
func (h *homography) solve(anchors []anchor) bool {
	// Centre and scale both sides, or the normal equations lose their digits.
	var mu, mv, mx, my, n float64
	for _, a := range anchors {
		mu, mv, mx, my, n = mu+a.u, mv+a.v, mx+a.x, my+a.y, n+1
	}
	if n < 4 {
		return false
	}
	mu, mv, mx, my = mu/n, mv/n, mx/n, my/n
	var su, sx float64
	for _, a := range anchors {
		su += math.Abs(a.u-mu) + math.Abs(a.v-mv)
		sx += math.Abs(a.x-mx) + math.Abs(a.y-my)
	}
	if su == 0 || sx == 0 {
		return false
	}
	su, sx = 2*n/su, 2*n/sx
	var p [8]float64 // of the centred and scaled map, the ninth being 1
	for round := range 2 {
		var m [8][9]float64
		for _, a := range anchors {
			u, v := (a.u-mu)*su, (a.v-mv)*su
			x, y := (a.x-mx)*sx, (a.y-my)*sx
			w := a.weight
			if round > 0 {
				d := p[6]*u + p[7]*v + 1
				if d < 0.05 {
					return false
				}
				w /= d * d
			}
			rows := [2][9]float64{
				{u, v, 1, 0, 0, 0, -u * x, -v * x, x},
				{0, 0, 0, u, v, 1, -u * y, -v * y, y},
			}
			for _, r := range rows {
				for i := range 8 {
					wr := w * r[i]
					if wr == 0 {
						continue
					}
					for k := i; k < 9; k++ {
						m[i][k] += wr * r[k]
					}
				}
			}
		}
		for i := range 8 {
			for k := range i {
				m[i][k] = m[k][i]
			}
		}
		if !eliminate(&m, &p) {
			return false
		}
	}
	// h = T⁻¹ · p · S
	q := [9]float64{
		p[0] * su, p[1] * su, p[2] - (p[0]*mu+p[1]*mv)*su,
		p[3] * su, p[4] * su, p[5] - (p[3]*mu+p[4]*mv)*su,
		p[6] * su, p[7] * su, 1 - (p[6]*mu+p[7]*mv)*su,
	}
	for k := range 3 {
		h[k] = q[k]/sx + mx*q[6+k]
		h[3+k] = q[3+k]/sx + my*q[6+k]
		h[6+k] = q[6+k]
	}
	for _, v := range h {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// eliminate solves eight linear equations.
func eliminate(m *[8][9]float64, x *[8]float64) bool {
	for i := range 8 {
		best := i
		for r := i + 1; r < 8; r++ {
			if math.Abs(m[r][i]) > math.Abs(m[best][i]) {
				best = r
			}
		}
		if math.Abs(m[best][i]) < 1e-12 {
			return false
		}
		m[i], m[best] = m[best], m[i]
		for r := i + 1; r < 8; r++ {
			f := m[r][i] / m[i][i]
			for k := i; k < 9; k++ {
				m[r][k] -= f * m[i][k]
			}
		}
	}
	for i := 7; i >= 0; i-- {
		v := m[i][8]
		for k := i + 1; k < 8; k++ {
			v -= m[i][k] * x[k]
		}
		x[i] = v / m[i][i]
	}
	return true
}
