package scanner

import "math"

// mark is a finder pattern fitted to the grey picture: the affine map from
// modules, counted from the pattern's centre, to pixels.
type mark struct {
	x, y           float32 // centre
	ux, uy, vx, vy float32 // one module along the pattern's own axes, pixels
	score          float32 // correlation with the ideal pattern, -1 to 1
	inverted       bool
	hits           int
	guess          bool // nothing was seen there; only geometry says so
	name           int  // tells the marks of a picture apart
}

// size is the length of a module's side, pixels, the mean of both axes.
func (m *mark) size() float32 {
	return (hypot(m.ux, m.uy) + hypot(m.vx, m.vy)) / 2
}

func hypot(x, y float32) float32 { return float32(math.Sqrt(float64(x*x + y*y))) }

// rays is how many directions trace looks in.
const rays = 16

// mostLost is how many rays may lead nowhere, for outlined to accept the rest.
const mostLost = rays / 3

var rayX, rayY = func() (x, y [rays]float32) {
	for k := range rays {
		s, c := math.Sincos(2 * math.Pi * float64(k) / rays)
		x[k], y[k] = float32(c), float32(s)
	}
	return
}()

// rayOrder begins with the diagonals, where what is no pattern shows soonest: row
// and column have been looked at.
var rayOrder = [rays]int{2, 6, 10, 14, 1, 5, 9, 13, 3, 7, 11, 15, 0, 4, 8, 12}

// trace finds the shape of a candidate: from the centre it follows rays over
// the three borders of the pattern, which lie 1.5, 2.5 and 3.5 modules out. The
// second moments of the outline undo the tilt; what is left is a square, whose
// turn is the phase of its four corners.
func trace(b *bitmap, c candidate, borders int) (m mark, ok bool) {
	colour := uint64(1)
	if c.inverted {
		colour = 0
	}
	const one = 1 << 16
	x0, y0 := int(c.x*one), int(c.y*one)
	// Half a pixel at a time, in large patterns a sixth of a module.
	step := max(0.5, (c.tw+c.th)/84)
	// However the pattern is tilted, no border lies further out than this.
	far := 1.6 * max(c.tw, c.th) / step
	limits := [3]int{int(0.6 * far), int(0.85 * far), int(far)}
	var reach [rays]float32 // pixels for 3.5 modules; 0: unknown
	lost := 0
	for _, k := range rayOrder {
		if lost > mostLost {
			return m, false
		}
		lost++
		var at [3]float32
		i := 0
		x, y := x0, y0
		dx, dy := int(rayX[k]*step*one), int(rayY[k]*step*one)
		want := colour
		for r := 0; r < limits[i]; r++ {
			px, py := x>>16, y>>16
			seen := 1 - colour // beyond the picture
			if uint(px) < uint(b.w) && uint(py) < uint(b.h) {
				seen = b.words[py*b.per+px>>6] >> (px & 63) & 1
			} else if i < borders-1 {
				break
			}
			if seen != want {
				at[i] = float32(r) * step
				want ^= 1
				i++
				if i == borders {
					break
				}
			}
			x, y = x+dx, y+dy
		}
		if i < borders {
			continue
		}
		// (1.5m+b)+(2.5m-b) and (2.5m-b)+(3.5m+b): the bias b of the threshold
		// falls out.
		unit := (at[0] + 2*at[1] + at[2]) / 10
		if borders == 2 {
			unit = (at[0] + at[1]) / 4
			at[2] = 3.5 * unit
		}
		if at[0] > 2.3*unit || at[2] < 2.7*unit || at[2] > 4.4*unit {
			continue
		}
		reach[k] = 3.5 * unit
		lost--
	}
	var px, py [rays / 2]float32
	n := 0
	for k := range rays / 2 {
		r, o := reach[k], reach[k+rays/2]
		switch {
		case r > 0 && o > 0:
			r = (r + o) / 2
		case r == 0 && o == 0:
			continue
		default:
			r = max(r, o)
		}
		px[n], py[n] = r*rayX[k], r*rayY[k]
		n++
	}
	if n < rays/2-2 {
		return m, false
	}
	if m, ok = square(px[:n], py[:n], c); !ok {
		return m, false
	}
	return m, m.outlined(&reach)
}

// outlined says whether the outline that the rays have found is that of m's
// square: most of them end near its border. Random modules pass the ratios of a
// row and a column by chance, seldom those of sixteen rays.
func (m *mark) outlined(reach *[rays]float32) bool {
	det := m.ux*m.vy - m.vx*m.uy
	far := 0
	for k, r := range reach {
		if r == 0 {
			far++
			continue
		}
		u, v := (rayX[k]*m.vy-rayY[k]*m.vx)/det, (rayY[k]*m.ux-rayX[k]*m.uy)/det
		border := 3.5 / max(abs(u), abs(v))
		if abs(r-border) > 0.15*border+0.6 {
			far++
		}
	}
	return far <= mostLost
}

// square fits a parallelogram of 7×7 modules to half an outline around the
// origin; the other half is its reflection.
func square(px, py []float32, c candidate) (m mark, ok bool) {
	var area, xx, xy, yy float32
	n := len(px)
	next := func(k int) (float32, float32) {
		if k+1 < n {
			return px[k+1], py[k+1]
		}
		return -px[0], -py[0]
	}
	for k := range n {
		x, y := px[k], py[k]
		u, v := next(k)
		cr := x*v - u*y
		area += cr
		xx += cr * (x*x + x*u + u*u)
		yy += cr * (y*y + y*v + v*v)
		xy += cr * (2*x*y + x*v + u*y + 2*u*v) / 2
	}
	if area <= 0 {
		return m, false
	}
	// Moments of a square with half side 3.5 are 3.5²/3 along both axes.
	scale := 1 / (6 * area) * 3 / (3.5 * 3.5)
	xx, xy, yy = xx*scale, xy*scale, yy*scale
	// The root of the symmetric matrix is the tilt: S with S·S = [xx xy; xy yy].
	det := xx*yy - xy*xy
	if det <= 0.01 {
		return m, false
	}
	s := float32(math.Sqrt(float64(det)))
	t := float32(math.Sqrt(float64(xx + yy + 2*s)))
	a, bb, d := (xx+s)/t, xy/t, (yy+s)/t
	// Undone, the outline is a square; its corners are where it reaches out.
	dt := a*d - bb*bb
	var re, im float32
	for k := range n {
		qx, qy := (d*px[k]-bb*py[k])/dt, (a*py[k]-bb*px[k])/dt
		r2 := qx*qx + qy*qy
		// (qx+i·qy)⁴ divided by r²: the fourth harmonic, weighted by r².
		c2, s2 := qx*qx-qy*qy, 2*qx*qy
		re += (c2*c2 - s2*s2) / r2
		im += 2 * c2 * s2 / r2
	}
	corner := math.Atan2(float64(im), float64(re)) / 4
	sn, cs := math.Sincos(corner + math.Pi/4)
	co, si := float32(cs), float32(sn)
	m = mark{
		x: c.x, y: c.y,
		ux: a*co + bb*si, uy: bb*co + d*si,
		vx: -a*si + bb*co, vy: -bb*si + d*co,
		inverted: c.inverted, hits: c.hits,
	}
	return m, true
}

// template is an ideal pattern of concentric squares sampled on a grid, with what Gauss and Newton need to fit it. Baker and Matthews'
// inverse composition keeps all of that constant.
type template struct {
	n     int
	side  int     // points a side
	reach float32 // of the outermost points, modules
	step  float32 // between points, modules
	u, v  []float32
	value []float32    // mean 0, variance 1
	steep [][6]float32 // derivative by u'u, u'v, u'1, v'u, v'v, v'1
	solve [6][6]float32
}

// finderTemplate is a finder pattern with the light module around it.
var finderTemplate = newTemplate(4, 0.5, finderProfile)

// coarseTemplate is the same at a quarter of the points, for searches.
var coarseTemplate = newTemplate(4, 1, finderProfile)

func finderProfile(r float64) float64 {
	return softly(r, 1.5) - softly(r, 2.5) + softly(r, 3.5)
}

// alignmentTemplate is an alignment pattern.
var alignmentTemplate = newTemplate(2.5, 0.5, alignmentProfile)

// alignmentCoarse is one point a module of it, for searches.
var alignmentCoarse = newTemplate(2, 1, alignmentProfile)

func alignmentProfile(r float64) float64 { return softly(r, 0.5) - softly(r, 1.5) }

// softly rises from 0 to 1 about an edge, as blurred as pictures are.
func softly(r, edge float64) float64 { return 1 / (1 + math.Exp(-(r-edge)/0.22)) }

func newTemplate(reach, step float64, value func(r float64) float64) *template {
	t := &template{reach: float32(reach), step: float32(step), side: int(2*reach/step) + 1}
	at := func(u, v float64) float64 {
		// A norm between the square's and the circle's: corners blur.
		p := 8.0
		return value(math.Pow(math.Pow(math.Abs(u), p)+math.Pow(math.Abs(v), p), 1/p))
	}
	var sum, square float64
	for v := -reach; v <= reach; v += step {
		for u := -reach; u <= reach; u += step {
			t.u, t.v = append(t.u, float32(u)), append(t.v, float32(v))
			x := at(u, v)
			t.value = append(t.value, float32(x))
			sum += x
			square += x * x
		}
	}
	t.n = len(t.u)
	mean := sum / float64(t.n)
	dev := math.Sqrt(square/float64(t.n) - mean*mean)
	var normal [6][12]float64
	for i := range t.n {
		t.value[i] = float32((float64(t.value[i]) - mean) / dev)
		u, v := float64(t.u[i]), float64(t.v[i])
		const h = 0.05
		du := (at(u+h, v) - at(u-h, v)) / (2 * h) / dev
		dv := (at(u, v+h) - at(u, v-h)) / (2 * h) / dev
		j := [6]float64{du * u, du * v, du, dv * u, dv * v, dv}
		var s [6]float32
		for a := range 6 {
			s[a] = float32(j[a])
			for b := range 6 {
				normal[a][b] += j[a] * j[b]
			}
		}
		t.steep = append(t.steep, s)
	}
	// Invert by Gauss and Jordan.
	for i := range 6 {
		normal[i][6+i] = 1
	}
	for i := range 6 {
		p := normal[i][i]
		for k := range 12 {
			normal[i][k] /= p
		}
		for r := range 6 {
			if r != i {
				q := normal[r][i]
				for k := range 12 {
					normal[r][k] -= q * normal[i][k]
				}
			}
		}
	}
	for a := range 6 {
		for b := range 6 {
			t.solve[a][b] = float32(normal[a][6+b])
		}
	}
	return t
}

// compare samples the picture where m puts the template's points, brings the
// samples to mean 0 and variance 1 and returns their correlation. Light on dark
// is turned round.
func (t *template) compare(p *plane, m *mark, out *[mostSamples]float32) float32 {
	if !t.read(p, m, out) {
		for i := range t.n {
			u, v := t.u[i], t.v[i]
			out[i] = p.at(m.x+u*m.ux+v*m.vx, m.y+u*m.uy+v*m.vy)
		}
	}
	var sum, square, c float32
	for i, g := range out[:t.n] {
		sum += g
		square += g * g
		c += g * t.value[i]
	}
	n := float32(t.n)
	mean := sum / n
	variance := square/n - mean*mean
	if variance < 1 {
		return 0
	}
	gain := 1 / float32(math.Sqrt(float64(variance)))
	if m.inverted {
		gain = -gain
	}
	for i := range out[:t.n] {
		out[i] = (out[i] - mean) * gain
	}
	return c * gain / n
}

// read samples all points if they lie within the picture, in fixed point:
// positions to 1/65536 of a pixel, weights to 1/256.
func (t *template) read(p *plane, m *mark, out *[mostSamples]float32) bool {
	rx, ry := t.reach*(abs(m.ux)+abs(m.vx))+1, t.reach*(abs(m.uy)+abs(m.vy))+1
	if !(m.x-rx >= 0 && m.y-ry >= 0 && m.x+rx < float32(p.w) && m.y+ry < float32(p.h)) {
		return false
	}
	const one = 1 << 16
	ux, uy := int(m.ux*t.step*one), int(m.uy*t.step*one)
	i := 0
	for row := range t.side {
		v := -t.reach + t.step*float32(row)
		x := int((m.x - 0.5 - t.reach*m.ux + v*m.vx) * one)
		y := int((m.y - 0.5 - t.reach*m.uy + v*m.vy) * one)
		for range t.side {
			at := y>>16*p.stride + x>>16
			q := p.pix[at : at+p.stride+2]
			fx, fy := x>>8&255, y>>8&255
			a, b := int(q[0]), int(q[1])
			c, d := int(q[p.stride]), int(q[p.stride+1])
			top := a<<8 + (b-a)*fx
			low := c<<8 + (d-c)*fx
			out[i] = float32(top<<8+(low-top)*fy) * (1.0 / one)
			i++
			x += ux
			y += uy
		}
	}
	return true
}

const mostSamples = 17 * 17

// score is how well the template fits where m puts it.
func (t *template) score(p *plane, m *mark) float32 {
	var buf [mostSamples]float32
	return t.compare(p, m, &buf)
}

// fit refines m by Gauss and Newton until it stands still, and scores it.
func (t *template) fit(p *plane, m *mark, steps int) {
	var buf [mostSamples]float32
	best := *m
	best.score = -1
	for range steps {
		score := t.compare(p, m, &buf)
		if score > best.score {
			best = *m
			best.score = score
		} else if score < best.score-0.1 {
			break
		}
		// Nothing that is a pattern correlates so little.
		if score < 0.1 {
			break
		}
		var g [6]float32
		// A blurred picture correlates less: fit the template times the
		// correlation.
		for i := range t.n {
			e := buf[i] - t.value[i]*score
			s := &t.steep[i]
			g[0] += e * s[0]
			g[1] += e * s[1]
			g[2] += e * s[2]
			g[3] += e * s[3]
			g[4] += e * s[4]
			g[5] += e * s[5]
		}
		gain := 1 / max(score, 0.3)
		var d [6]float32
		for a := range 6 {
			for b := range 6 {
				d[a] += t.solve[a][b] * g[b]
			}
			d[a] *= gain
		}
		// The step is of the template; the picture's map takes its inverse.
		a, b, c, e := 1+d[0], d[1], d[3], 1+d[4]
		det := a*e - b*c
		if det < 0.3 || det > 3 {
			break
		}
		ia, ib, ic, ie := e/det, -b/det, -c/det, a/det
		n := *m
		n.ux, n.vx = m.ux*ia+m.vx*ic, m.ux*ib+m.vx*ie
		n.uy, n.vy = m.uy*ia+m.vy*ic, m.uy*ib+m.vy*ie
		n.x = m.x - (n.ux*d[2] + n.vx*d[5])
		n.y = m.y - (n.uy*d[2] + n.vy*d[5])
		*m = n
		if abs(d[2])+abs(d[5]) < 0.004 && abs(d[0])+abs(d[1])+abs(d[3])+abs(d[4]) < 0.004 {
			break
		}
	}
	score := t.compare(p, m, &buf)
	m.score = score
	if !(score >= best.score) {
		*m = best
	}
}
