package scanner

import "math"

// taps are the neighbours that an equaliser weighs: itself first, then outwards.
var taps = func() (t [][2]int) {
	for r := 0; r <= 2; r++ {
		for y := -r; y <= r; y++ {
			for x := -r; x <= r; x++ {
				if max(x, -x, y, -y) == r {
					t = append(t, [2]int{x, y})
				}
			}
		}
	}
	return
}()

const (
	nearTaps = 9  // 3×3
	farTaps  = 25 // 5×5
	mostTaps = farTaps + 1
)

// equaliser undoes what optics and motion have done to a code: each module is
// estimated as the weighted sum of itself and its neighbours, with the weights
// that bring the modules whose colour is known closest to it by least squares.
// Radio receivers train on a preamble the same way; a code's preamble is its
// finder, timing and alignment patterns. Then the modules that came out clear
// serve for training, too, a thousand instead of some hundred.
type equaliser struct {
	n      int // taps and the constant
	normal [mostTaps][mostTaps + 1]float64
	weight [mostTaps]float64
}

// add adds the equation of module i, which should come out as want.
func (e *equaliser) add(in []float32, n, i int, want float64, x *[mostTaps]float64) {
	gather(in, n, i, e.n-1, x)
	for a := range e.n {
		xa := x[a]
		row := &e.normal[a]
		for b := a; b < e.n; b++ {
			row[b] += xa * x[b]
		}
		row[mostTaps] += xa * want
	}
}

// gather collects a module's neighbours, those outside the code being light.
func gather(in []float32, n, i, k int, x *[mostTaps]float64) {
	cx, cy := i%n, i/n
	if cx >= 2 && cy >= 2 && cx < n-2 && cy < n-2 {
		for t := range k {
			x[t] = float64(in[i+taps[t][1]*n+taps[t][0]])
		}
	} else {
		for t := range k {
			px, py := cx+taps[t][0], cy+taps[t][1]
			if px < 0 || py < 0 || px >= n || py >= n {
				x[t] = -1
				continue
			}
			x[t] = float64(in[py*n+px])
		}
	}
	x[k] = 1
}

// reset begins a training with k taps, drawn a little towards leaving a module
// as it is.
func (e *equaliser) reset(k int, ridge float64) {
	e.n = k + 1
	for a := range e.n {
		e.normal[a] = [mostTaps + 1]float64{}
		e.normal[a][a] = ridge
	}
	e.normal[0][mostTaps] = ridge
}

func (e *equaliser) solve() bool {
	n := e.n
	// Cholesky on the upper half.
	m := &e.normal
	for i := range n {
		for k := range i {
			m[i][i] -= m[k][i] * m[k][i]
		}
		if m[i][i] <= 1e-9 {
			return false
		}
		d := math.Sqrt(m[i][i])
		m[i][i] = d
		for j := i + 1; j < n; j++ {
			for k := range i {
				m[i][j] -= m[k][i] * m[k][j]
			}
			m[i][j] /= d
		}
	}
	w := &e.weight
	for i := range n {
		v := m[i][mostTaps]
		for k := range i {
			v -= m[k][i] * w[k]
		}
		w[i] = v / m[i][i]
	}
	for i := n - 1; i >= 0; i-- {
		v := w[i]
		for k := i + 1; k < n; k++ {
			v -= m[i][k] * w[k]
		}
		w[i] = v / m[i][i]
	}
	return true
}

// apply writes the equalised modules to out.
func (e *equaliser) apply(in, out []float32, n int) {
	k := e.n - 1
	var w [farTaps]float32
	for t := range k {
		w[t] = float32(e.weight[t])
	}
	constant := float32(e.weight[k])
	var off [farTaps]int
	for t := range k {
		off[t] = taps[t][1]*n + taps[t][0]
	}
	var x [mostTaps]float64
	for y := range n {
		inner := y >= 2 && y < n-2
		for c := range n {
			i := y*n + c
			s := constant
			if inner && c >= 2 && c < n-2 {
				for t := range k {
					s += w[t] * in[i+off[t]]
				}
			} else {
				gather(in, n, i, k, &x)
				for t := range k {
					s += w[t] * float32(x[t])
				}
			}
			out[i] = s
		}
	}
}

// known trains on the modules that every code of the version shares and
// equalises in to out.
func (e *equaliser) known(l *layout, in, out []float32) bool {
	e.reset(nearTaps, 8)
	var x [mostTaps]float64
	for _, i := range l.train {
		at := int(i)
		e.add(in, l.n, at, float64(l.known[at]), &x)
	}
	if !e.solve() {
		return false
	}
	e.apply(in, out, l.n)
	return true
}

// again trains on what came out clear before, in soft, and equalises in to out,
// which may be soft.
func (e *equaliser) again(l *layout, in, soft, out []float32, k int, clear float32) bool {
	e.reset(k, 8)
	var x [mostTaps]float64
	n := l.n
	// So many equations are plenty for so few weights.
	stride := 1 + n*n/(20*k+300)
	for i := 0; i < n*n; i += stride {
		s := soft[i]
		switch {
		case s > clear:
			e.add(in, n, i, 1, &x)
		case s < -clear:
			e.add(in, n, i, -1, &x)
		}
	}
	if !e.solve() {
		return false
	}
	e.apply(in, out, n)
	return true
}
