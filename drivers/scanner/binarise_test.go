package scanner

import (
	"math/rand/v2"
	"testing"
)

// slowBinarise is what binarise computes, a pixel at a time.
func slowBinarise(p *plane, flat int) func(x, y int) bool {
	cols, rows := (p.w+block-1)/block, (p.h+block-1)/block
	mid := func(bx, by int) int {
		lo, hi := 255, 0
		for y := 0; y < block; y += 2 {
			for x := range block {
				v := int(p.row(min(by*block, p.h-block) + y)[min(bx*block, p.w-block)+x]) &^ 1
				lo, hi = min(lo, v), max(hi, v)
			}
		}
		if hi-lo < flat {
			return 0
		}
		return (lo + hi) / 2
	}
	return func(x, y int) bool {
		s, n := 0, 0
		for by := max(y/block-2, 0); by < min(y/block+3, rows); by++ {
			for bx := max(x/block-2, 0); bx < min(x/block+3, cols); bx++ {
				if m := mid(bx, by); m != 0 {
					s, n = s+m, n+1
				}
			}
		}
		return n > 0 && int(p.row(y)[x])/2 < (s/n+1)/2
	}
}

func noise(w, h int, seed uint64) *plane {
	r := rand.New(rand.NewPCG(seed, 1))
	p := &plane{}
	p.resize(w, h)
	for i := range p.pix {
		p.pix[i] = byte(r.IntN(256))
	}
	for i := range p.pix[:len(p.pix)/3] {
		p.pix[i] = 100 + byte(r.IntN(20)) // a region near flat
	}
	return p
}

func TestBinariseWholeWordsLikeSinglePixels(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{64, 16}, {8, 8}, {71, 33}, {100, 41}, {129, 9}} {
		p := noise(size[0], size[1], uint64(size[0]))
		var b binariser
		b.binarise(p)
		want := slowBinarise(p, 2*int(b.flat()))
		for y := range p.h {
			for x := range p.w {
				if got := b.bits.get(x, y) == 1; got != want(x, y) {
					t.Fatalf("%d×%d: pixel (%d,%d) black: %v, want %v", p.w, p.h, x, y, got, want(x, y))
				}
			}
		}
	}
}

// slowAgainst is what against computes, a pixel at a time.
func slowAgainst(p *plane, bias int) func(x, y int) bool {
	return func(x, y int) bool {
		sum := 0
		for dy := -localReach; dy <= localReach; dy++ {
			for dx := -localReach; dx <= localReach; dx++ {
				sum += int(p.row(min(max(y+dy, 0), p.h-1))[min(max(x+dx, 0), p.w-1)])
			}
		}
		return (int(p.row(y)[x])+bias)*81 < sum
	}
}

func TestAgainstWholeWordsLikeSinglePixels(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{64, 16}, {8, 8}, {71, 33}, {100, 41}, {129, 9}, {63, 20}, {60, 12}, {127, 10}} {
		p := noise(size[0], size[1], uint64(size[0]))
		var b binariser
		b.binarise(p)
		want := slowAgainst(p, 1+int(b.flat())/4)
		b.against(p)
		for y := range p.h {
			for x := range p.w {
				if got := b.bits.get(x, y) == 1; got != want(x, y) {
					t.Fatalf("%d×%d: pixel (%d,%d) black: %v, want %v", p.w, p.h, x, y, got, want(x, y))
				}
			}
			if last := b.bits.row(y)[b.bits.per-1]; p.w&63 != 0 && last>>(p.w&63) != 0 {
				t.Fatalf("%d×%d: row %d has pixels beyond the picture", p.w, p.h, y)
			}
		}
	}
}

func BenchmarkAgainst(b *testing.B) {
	p := noise(640, 480, 1)
	var bin binariser
	for b.Loop() {
		bin.against(p)
	}
}

func BenchmarkBinarise(b *testing.B) {
	p := noise(640, 480, 1)
	var bin binariser
	for b.Loop() {
		bin.binarise(p)
	}
}

func BenchmarkHalve(b *testing.B) {
	p := noise(640, 480, 1)
	var q plane
	for b.Loop() {
		q.halve(p)
	}
}

func BenchmarkSmooth(b *testing.B) {
	p := noise(640, 480, 1)
	var q plane
	for b.Loop() {
		q.smooth(p)
	}
}
