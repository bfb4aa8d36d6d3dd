package report

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestSuppress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		counts []int64
		want   []string
		sum    string
	}{
		{"large ones are shown", []int64{5, 0, 12}, []string{"5", "0", "12"}, "17"},
		{"a small one takes the next with it", []int64{3, 20, 7}, []string{"*", "20", "*"}, "30"},
		{"with it all that are next", []int64{7, 7, 4, 9}, []string{"*", "*", "*", "9"}, "27"},
		{"two small ones hide each other", []int64{2, 3, 9}, []string{"*", "*", "9"}, "14"},
		{"two ones do not", []int64{1, 1, 9}, []string{"*", "*", "*"}, "11"},
		{"a small one alone takes the sum with it", []int64{4, 0}, []string{"*", "0"}, "*"},
		{"nothing", nil, nil, "0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			column, sum := columnOf(c.counts)
			sumOf(sum, column...).suppress()
			for i, cell := range column {
				if cell.String() != c.want[i] {
					t.Errorf("%d is shown as %s, want %s", cell.N, cell, c.want[i])
				}
			}
			if sum.String() != c.sum {
				t.Errorf("the sum is shown as %s, want %s", sum, c.sum)
			}
		})
	}
}

func columnOf(counts []int64) ([]*Count, *Count) {
	column, sum := make([]*Count, len(counts)), &Count{}
	for i, n := range counts {
		column[i] = &Count{N: n}
		sum.N += n
	}
	return column, sum
}

// page is a tree of counts of communes in districts, with all its nodes.
func page(districts [][]int64) (top *node, all []*node) {
	top = &node{Count: &Count{}}
	for _, counts := range districts {
		column, sum := columnOf(counts)
		d := sumOf(sum, column...)
		top.parts, top.N = append(top.parts, d), top.N+d.N
		all = append(append(all, d), d.parts...)
	}
	return top, append(all, top)
}

// Whoever knows the rule and sees the page has at least two choices for each
// small count.
func TestNoSmallCountCanBeComputed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		small := rapid.SliceOfN(rapid.Int64Range(0, 7), 1, 2)
		districts := rapid.SliceOfN(small, 1, 2).Draw(t, "counts")
		top, shown := page(districts)
		top.suppress()
		choices := make([]map[int64]bool, len(shown))
		for i := range choices {
			choices[i] = map[int64]bool{}
		}
		alike(districts, top, shown, func(same []*node) {
			for i, n := range same {
				choices[i][n.N] = true
			}
		})
		for i, c := range shown {
			if c.N > 0 && c.N < Few && len(choices[i]) < 2 {
				t.Fatalf("of %v, shown as %v, %d can be computed", districts, shown, c.N)
			}
		}
	})
}

// alike calls found with the nodes of each page that looks as this one does.
func alike(districts [][]int64, top *node, shown []*node, found func([]*node)) {
	var free []*int64 // what is hidden of communes
	other := make([][]int64, len(districts))
	for d, counts := range districts {
		other[d] = slices.Clone(counts)
		for c := range counts {
			if top.parts[d].parts[c].Hidden {
				free = append(free, &other[d][c])
			}
		}
	}
	var try func(i int)
	try = func(i int) {
		if i < len(free) {
			for *free[i] = 1; *free[i] <= 12; *free[i]++ {
				try(i + 1)
			}
			return
		}
		top, all := page(other)
		top.suppress()
		if slices.EqualFunc(all, shown, func(a, b *node) bool { return a.String() == b.String() }) {
			found(all)
		}
	}
	try(0)
}
