package scanner

import (
	"math"
	"time"
)

// region is where a code was seen last.
type region struct {
	x0, y0, x1, y1 float64
	at             time.Time
}

// follows is how long a region is worth looking at after the code was seen.
const follows = 300 * time.Millisecond

func (r *region) see(corners [4]Point, now time.Time) {
	if r.at != now {
		*r = region{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1), now}
	}
	for _, c := range corners {
		r.x0, r.y0 = min(r.x0, c.X), min(r.y0, c.Y)
		r.x1, r.y1 = max(r.x1, c.X), max(r.y1, c.Y)
	}
}

// of is the part of the picture around the region, a third wider on each side,
// and where it begins; not ok if the region is old or no smaller than half the
// picture.
func (r *region) of(p *plane, now time.Time) (part plane, x, y int, ok bool) {
	if age := now.Sub(r.at); age < 0 || age > follows {
		return part, 0, 0, false
	}
	margin := max(r.x1-r.x0, r.y1-r.y0)/3 + 16
	x0, y0 := max(int(r.x0-margin), 0), max(int(r.y0-margin), 0)
	x1, y1 := min(int(r.x1+margin), p.w), min(int(r.y1+margin), p.h)
	if x1-x0 < 4*block || y1-y0 < 4*block || 2*(x1-x0)*(y1-y0) > p.w*p.h {
		return part, 0, 0, false
	}
	return p.crop(x0, y0, x1-x0, y1-y0), x0, y0, true
}

// evidence sums up the module grids of a code that is seen and not read, from
// frame to frame. Noise averages out, and what moiré or a moving glare hides in
// one frame another shows. Grids are in the code's own coordinates, so the code
// may move meanwhile.
type evidence struct {
	version int
	frames  int
	x, y    float32
	last    time.Time
	sum     []float32
	mean    []float32
}

// add takes a miss and, every other time, tries what has come together.
func (e *evidence) add(r *reader, m *miss, now time.Time) (Code, bool) {
	far := m.size * float32(17+4*m.version) / 2
	if e.version != m.version || now.Sub(e.last) > follows || now.Before(e.last) || hypot(m.x-e.x, m.y-e.y) > far {
		e.version, e.frames = m.version, 0
		e.sum = append(e.sum[:0], m.soft...)
		clear(e.sum)
	}
	// The past fades, or one bad grid would stay.
	const keep = 0.85
	for i, s := range m.soft {
		e.sum[i] = e.sum[i]*keep + s*m.timing
	}
	e.x, e.y, e.last = m.x, m.y, now
	e.frames++
	if e.frames&1 == 1 {
		return Code{}, false
	}
	e.mean = append(e.mean[:0], e.sum...)
	var scale float32
	for _, s := range e.mean {
		scale += abs(s)
	}
	scale = float32(len(e.mean)) / max(scale, 1e-6)
	for i := range e.mean {
		e.mean[i] *= scale
	}
	r.field.reserve(layoutOf(m.version).n)
	d, ok := r.decode(layoutOf(m.version), e.mean)
	if !ok {
		return Code{}, false
	}
	e.version = 0
	reach := float64(far)
	x, y := float64(m.x), float64(m.y)
	d.corners = [4]Point{{x - reach, y - reach}, {x + reach, y - reach}, {x + reach, y + reach}, {x - reach, y + reach}}
	return d.code(now, "frames"), true
}
