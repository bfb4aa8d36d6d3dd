package report

import (
	"math"
	"strconv"
)

// Few is the smallest count of people that is shown; smaller ones, but for 0,
// could tell who is meant.
const Few = 5

// Count is a number that may have to be hidden.
type Count struct {
	N      int64
	Hidden bool
}

// String is what is shown. All that is hidden looks the same: that a number is
// small must not show by how it is hidden.
func (c Count) String() string {
	if c.Hidden {
		return "*"
	}
	return strconv.FormatInt(c.N, 10)
}

// suppress hides counts below Few in a column that is shown with its sum. Where
// the hidden ones could be computed from the sum, because they are one, or
// because only one choice of small numbers adds up to what is missing, the
// smallest other counts are hidden too; where there is none, the sum is.
func suppress(column []*Count, sum *Count) {
	var hidden, missing int64
	for _, c := range column {
		if c.N > 0 && c.N < Few {
			c.Hidden = true
			hidden, missing = hidden+1, missing+c.N
		}
	}
	// Of k numbers from 1 to Few-1, k and k×(Few-1) can be made in one way.
	if hidden == 0 || hidden > 1 && missing > hidden && missing < hidden*(Few-1) {
		return
	}
	smallest := int64(math.MaxInt64)
	for _, c := range column {
		if c.N >= Few {
			smallest = min(smallest, c.N)
		}
	}
	sum.Hidden = smallest == math.MaxInt64
	// All of them, since which one of several were hidden could tell which was
	// the small one.
	for _, c := range column {
		c.Hidden = c.Hidden || c.N == smallest
	}
}
