package scanner

import (
	"math/bits"
	"sync"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// layout is what a QR code of one version has where (ISO/IEC 18004).
type layout struct {
	version *decoder.Version
	n       int     // modules a side
	known   []int8  // of each module, row by row: 1 dark, -1 light, 0 depends on the content
	train   []int32 // the modules that are known
	order   []int32 // the modules of the codewords' bits, first bit first
	aligned [][2]int
	masks   [8]struct {
		once sync.Once
		turn []bool // the modules that the mask turns round
	}
}

const (
	leastVersion = 1
	mostVersion  = 40
)

var layouts [mostVersion + 1]struct {
	once sync.Once
	l    *layout
}

// layoutOf returns the layout of a version from 1 to 40.
func layoutOf(version int) *layout {
	e := &layouts[version]
	e.once.Do(func() { e.l = newLayout(version) })
	return e.l
}

func newLayout(version int) *layout {
	v, err := decoder.Version_GetVersionForNumber(version)
	if err != nil {
		panic(err) // a version from 1 to 40 exists
	}
	n := 17 + 4*version
	l := &layout{version: v, n: n, known: make([]int8, n*n)}
	function := make([]bool, n*n)
	set := func(x, y int, dark bool) {
		if x < 0 || y < 0 || x >= n || y >= n {
			return
		}
		l.known[y*n+x] = -1
		if dark {
			l.known[y*n+x] = 1
		}
		function[y*n+x] = true
	}
	for i := 8; i < n-8; i++ {
		set(i, 6, i&1 == 0)
		set(6, i, i&1 == 0)
	}
	// Concentric squares: finder patterns with their separators, then the
	// alignment patterns.
	squares := func(cx, cy, reach int, light func(r int) bool) {
		for y := -reach; y <= reach; y++ {
			for x := -reach; x <= reach; x++ {
				set(cx+x, cy+y, !light(max(x, -x, y, -y)))
			}
		}
	}
	for _, c := range [3][2]int{{3, 3}, {n - 4, 3}, {3, n - 4}} {
		squares(c[0], c[1], 4, func(r int) bool { return r == 2 || r == 4 })
	}
	centres := v.GetAlignmentPatternCenters()
	last := len(centres) - 1
	for i, y := range centres {
		for k, x := range centres {
			if i == 0 && k == 0 || i == 0 && k == last || i == last && k == 0 {
				continue
			}
			squares(x, y, 2, func(r int) bool { return r == 1 })
			l.aligned = append(l.aligned, [2]int{x, y})
		}
	}
	set(8, n-8, true)
	if version >= 7 {
		word := decoder.VERSION_DECODE_INFO[version-7]
		for i := range 18 {
			dark := word>>i&1 == 1
			set(n-11+i%3, i/3, dark)
			set(i/3, n-11+i%3, dark)
		}
	}
	// The format information is known to be there, and not what it says.
	for _, m := range formatModules(n) {
		for _, at := range m {
			function[at] = true
		}
	}
	for i, k := range l.known {
		if k != 0 {
			l.train = append(l.train, int32(i))
		}
	}
	up := true
	for x := n - 1; x > 0; x -= 2 {
		if x == 6 {
			x--
		}
		for i := range n {
			y := i
			if up {
				y = n - 1 - i
			}
			for c := range 2 {
				if at := y*n + x - c; !function[at] {
					l.order = append(l.order, int32(at))
				}
			}
		}
		up = !up
	}
	return l
}

// formatModules lists where the two copies of the format information stand, the
// highest of the 15 bits first.
func formatModules(n int) (m [2][15]int) {
	at := func(x, y int) int { return y*n + x }
	for i := range 15 {
		switch {
		case i < 6:
			m[0][i] = at(i, 8)
		case i == 6:
			m[0][i] = at(7, 8)
		case i == 7:
			m[0][i] = at(8, 8)
		case i == 8:
			m[0][i] = at(8, 7)
		default:
			m[0][i] = at(8, 14-i)
		}
		if i < 7 {
			m[1][i] = at(8, n-1-i)
		} else {
			m[1][i] = at(n-15+i, 8)
		}
	}
	return m
}

// formatWords are the 32 valid format informations, by their five data bits:
// a BCH code of 15 bits, masked.
var formatWords = func() (w [32]uint16) {
	for data := range w {
		rest := data << 10
		for bits.Len(uint(rest)) > 10 {
			rest ^= 0x537 << (bits.Len(uint(rest)) - 11)
		}
		w[data] = uint16(data<<10|rest) ^ 0x5412
	}
	return
}()

// mask lists the modules that a mask pattern turns round.
func (l *layout) mask(pattern int) []bool {
	m := &l.masks[pattern]
	m.once.Do(func() {
		m.turn = make([]bool, l.n*l.n)
		for i := range m.turn {
			m.turn[i] = masked(pattern, i%l.n, i/l.n)
		}
	})
	return m.turn
}

// masked says whether a mask pattern turns the module round.
func masked(mask, x, y int) bool {
	switch mask {
	case 0:
		return (x+y)&1 == 0
	case 1:
		return y&1 == 0
	case 2:
		return x%3 == 0
	case 3:
		return (x+y)%3 == 0
	case 4:
		return (y/2+x/3)&1 == 0
	case 5:
		return x*y%6 == 0
	case 6:
		return x*y%6 < 3
	default:
		return (x+y+x*y%3)&1 == 0
	}
}
