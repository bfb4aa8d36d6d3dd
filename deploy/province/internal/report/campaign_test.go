package report

import (
	"slices"
	"testing"

	"chot/deploy/province/internal/db"
)

func TestReadAgencies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want int // agencies
		line int // that is refused, 0 for none
	}{
		"two":                {"a;Cơ quan A;30/298/11194;42\nb; Cơ quan B ;30/298;0\n", 2, 0},
		"a quoted name":      {"a;\"Trường; cơ sở 2\";30/298/11194;42", 1, 0},
		"none":               {"", 0, 0},
		"too few fields":     {"a;A;30/298/11194;1\nb;B;30/298/11194", 0, 2},
		"another's area":     {"a;A;30/299/11300;1", 0, 1},
		"no area":            {"a;A;;1", 0, 1},
		"no number":          {"a;A;30/298;viele", 0, 1},
		"a negative one":     {"a;A;30/298;-1", 0, 1},
		"the same twice":     {"a;A;30/298;1\na;A;30/298;1", 0, 2},
		"no code":            {";A;30/298;1", 0, 1},
		"an unfinished name": {"a;\"A;30/298;1", 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			agencies, err := ReadAgencies("c", "30/298", c.text)
			line := 0
			if err != nil {
				line = err.(LineError).Line
			}
			if len(agencies) != c.want || line != c.line {
				t.Errorf("%d agencies, line %d refused; want %d and %d", len(agencies), line, c.want, c.line)
			}
		})
	}
}

func FuzzReadAgencies(f *testing.F) {
	f.Add("a;Cơ quan A;30/298/11194;42\nb;B;30/298;0")
	f.Add("\"")
	f.Add("a;\"b\n;30;1")
	f.Fuzz(func(t *testing.T, text string) {
		agencies, err := ReadAgencies("c", "30/298", text)
		if err != nil {
			return
		}
		for _, a := range agencies {
			if !db.Area("30/298").Contains(a.Area) || a.Staff < 0 || a.Code == "" || len(a.Code) > longest || a.Name == "" {
				t.Errorf("%q gave %+v", text, a)
			}
		}
	})
}

// Where an agency stands must not tell a number that is hidden.
func TestTheOrderTellsNothingThatIsHidden(t *testing.T) {
	t.Parallel()
	order := func(small, other int64) (places []string) {
		p := &Progress{Campaign: Campaign{Goal: 50}}
		for _, a := range []struct {
			place       string
			staff, done int64
		}{{"a", 40, small}, {"b", 40, other}, {"c", 40, 10}, {"d", 40, 5}, {"e", 40, 30}, {"f", 0, 0}} {
			p.Agencies = append(p.Agencies, Share{Place: a.place, Area: db.Area("30/298/11194"), Staff: a.staff, Done: Count{N: a.done}})
		}
		p.sum()
		for _, s := range p.Agencies {
			places = append(places, s.Place)
		}
		return places
	}
	want := []string{"d", "c", "a", "b", "e", "f"}
	for _, hidden := range [][2]int64{{1, 4}, {4, 1}, {3, 3}} {
		if got := order(hidden[0], hidden[1]); !slices.Equal(got, want) {
			t.Errorf("%d and %d are ordered %v, want %v", hidden[0], hidden[1], got, want)
		}
	}
}
