package declaration

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chot/deploy/testbed/publicdata"
)

// published opens the folder of published units; the test is skipped where it is
// absent.
func published(t testing.TB) []string {
	t.Helper()
	return publicdata.Glob(t, "vn/units-*.tsv")
}

func setOf(file string) string {
	return strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "units-"), ".tsv")
}

func load(t testing.TB, file string) *Units {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	u, err := LoadUnits(setOf(file), f)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// row is a line of a published set.
type row struct{ level, code, parent, name, plain string }

func rows(t testing.TB, file string) []row {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []row
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if c := strings.Split(lines.Text(), "\t"); len(c) == 5 && c[0] != "level" {
			all = append(all, row{c[0], c[1], c[2], c[3], c[4]})
		}
	}
	return all
}

func TestEveryPublishedUnitIsFound(t *testing.T) {
	t.Parallel()
	for _, file := range published(t) {
		t.Run(setOf(file), func(t *testing.T) {
			t.Parallel()
			u, all := load(t, file), rows(t, file)
			children := map[string]int{}
			for _, r := range all {
				children[r.parent]++
			}
			for _, r := range all {
				unit, ok := u.Find(r.code)
				if !ok || unit.Name != r.name || unit.Parent != r.parent || unit.Leaf() != (children[r.code] == 0) || len(u.Below(r.code)) != children[r.code] {
					t.Fatalf("%+v is found as %+v, %v", r, unit, ok)
				}
				path := u.Path(r.code)
				if _, up := u.Find(path[0].Parent); up || path[len(path)-1].Code != r.code {
					t.Fatalf("the path to %s is %v", r.code, path)
				}
			}
			t.Logf("%d units, %d provinces", len(all), children[""])
		})
	}
}

// A unit is found first by its plain name and those that it lies in, however
// few of the diacritics are typed.
func TestEveryCommuneIsFoundByItsPlainName(t *testing.T) {
	t.Parallel()
	for _, file := range published(t) {
		t.Run(setOf(file), func(t *testing.T) {
			t.Parallel()
			u, all := load(t, file), rows(t, file)
			for i, r := range all {
				if r.level != "commune" || i%173 != 0 { // each takes a look at all others
					continue
				}
				unit, _ := u.Find(r.code)
				for _, query := range []string{unit.Name, bare(unit.Name), unit.folded, strings.ToUpper(unit.folded)} {
					if path := u.Path(r.parent); len(path) > 0 {
						query += " " + path[len(path)-1].folded
					}
					found := u.Search(query, r.code, 12)
					if !slices.ContainsFunc(found, func(f Unit) bool { return f.Code == r.code }) {
						t.Errorf("%q does not find %s %s: %v", query, r.code, r.name, names(found))
					}
				}
			}
		})
	}
}

func names(units []Unit) []string {
	var all []string
	for _, u := range units {
		all = append(all, u.Name)
	}
	return all
}

// Identity cards write the commune, the district and the province after the
// hamlet, with or without their kinds.
func TestEveryAddressLeadsToItsCommune(t *testing.T) {
	t.Parallel()
	for _, file := range published(t) {
		t.Run(setOf(file), func(t *testing.T) {
			t.Parallel()
			u, all := load(t, file), rows(t, file)
			communes, plain, lost := 0, 0, 0
			for i, r := range all {
				if r.level != "commune" || i%5 != 0 {
					continue
				}
				if u.Path(r.code)[0].Parent != "" {
					lost++ // its district is not in the set
					continue
				}
				communes++
				var full, short []string
				for _, p := range u.Path(r.code) {
					full = append([]string{p.Name}, full...)
					short = append([]string{bare(p.Name)}, short...)
				}
				got, line, ok := u.Resolve("Số 1, thôn Thử, " + strings.Join(full, ", "))
				if !ok || got.Code != r.code || line != "Số 1, thôn Thử" {
					t.Errorf("%v leads to %v %q, %v", full, got, line, ok)
				}
				if got, _, ok := u.Resolve(strings.Join(short, ", ")); ok && got.Code != r.code {
					t.Errorf("%v leads to %s, not %s", short, got.Code, r.code)
				} else if ok {
					plain++
				}
			}
			t.Logf("%d communes, %d without their kinds too, %d in no district of the set", communes, plain, lost)
			if plain*100 < communes*98 {
				t.Errorf("without kinds only %d of %d are found", plain, communes)
			}
		})
	}
}

func TestSearchPutsTheNearestFirst(t *testing.T) {
	t.Parallel()
	for _, file := range published(t) {
		u := load(t, file)
		home, ok := u.Find("11074") // Tứ Kỳ, in both sets
		if !ok {
			t.Skipf("%s has no Tứ Kỳ", file)
		}
		for _, query := range []string{"Tứ Kỳ", "tu ky", "TU KY", "tứ kỳ", "tu k"} {
			found := u.Search(query, home.Code, 5)
			if !slices.ContainsFunc(found[:min(2, len(found))], func(f Unit) bool { return f.Code == home.Code }) {
				t.Errorf("%s: %q finds %v", setOf(file), query, names(found))
			}
		}
	}
}

func TestUnitsThatContradictThemselvesAreRefused(t *testing.T) {
	t.Parallel()
	const head = "level\tcode\tparent\tname\tname_ascii\n"
	for name, text := range map[string]string{
		"columns":       head + "province\t30\t\tTỉnh Hải Dương\n",
		"no code":       head + "province\t\t\tTỉnh Hải Dương\tHai Duong\n",
		"twice":         head + "province\t30\t\tA\tA\nprovince\t30\t\tB\tB\n",
		"in itself":     head + "commune\t11074\t11074\tThị trấn Tứ Kỳ\tTu Ky\n",
		"in each other": head + "commune\t1\t2\tA\tA\ncommune\t2\t1\tB\tB\n",
		"a long line":   head + strings.Repeat("x", 5000),
	} {
		if _, err := LoadUnits("x", strings.NewReader(text)); err == nil {
			t.Errorf("%s: was taken", name)
		}
	}
	var none *Units
	if _, ok := none.Find("30"); ok || none.Set() != "" || none.Below("") != nil || none.Search("a", "", 5) != nil || none.Path("30") != nil {
		t.Error("no units are some")
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Xã Đại Sơn": "xa dai son", "  Thị trấn\tTứ Kỳ. ": "thi tran tu ky", "Ế": "e", "Hòa": "hoa", "Hoà": "hoa",
		"Phường 14": "phuong 14", "Ea H'leo": "ea h leo", "": "", "ĐƯỜNG": "duong",
	} {
		if got := Fold(in); got != want {
			t.Errorf("%q folds to %q, not %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		if once := Fold(s); Fold(once) != once {
			t.Fatalf("%q folds to %q, and that to %q", s, once, Fold(once))
		}
	})
}

func FuzzLoadUnits(f *testing.F) {
	f.Add("level\tcode\tparent\tname\tname_ascii\nprovince\t30\t\tTỉnh Hải Dương\tHai Duong\ndistrict\t298\t30\tHuyện Tứ Kỳ\tTu Ky\n", "tu ky")
	f.Fuzz(func(t *testing.T, text, query string) {
		u, err := LoadUnits("x", strings.NewReader(text))
		if err != nil {
			return
		}
		for _, unit := range u.Search(query, "30", 10) {
			if _, ok := u.Find(unit.Code); !ok {
				t.Fatalf("%s was found and is not there", unit.Code)
			}
		}
		u.Resolve(query)
	})
}

func BenchmarkSearch(b *testing.B) {
	files := published(b)
	u := load(b, files[0])
	b.ReportAllocs()
	for b.Loop() {
		u.Search("dai son tu ky", "11074", 12)
	}
}
