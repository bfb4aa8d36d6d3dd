package report

import (
	"math"
	"strconv"

	"chot/deploy/province/internal/db"
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

// placed is a count of people at a place.
type placed struct {
	area  db.Area
	count *Count
}

// suppressLevels hides what is small in lists of which each is the sum of the one
// before, by area: places of any kind, communes, districts, and the whole, which is
// one count. All are looked at at once: what one list hides could be computed from
// another otherwise.
func suppressLevels(lists [][]placed) {
	var below []*node
	var areas []db.Area // of those below
	for i, list := range lists {
		nodes := make([]*node, len(list))
		within := make([]db.Area, len(list))
		for k, p := range list {
			nodes[k], within[k] = &node{Count: p.count}, p.area
			for j, n := range below {
				if i == len(lists)-1 || areas[j].Up(4-i) == p.area {
					nodes[k].parts = append(nodes[k].parts, n)
				}
			}
		}
		below, areas = nodes, within
	}
	for _, n := range below {
		n.suppress()
	}
}

// node is a count on a page, with those on it that it is the sum of.
type node struct {
	*Count
	parts []*node
}

// sumOf is a count and the column that it is the sum of.
func sumOf(sum *Count, column ...*Count) *node {
	n := &node{Count: sum}
	for _, c := range column {
		n.parts = append(n.parts, &node{Count: c})
	}
	return n
}

// suppress hides counts below Few, from the smallest places up. Where what is
// hidden of a sum could be computed from it, because it is one count, or because
// only one choice of small numbers adds up to what is missing, the smallest other
// counts are hidden too; without others, the sum is.
func (n *node) suppress() {
	n.Hidden = n.N > 0 && n.N < Few
	var hidden, missing int64
	large := false // one is hidden that is not small itself
	for _, p := range n.parts {
		p.suppress()
		if p.Hidden {
			hidden, missing, large = hidden+1, missing+p.N, large || p.N >= Few
		}
	}
	// Of k numbers from 1 to Few-1, k and k×(Few-1) can be made in one way.
	if hidden == 0 || hidden > 1 && (large || missing > hidden && missing < hidden*(Few-1)) {
		return
	}
	if !n.hideNext() {
		n.Hidden = true
	}
}

// hideNext hides the smallest of the parts that are shown and not small: all of
// them, since which one of several were hidden could tell which was the small
// one. It says whether there was any.
func (n *node) hideNext() bool {
	smallest := int64(math.MaxInt64)
	for _, p := range n.parts {
		if p.N >= Few && !p.Hidden {
			smallest = min(smallest, p.N)
		}
	}
	for _, p := range n.parts {
		if p.N == smallest && !p.Hidden {
			p.hide()
		}
	}
	return smallest < math.MaxInt64
}

// hide hides a count, and with it all that it is the sum of: what is left over of
// it by one part or two could be guessed from the rule.
func (n *node) hide() {
	n.Hidden = n.N > 0
	for _, p := range n.parts {
		p.hide()
	}
}
