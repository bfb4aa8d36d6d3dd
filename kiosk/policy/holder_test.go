package policy_test

import (
	"testing"

	"chot/kiosk/credential"
	"chot/kiosk/policy"
)

// Who is the same holder, at each edge; the order of the two never matters.
func TestSameHolder(t *testing.T) {
	t.Parallel()
	date := func(parts ...int) (d credential.Date) {
		for i, into := range []*int{&d.Year, &d.Month, &d.Day} {
			if i < len(parts) {
				*into = parts[i]
			}
		}
		return d
	}
	holder := func(name, latin string, birth ...int) credential.Holder {
		return credential.Holder{Name: name, Latin: latin, Birth: date(birth...)}
	}
	base := holder("Nguyễn Thị Thử", "NGUYEN THI THU", 1985, 9, 5)
	for name, c := range map[string]struct {
		other credential.Holder
		want  bool
	}{
		"the same":                     {base, true},
		"words in another order":       {holder("", "Thu Nguyen<Thi", 1985, 9, 5), true},
		"the year alone":               {holder("", "NGUYEN THI THU", 1985), true},
		"year and month":               {holder("", "NGUYEN THI THU", 1985, 9), true},
		"the name in Latin letters":    {holder("Nguyen Thi Thu", "", 1985, 9, 5), true},
		"another year":                 {holder("", "NGUYEN THI THU", 1986, 9, 5), false},
		"another month":                {holder("", "NGUYEN THI THU", 1985, 8, 5), false},
		"another day":                  {holder("", "NGUYEN THI THU", 1985, 9, 6), false},
		"no birth date":                {holder("", "NGUYEN THI THU"), false},
		"another name":                 {holder("", "TRAN VAN MAU", 1985, 9, 5), false},
		"a word less":                  {holder("", "NGUYEN THU", 1985, 9, 5), false},
		"a word more":                  {holder("", "NGUYEN THI THU ANH", 1985, 9, 5), false},
		"a word twice":                 {holder("", "NGUYEN THI THI", 1985, 9, 5), false},
		"no name":                      {holder("", "", 1985, 9, 5), false},
		"signs for a name":             {holder("", "- .", 1985, 9, 5), false},
		"a masked name":                {holder("", "N***** THI THU", 1985, 9, 5), false},
		"initials":                     {holder("", "N. THI THU", 1985, 9, 5), false},
		"an initial with a letter":     {holder("N. T. Thử", "", 1985, 9, 5), false},
		"another name of two letters.": {holder("", "NG. THI THU", 1985, 9, 5), false},
	} {
		if got := policy.SameHolder(base, c.other); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
		if got := policy.SameHolder(c.other, base); got != c.want {
			t.Errorf("%s, the other way: %v", name, got)
		}
	}
	for name, c := range map[string]struct {
		a, b credential.Holder
		want bool
	}{
		"a dot behind a word of three": {holder("", "JR. NGUYEN", 1985), holder("", "NGUYEN JR", 1985), true},
		"a single letter":              {holder("", "Y NIE", 1985), holder("", "Y’ NIE", 1985), true},
		"both without a name":          {holder("", "", 1985), holder("", "", 1985), false},
		"both without a birth date":    {holder("", "A B"), holder("", "A B"), false},
		"both masked alike":            {holder("", "N* B", 1985), holder("", "N* B", 1985), false},
		"initials alike":               {holder("", "N. B", 1985), holder("", "N. B", 1985), false},
	} {
		if got := policy.SameHolder(c.a, c.b); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
