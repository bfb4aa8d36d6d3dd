package report

import (
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

func TestTextsAreWordedInBothLanguages(t *testing.T) {
	t.Parallel()
	for key, words := range texts {
		if words.VI == "" || words.EN == "" {
			t.Errorf("%q is worded in one language only", key)
		}
	}
}
