package declaration

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Unit is an administrative unit: a province, a district or a commune.
type Unit struct {
	Code   string
	Parent string // "" for a province
	Name   string // with its kind: "Xã Đại Sơn"

	exact  string   // the name in lower case
	whole  string   // the name folded
	folded string   // the same without its kind
	words  []string // of folded
	full   []string // of whole
	leaf   bool
}

// Units is one set of administrative units, for reading only.
type Units struct {
	set   string
	all   []Unit
	index map[string]int   // by code
	below map[string][]int // children by the parent's code, "" for provinces; by name
}

// maxUnits is more than any set has: the one of 2022 has 11,329.
const maxUnits = 50_000

// LoadUnits reads a set of units from lines of level, code, parent, name and
// plain name, separated by tabs, with one line of headings. Within a set a code is unique: provinces have two digits, districts
// three, communes five.
func LoadUnits(set string, r io.Reader) (*Units, error) {
	u := &Units{set: set, index: make(map[string]int), below: make(map[string][]int)}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 4096)
	for n := 1; lines.Scan(); n++ {
		if n == 1 {
			continue
		}
		f := strings.Split(lines.Text(), "\t")
		if len(f) != 5 || f[1] == "" || f[3] == "" {
			return nil, fmt.Errorf("reading the units of %s: line %d is not level, code, parent, name and plain name", set, n)
		}
		if err := u.add(f[1], f[2], f[3]); err != nil {
			return nil, fmt.Errorf("reading the units of %s: line %d: %w", set, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading the units of %s: %w", set, err)
	}
	for parent, children := range u.below {
		slices.SortFunc(children, func(a, b int) int {
			return cmp.Or(cmp.Compare(u.all[a].folded, u.all[b].folded), cmp.Compare(u.all[a].Code, u.all[b].Code))
		})
		if i, ok := u.index[parent]; ok {
			u.all[i].leaf = false
		}
	}
	for i := range u.all {
		if !u.ends(i) {
			return nil, fmt.Errorf("reading the units of %s: %s lies in itself", set, u.all[i].Code)
		}
	}
	return u, nil
}

// ends says whether the way up from a unit does, within more levels than any
// country has.
func (u *Units) ends(i int) bool {
	for range 8 {
		up, ok := u.index[u.all[i].Parent]
		if !ok {
			return true
		}
		i = up
	}
	return false
}

func (u *Units) add(code, parent, name string) error {
	if _, twice := u.index[code]; twice {
		return fmt.Errorf("the unit %s is there twice", code)
	}
	if len(u.all) == maxUnits {
		return fmt.Errorf("there are more than %d units", maxUnits)
	}
	whole, folded := Fold(name), Fold(bare(name))
	u.index[code] = len(u.all)
	u.below[parent] = append(u.below[parent], len(u.all))
	u.all = append(u.all, Unit{
		Code: code, Parent: parent, Name: name,
		exact: lower(name), whole: whole, folded: folded, words: strings.Fields(folded), full: strings.Fields(whole), leaf: true,
	})
	return nil
}

// Set names the set: "2022", "2026".
func (u *Units) Set() string {
	if u == nil {
		return ""
	}
	return u.set
}

// Find returns the unit with that code.
func (u *Units) Find(code string) (Unit, bool) {
	if u == nil {
		return Unit{}, false
	}
	i, ok := u.index[code]
	if !ok {
		return Unit{}, false
	}
	return u.all[i], true
}

// Below returns the units right below one, or the provinces for "", by name.
func (u *Units) Below(code string) []Unit {
	if u == nil {
		return nil
	}
	var units []Unit
	for _, i := range u.below[code] {
		units = append(units, u.all[i])
	}
	return units
}

// Path returns the units that lead to one, the province first, itself last.
func (u *Units) Path(code string) []Unit {
	var path []Unit
	for {
		unit, ok := u.Find(code)
		if !ok {
			slices.Reverse(path)
			return path
		}
		path = append(path, unit)
		code = unit.Parent
	}
}

// Leaf says whether nothing lies below the unit: an address names such a one.
func (u Unit) Leaf() bool { return u.leaf }

// kinds of units as they stand before names, longest first.
var kinds = []string{"Thành phố", "Thị trấn", "Đặc khu", "Thị xã", "Phường", "Huyện", "Quận", "Tỉnh", "Xã"}

// bare cuts the kind off a unit's name, unless a number alone would be left
// ("Phường 1").
func bare(name string) string {
	for _, k := range kinds {
		if rest, ok := strings.CutPrefix(name, k+" "); ok && rest != "" && !unicode.IsDigit([]rune(rest)[0]) {
			return rest
		}
	}
	return name
}

// lower brings a name to the form in which two that are written alike are equal.
func lower(s string) string { return norm.NFC.String(strings.ToLower(strings.TrimSpace(s))) }

// Fold brings a text to the form that searches compare: lower case, without
// diacritics, đ as d, words separated by one space.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case r == 'đ' || r == 'Đ':
			r = 'd'
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
