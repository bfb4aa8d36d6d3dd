package report

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chot/deploy/province/internal/db"
)

// sums are counts of fevers at checkpoints: site, area, count.
func sums(all ...any) (list []tally) {
	for i := 0; i < len(all); i += 3 {
		site, area, n := all[i].(string), db.Area(all[i+1].(string)), int64(all[i+2].(int))
		list = append(list, tally{Site: site, Area: area, Kind: 1, Label: "fever", Count: n}, tally{Site: site, Area: area, Kind: 1, Count: 40})
	}
	return list
}

// shownFevers is what a report by a level shows.
func shownFevers(list []tally, level Level) (cells []string) {
	d := &Daily{Level: level, Total: Row{Area: "30"}}
	d.fill(list)
	for _, r := range append(slices.Clone(d.Rows), d.Total) {
		cells = append(cells, r.Place+" "+r.Fever.String())
	}
	return cells
}

func TestNoLevelTellsWhatAnotherHides(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sums []tally
		want map[Level][]string
	}{
		"nothing small": {sums("S1", "30/298/1", 6, "S2", "30/299/2", 7), map[Level][]string{
			Checkpoint: {"S1 6", "S2 7", " 13"}, Commune: {"30/298/1 6", "30/299/2 7", " 13"}, District: {"30/298 6", "30/299 7", " 13"},
		}},
		// 13 − 10 would tell the 3 if only the checkpoints' own list were looked at.
		"a small one in a commune of two": {sums("S1", "30/298/1", 3, "S2", "30/298/1", 10, "S3", "30/298/2", 6), map[Level][]string{
			Checkpoint: {"S1 *", "S2 *", "S3 6", " 19"}, Commune: {"30/298/1 13", "30/298/2 6", " 19"}, District: {"30/298 19", " 19"},
		}},
		"a commune of one is as small": {sums("S1", "30/298/1", 3, "S2", "30/298/2", 9, "S3", "30/298/3", 6), map[Level][]string{
			Checkpoint: {"S1 *", "S2 9", "S3 *", " 18"}, Commune: {"30/298/1 *", "30/298/2 9", "30/298/3 *", " 18"}, District: {"30/298 18", " 18"},
		}},
		"none at all": {sums("S1", "30/298/1", 0), map[Level][]string{Checkpoint: {"S1 0", " 0"}, Commune: {"30/298/1 0", " 0"}, District: {"30/298 0", " 0"}}},
		"all small":   {sums("S1", "30/298/1", 2), map[Level][]string{Checkpoint: {"S1 *", " *"}, Commune: {"30/298/1 *", " *"}, District: {"30/298 *", " *"}}},
	} {
		for level, want := range c.want {
			if got := shownFevers(c.sums, level); !slices.Equal(got, want) {
				t.Errorf("%s, by %s: %q, want %q", name, level, got, want)
			}
		}
	}
}

// What a level shows of a place is what every other shows of it: a checkpoint that is
// alone in its commune, or a district of one commune, looks the same in all.
func TestLevelsAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var list []tally
		for i := range rapid.IntRange(1, 5).Draw(t, "checkpoints") {
			area := db.Area(fmt.Sprintf("30/%d/%d", rapid.IntRange(1, 2).Draw(t, "district"), rapid.IntRange(1, 2).Draw(t, "commune")))
			list = append(list, tally{Site: fmt.Sprint("S", i), Area: area, Kind: 1, Label: "fever", Count: rapid.Int64Range(0, 9).Draw(t, "count")})
		}
		totals := map[string]bool{}
		for _, level := range Levels {
			cells := shownFevers(list, level)
			totals[cells[len(cells)-1]] = true
			d := &Daily{Level: level, Total: Row{Area: "30"}}
			d.fill(list)
			hidden, sum := 0, int64(0)
			for _, r := range d.Rows {
				if r.Fever.N > 0 && r.Fever.N < Few && !r.Fever.Hidden {
					t.Fatalf("by %s %s shows %d", level, r.Place, r.Fever.N)
				}
				if r.Fever.Hidden {
					hidden++
				}
				sum += r.Fever.N
			}
			if sum != d.Total.Fever.N || hidden == 1 && !d.Total.Fever.Hidden {
				t.Fatalf("by %s: %d hidden of a total that is shown, sum %d of %d", level, hidden, sum, d.Total.Fever.N)
			}
		}
		if len(totals) != 1 {
			t.Fatalf("the levels show the totals %v", totals)
		}
	})
}

func TestDisclose(t *testing.T) {
	t.Parallel()
	rows := []db.Tally{
		{Kind: 1, Count: 40}, {Kind: 1, Label: "fever", Count: 3}, {Kind: 1, Label: "level/red", Count: 2}, {Kind: 2, Count: 1},
		{Kind: 5, Count: 20}, {Kind: 5, Label: "outcome/positive", Count: 2}, {Kind: 5, Label: "outcome/negative", Count: 11},
		{Kind: 5, Label: "outcome/undetermined", Count: 7},
	}
	want := []string{"40", "*", "2", "1", "20", "*", "11", "*"}
	for i, c := range disclose(rows) {
		if c.String() != want[i] {
			t.Errorf("%d %s is shown as %s, want %s", rows[i].Kind, rows[i].Label, c, want[i])
		}
	}
	for i, c := range disclose([]db.Tally{{Kind: 1, Label: "fever", Count: 5}, {Kind: 5, Label: "outcome/positive", Count: 5}, {Kind: 5, Count: 5}}) {
		if c.Hidden {
			t.Errorf("count %d of five is hidden", i)
		}
	}
}

// Every kind and label has its column, and no other adds to it.
func TestWhatARowCounts(t *testing.T) {
	t.Parallel()
	for i, c := range []struct {
		kind  int16
		label string
		want  Row
	}{
		{1, "", Row{Visits: 7}}, {1, "level/green", Row{Green: 7}}, {1, "level/amber", Row{Amber: 7}}, {1, "level/red", Row{Red: 7}},
		{1, "fever", Row{Fever: Count{N: 7}}}, {2, "", Row{Declarations: 7}}, {3, "", Row{Samples: 7}}, {5, positive, Row{Positives: Count{N: 7}}},
		{2, "level/green", Row{}}, {5, "", Row{}}, {5, "outcome/negative", Row{}}, {13, "", Row{}}, {1, "family/eu-dcc", Row{}},
	} {
		var row Row
		row.add(tally{Kind: c.kind, Label: c.label, Count: 7})
		if row != c.want {
			t.Errorf("%d: %+v, want %+v", i, row, c.want)
		}
	}
}

func TestDaysAreAddedUp(t *testing.T) {
	t.Parallel()
	got := spread([]tally{
		{Day: 10, Kind: 1, Count: 5}, {Day: 10, Kind: 1, Count: 2}, {Day: 10, Kind: 1, Label: "level/red", Count: 3},
		{Day: 12, Kind: 2, Count: 4}, {Day: 12, Kind: 2, Label: "level/red", Count: 1},
	}, 10, 12)
	want := []Day{{Day: 10, Visits: 7, Red: 3}, {Day: 11}, {Day: 12, Declarations: 4}}
	if !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
