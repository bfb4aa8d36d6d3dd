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
			suppress(column, sum)
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

// Whoever knows the rule and sees the page has at least two choices for each
// small count.
func TestNoSmallCountCanBeComputed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		column, sum := columnOf(rapid.SliceOfN(rapid.Int64Range(0, 7), 0, 4).Draw(t, "counts"))
		suppress(column, sum)
		choices := make([]map[int64]bool, len(column))
		for i := range choices {
			choices[i] = map[int64]bool{}
		}
		for _, counts := range alike(column, sum) {
			for i, n := range counts {
				choices[i][n] = true
			}
		}
		for i, c := range column {
			if c.N > 0 && c.N < Few && len(choices[i]) < 2 {
				t.Fatalf("of %v with the sum %v, %d can be computed", column, sum, c.N)
			}
		}
	})
}

// alike are the columns that are shown as this one is.
func alike(column []*Count, sum *Count) (found [][]int64) {
	counts := make([]int64, len(column))
	var try func(i int)
	try = func(i int) {
		if i == len(column) {
			other, total := columnOf(counts)
			suppress(other, total)
			same := total.String() == sum.String()
			for j, c := range other {
				same = same && c.String() == column[j].String()
			}
			if same {
				found = append(found, slices.Clone(counts))
			}
			return
		}
		if counts[i] = column[i].N; !column[i].Hidden {
			try(i + 1)
			return
		}
		for n := int64(1); n <= 12; n++ {
			counts[i] = n
			try(i + 1)
		}
	}
	try(0)
	return found
}
