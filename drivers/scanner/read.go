package scanner

import (
	"cmp"
	"slices"
	"time"

	"github.com/makiuchi-d/gozxing/common"
)

// reader turns a triple of finder patterns into a code.
type reader struct {
	versions []int
	options  []option
	grid     grid
	warp     warp
	field    field
	eq       equaliser
	msg      message
	out      []float32
	miss     miss
	late     func() bool // whether the picture's time is up
	relaxed  int         // codes of this picture whose warp was relaxed

	// Work is counted in modules sampled, so that what a frame gets does not depend
	// on the machine; looking for patterns counts as so many modules.
	allowance int // for a picture; 0: no end
	spent     int
	attempts  int
	served    bool // one triple of the picture has had its turn
	bent      bool // begin with the warp that alignment patterns show
}

// outcome is what became of a triple.
type outcome int

const (
	failure outcome = iota
	success
	postponed // the picture's work is used up
)

// afford takes work from the picture's allowance. The first triple may have all
// that it needs, so that no code is too large for a picture.
func (r *reader) afford(modules int) bool {
	if r.allowance > 0 && r.served && r.spent+modules > r.allowance {
		return false
	}
	r.spent += modules
	return true
}

// mostRelaxed is how many triples of a picture are worth the milliseconds that
// relaxing a warp costs.
const mostRelaxed = 12

// option is a version that a triple's code may have.
type option struct {
	version int
	timing  float32
}

// miss is the code that came closest to being read in a picture, for evidence
// from several pictures and for hints.
type miss struct {
	version int // 0: none
	timing  float32
	x, y    float32 // its middle, pixels
	size    float32 // of a module, pixels
	dark    float32 // grey level of its dark modules
	light   float32
	glare   float32 // part of its modules that are saturated
	soft    []float32
}

func (r *reader) begin() { r.miss.version, r.miss.timing, r.relaxed = 0, 0, 0 }

// decoded is a QR code that was read.
type decoded struct {
	result  *common.DecoderResult
	raw     []byte // the content before any character set, nil if that is not one
	reading reading
	corners [4]Point
	centres [3]centre
	how     string
}

func (d *decoded) code(now time.Time, pass string) Code {
	c := Code{
		Text: d.result.GetText(), Bytes: segments(d.result), Symbology: QR,
		Corners: d.corners, Time: now, Pass: pass + "/" + d.how,
	}
	if seq := d.result.GetStructuredAppendSequenceNumber(); d.result.HasStructuredAppend() && seq>>4 <= seq&15 {
		c.part = part{index: seq >> 4, total: seq&15 + 1, parity: d.result.GetStructuredAppendParity(), raw: d.raw}
	}
	if d.reading.mirror {
		// The picture shows the code's columns as rows.
		c.Corners[1], c.Corners[3] = c.Corners[3], c.Corners[1]
	}
	return c
}

// read tries the versions that a triple's code may have, those first whose
// timing patterns agree best.
func (r *reader) read(p *plane, t *triple, deep bool, late func() bool) (decoded, outcome) {
	r.versions = t.versions(r.versions)
	r.options = r.options[:0]
	for _, v := range r.versions {
		if r.grid.place(p, t, v) && r.grid.timing >= leastTiming {
			r.options = append(r.options, option{v, r.grid.timing})
		}
	}
	slices.SortStableFunc(r.options, func(a, b option) int { return cmp.Compare(b.timing, a.timing) })
	r.late = late
	before := r.attempts
	defer func() { r.served = true }()
	for _, o := range r.options[:min(len(r.options), 2)] {
		r.grid.place(p, t, o.version)
		modules := r.grid.layout.n * r.grid.layout.n
		if late() || !r.afford(modules/4) {
			return decoded{}, r.since(before)
		}
		r.grid.align(p)
		if r.grid.timing < leastAligned && !deep {
			continue
		}
		if !r.afford(modules) {
			return decoded{}, r.since(before)
		}
		r.attempts++
		if d, ok := r.unfold(p, deep); ok {
			return d, success
		}
		r.spent += modules // every step was tried
	}
	return decoded{}, failure
}

// since is the outcome of a triple for which there was no more work: nothing to
// come back to if it was sampled once.
func (r *reader) since(attempts int) outcome {
	if r.attempts > attempts {
		return failure
	}
	return postponed
}

// unfold reads the placed grid as flat, as bent, and if it is worth that, as
// crumpled.
func (r *reader) unfold(p *plane, deep bool) (decoded, bool) {
	bends := len(r.grid.bend) > 4
	if !bends || !r.bent || deep {
		if d, ok := r.attempt(p, nil); ok {
			return d, true
		}
		r.remember()
	}
	if bends || deep {
		r.warp.follow(&r.grid)
	}
	if bends && (r.bent || deep) {
		if d, ok := r.attempt(p, &r.warp); ok {
			d.how = "bent-" + d.how
			return d, true
		}
		if !deep {
			r.remember()
		}
	}
	if deep && r.grid.timing > 0.3 && r.relaxed < mostRelaxed {
		r.relaxed++
		r.warp.relax(p, &r.grid)
		if d, ok := r.attempt(p, &r.warp); ok {
			d.how = "relaxed-" + d.how
			return d, true
		}
		r.warp.curve(p, &r.grid, r.warp.corner(p, &r.grid))
		if d, ok := r.attempt(p, &r.warp); ok {
			d.how = "curved-" + d.how
			return d, true
		}
		r.warp.relax(p, &r.grid)
		if d, ok := r.attempt(p, &r.warp); ok {
			d.how = "curved-relaxed-" + d.how
			return d, true
		}
	}
	return decoded{}, false
}

// The agreement of the timing patterns under which a version is not worth
// aligning, and an aligned grid not worth sampling while a camera waits. Of a
// code that can be read nearly always more than 0.8 is left.
const (
	leastTiming  = 0.15
	leastAligned = 0.4
)

// attempt samples the placed grid and decodes it.
func (r *reader) attempt(p *plane, w *warp) (decoded, bool) {
	l := r.grid.layout
	r.field.sample(p, &r.grid, w)
	r.field.threshold()
	d, ok := r.decode(l, r.field.soft)
	if ok {
		n := float64(l.n)
		for i, c := range [4][2]float64{{0, 0}, {n, 0}, {n, n}, {0, n}} {
			d.corners[i].X, d.corners[i].Y = r.grid.h.at(c[0], c[1])
		}
		for i, c := range [3][2]float64{{3.5, 3.5}, {n - 3.5, 3.5}, {3.5, n - 3.5}} {
			m := r.grid.h.frame(c[0], c[1])
			d.centres[i] = centre{m.x, m.y, m.size()}
		}
	}
	return d, ok
}

// decode equalises modules, first by what is known of every code, then by what
// came out clear, and decodes after each step.
func (r *reader) decode(l *layout, soft []float32) (decoded, bool) {
	r.out = slices.Grow(r.out[:0], len(soft))[:len(soft)]
	work := r.field.work[:len(soft)]
	if !r.eq.known(l, soft, r.out) {
		return r.message(l, soft, "raw")
	}
	if d, ok := r.message(l, r.out, "known"); ok {
		return d, true
	}
	for _, step := range []struct {
		how   string
		taps  int
		clear float32
	}{{"again", nearTaps, 0.5}, {"far", farTaps, 0.4}} {
		if r.late != nil && r.late() {
			return decoded{}, false
		}
		copy(work, r.out)
		if !r.eq.again(l, soft, work, r.out, step.taps, step.clear) {
			break
		}
		if d, ok := r.message(l, r.out, step.how); ok {
			return d, true
		}
	}
	return r.message(l, soft, "raw")
}

func (r *reader) message(l *layout, soft []float32, how string) (decoded, bool) {
	d, ok := r.msg.decode(l, soft)
	d.how = how
	return d, ok
}

// remember keeps what attempt has sampled if no other miss came closer.
func (r *reader) remember() {
	g := &r.grid
	if g.timing < 0.3 || g.timing <= r.miss.timing {
		return
	}
	n := float64(g.layout.n)
	middle := g.h.frame(n/2, n/2)
	m := &r.miss
	m.version, m.timing = (g.layout.n-17)/4, g.timing
	m.x, m.y, m.size = middle.x, middle.y, middle.size()
	m.soft = append(m.soft[:0], r.field.soft...)
	var dark, light, darks, lights, glare float32
	for i, s := range r.field.soft {
		v := r.field.grey[i]
		if s > 0 {
			dark, darks = dark+v, darks+1
		} else {
			light, lights = light+v, lights+1
		}
		if v >= 250 {
			glare++
		}
	}
	m.dark, m.light = dark/max(darks, 1), light/max(lights, 1)
	m.glare = glare / float32(len(r.field.soft))
}
