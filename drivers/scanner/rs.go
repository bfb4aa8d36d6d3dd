package scanner

// Arithmetic in GF(256) with the polynomial of QR codes, x⁸+x⁴+x³+x²+1.
var gfExp, gfLog = func() (e [510]byte, l [256]int) {
	x := 1
	for i := range 255 {
		e[i], e[i+255] = byte(x), byte(x)
		l[x] = i
		x <<= 1
		if x >= 256 {
			x ^= 0x11d
		}
	}
	return
}()

func gfMul(a, b byte) byte {
	if a == 0 || b == 0 {
		return 0
	}
	return gfExp[gfLog[a]+gfLog[b]]
}

func gfInv(a byte) byte { return gfExp[255-gfLog[a]] }

// mostCheck is the most check symbols that a block of a QR code has.
const mostCheck = 68

// reedSolomon corrects blocks of a Reed-Solomon code: errors at unknown places
// cost two check symbols, erasures at known places one. gozxing corrects errors
// alone; knowing which modules were hard to tell is worth up to twice as many
// damaged codewords.
type reedSolomon struct {
	synd [mostCheck]byte
	word [255]byte
}

// syndromes computes what is left of the check equations; all zero means that
// the block is whole.
func (r *reedSolomon) syndromes(block []byte, check int) (whole bool) {
	whole = true
	for i := range check {
		var s byte
		log := i
		for _, c := range block {
			if s != 0 {
				s = gfExp[gfLog[s]+log]
			}
			s ^= c
		}
		r.synd[i] = s
		whole = whole && s == 0
	}
	return whole
}

// correct repairs block in place, whose syndromes are known, taking the places
// in erased as unreadable. It returns how many symbols differed at places not
// erased. It gives up where errors and erasures leave fewer than spare check
// symbols to confirm the result.
func (r *reedSolomon) correct(block []byte, check, spare int, erased []int) (wrong int, ok bool) {
	n := len(block)
	e := len(erased)
	if e > check-spare {
		return 0, false
	}
	// The locator begins as that of the erasures; Berlekamp and Massey go on
	// from there.
	var lambda, prev, next [mostCheck + 1]byte
	lambda[0] = 1
	for i, at := range erased {
		x := gfExp[n-1-at]
		for k := i + 1; k > 0; k-- {
			lambda[k] ^= gfMul(lambda[k-1], x)
		}
	}
	prev = lambda
	length := e
	for step := e; step < check; step++ {
		var d byte
		for k := 0; k <= length; k++ {
			d ^= gfMul(lambda[k], r.synd[step-k])
			if k == step {
				break
			}
		}
		copy(prev[1:], prev[:check])
		prev[0] = 0
		if d == 0 {
			continue
		}
		next = lambda
		for k := 0; k <= check; k++ {
			next[k] ^= gfMul(d, prev[k])
		}
		if 2*length <= step+e {
			inv := gfInv(d)
			for k := 0; k <= check; k++ {
				prev[k] = gfMul(lambda[k], inv)
			}
			length = step + 1 + e - length
		}
		lambda = next
	}
	degree := check
	for degree > 0 && lambda[degree] == 0 {
		degree--
	}
	if degree != length || 2*(length-e)+e > check-spare {
		return 0, false
	}
	// Evaluator: syndromes times locator.
	var omega [mostCheck]byte
	for i := range check {
		for k := 0; k <= min(i, degree); k++ {
			omega[i] ^= gfMul(lambda[k], r.synd[i-k])
		}
	}
	found := 0
	fixed := r.word[:n]
	copy(fixed, block)
	for at := range n {
		log := (255 - (n - 1 - at)) % 255 // of the inverse of the place
		var v, dv byte
		for k := 0; k <= degree; k++ {
			if lambda[k] == 0 {
				continue
			}
			t := gfExp[(gfLog[lambda[k]]+k*log)%255]
			v ^= t
			if k&1 == 1 {
				dv ^= t
			}
		}
		if v != 0 {
			continue
		}
		found++
		if dv == 0 {
			return 0, false
		}
		var o byte
		for k := range check {
			if omega[k] != 0 {
				o ^= gfExp[(gfLog[omega[k]]+k*log)%255]
			}
		}
		// Forney, first root α⁰: X·Ω(X⁻¹) / (X⁻¹·Λ'(X⁻¹)·X); dv is X⁻¹·Λ'(X⁻¹).
		fixed[at] ^= gfMul(o, gfInv(dv))
	}
	if found != degree {
		return 0, false
	}
	for at := range n {
		if fixed[at] != block[at] {
			wrong++
			for _, x := range erased {
				if x == at {
					wrong--
					break
				}
			}
		}
	}
	copy(block, fixed)
	return wrong, true
}
