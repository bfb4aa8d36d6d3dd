package camera

import (
	"cmp"
	"slices"
)

// fluent is the rate in pictures a second below which a visitor notices that
// the preview limps, and a code is held up in vain.
const fluent = 15

// choose picks the mode to scan with, by these rules in this order:
//
//  1. The rate reaches the one that was asked for, or 15/s where none was.
//  2. The picture is as large as possible up to the size asked for; where all
//     are larger, as small as possible.
//  3. The format is the one that costs least to come to grey from: GREY, NV12,
//     YU12, YUYV, MJPEG.
//  4. The rate is the highest up to 30/s, or to the one asked for.
//
// A rate of 0 is unknown and taken for 30/s.
func choose(modes []mode, o options) (mode, bool) {
	if len(modes) == 0 {
		return mode{}, false
	}
	enough, most := float64(fluent), 30.0
	if o.fps > 0 {
		enough, most = o.fps, o.fps
	}
	limit := o.width * o.height
	return slices.MaxFunc(modes, func(a, b mode) int {
		return cmp.Or(
			cmp.Compare(min(a.rate(), enough), min(b.rate(), enough)),
			cmp.Compare(closeness(a, limit), closeness(b, limit)),
			cmp.Compare(cost(b.format), cost(a.format)),
			cmp.Compare(min(a.rate(), most), min(b.rate(), most)),
			// Above that, no more than is needed.
			cmp.Compare(b.rate(), a.rate()),
		)
	}), true
}

func (m mode) rate() float64 {
	if m.fps == 0 {
		return 30
	}
	// 30000/1001 is 30 to everybody.
	return float64(int(m.fps*10+0.9)) / 10
}

func closeness(m mode, limit int) int {
	if area := m.width * m.height; area <= limit {
		return area
	}
	return -m.width * m.height
}

func cost(f format) int {
	return slices.IndexFunc(formats, func(g format) bool { return g.fourcc == f.fourcc })
}
