package declaration

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"chot/kiosk/credential"
	"chot/kiosk/policy"
	"chot/kiosk/record"
)

// Each kind of answer at the edges of what it takes.
func TestAnswersAtTheirEdges(t *testing.T) {
	t.Parallel()
	x := func(n int) string { return strings.Repeat("x", n) }
	two := []Option{{Value: "a"}, {Value: "b"}, {Value: "none", Alone: true}}
	for _, c := range []struct {
		q    Question
		text string // options behind a colon
		want Problem
	}{
		{Question{Kind: TextField}, x(120), ""},
		{Question{Kind: TextField}, x(121), TooLong},
		{Question{Kind: TextField, Least: 3}, " ab ", TooShort},
		{Question{Kind: TextField, Least: 3}, " abc ", ""},
		{Question{Kind: TextField, Most: 3}, " ễễễ ", ""},
		{Question{Kind: TextField, Most: 3}, "ễễễễ", TooLong},
		{Question{Kind: NameField}, "Ế A", ""},
		{Question{Kind: NameField}, "Ế.", TooShort},
		{Question{Kind: NameField}, "H` Thử (Niê)", ""},
		{Question{Kind: NameField}, "Thử|Mẫu", NotLetters},
		{Question{Kind: NameField, Most: 4}, " Thửa ", ""},
		{Question{Kind: YearField}, "2026", ""},
		{Question{Kind: YearField}, "1896", ""},
		{Question{Kind: YearField}, "02026", NotAYear},
		{Question{Kind: YearField}, "+202", NotAYear},
		{Question{Kind: YearField, Least: 1990, Most: 2000}, "1990", ""},
		{Question{Kind: YearField, Least: 1990, Most: 2000}, "2000", ""},
		{Question{Kind: YearField, Least: 1990, Most: 2000}, "2001", NotAYear},
		{Question{Kind: DigitsField}, "0", ""},
		{Question{Kind: DigitsField}, "+", NotANumber},
		{Question{Kind: DigitsField}, "++1", NotANumber},
		{Question{Kind: DigitsField}, strings.Repeat("9", 15), ""},
		{Question{Kind: DigitsField}, strings.Repeat("9", 16), NotANumber},
		{Question{Kind: DigitsField}, "1/", NotANumber},
		{Question{Kind: DigitsField}, "1:", NotANumber},
		{Question{Kind: DigitsField, Most: 3}, "1234", TooLong},
		{Question{Kind: DocumentField}, " 030061000002 ", ""},
		{Question{Kind: DocumentField}, "0*9123456", ""},
		{Question{Kind: DocumentField}, "12345", NotADoc},
		{Question{Kind: DocumentField}, "123456", NotADoc},
		{Question{Kind: DocumentField}, "A12345", ""},
		{Question{Kind: DocumentField}, "AZaz09", ""},
		{Question{Kind: DocumentField}, "A1234", NotADoc},
		{Question{Kind: DocumentField}, "A12345678901234", ""},
		{Question{Kind: DocumentField}, "A123456789012345", NotADoc},
		{Question{Kind: DocumentField}, "A1234@", NotADoc},
		{Question{Kind: DocumentField}, "A1234[", NotADoc},
		{Question{Kind: DocumentField}, "A1234`", NotADoc},
		{Question{Kind: DocumentField}, "A1234{", NotADoc},
		{Question{Kind: DocumentField}, "A1234:", NotADoc},
		{Question{Kind: DocumentField}, "A1234/", NotADoc},
		{Question{Kind: ChoiceField, Options: two}, ":none", ""},
		{Question{Kind: ChoiceField, Options: two}, "typed", NotAnOption},
		{Question{Kind: ChoicesField, Options: two}, ":a,b", ""},
		{Question{Kind: ChoicesField, Options: two}, ":none", ""},
		{Question{Kind: ChoicesField, Options: two}, ":a,x", NotAnOption},
		{Question{Kind: ChoicesField, Options: two}, ":a,none", NotAnOption},
		{Question{Kind: UnitField}, ":1,2", Missing},
		{Question{Kind: UnitField}, "typed", Missing},
		{Question{Kind: UnitField, Required: true}, "", Missing},
		{Question{Kind: ChoiceField, Options: two}, "", ""},
	} {
		a := typed(c.text)
		if options, ok := strings.CutPrefix(c.text, ":"); ok {
			a = chose(strings.Split(options, ",")...)
		}
		if got := c.q.Check(a, noon); got != c.want {
			t.Errorf("%q to a %s of %d to %d is %q, not %q", c.text, c.q.Kind, c.q.Least, c.q.Most, got, c.want)
		}
	}
}

// Each thing that a form may be wrong in: the error names the question and what is
// allowed.
func TestFormsThatAreRefused(t *testing.T) {
	t.Parallel()
	const good = `{"id": "f", "version": "1", "questions": [
		{"id": "a", "kind": "choice", "options": [{"value": "x"}, {"value": "y"}]},
		{"id": "b", "kind": "text", "least": 1, "most": 2, "only": {"question": "a", "any": ["x"]}}],
		"triage": [{"code": "c", "level": "red", "when": [{"question": "a", "any": ["x"]}]}]}`
	many := func(n int, of string) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = fmt.Sprintf(of, i)
		}
		return strings.Join(parts, ", ")
	}
	for name, c := range map[string]struct{ old, new, says string }{
		"nothing":                     {`"id": "f"`, `"id": "g"`, ""},
		"no id":                       {`"id": "f"`, `"id": ""`, "it has no id or no version"},
		"no version":                  {`"version": "1"`, `"version": ""`, "it has no id or no version"},
		"an end at its beginning":     {`"version": "1"`, `"version": "1", "from": "2026-02-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"`, "ends before it begins"},
		"no end":                      {`"version": "1"`, `"version": "1", "from": "2026-02-01T00:00:00Z"`, ""},
		"an end alone":                {`"version": "1"`, `"version": "1", "until": "2026-02-01T00:00:00Z"`, ""},
		"64 questions":                {`"questions": [`, `"questions": [` + many(62, `{"id": "q%d", "kind": "text"}`) + ",", ""},
		"65 questions":                {`"questions": [`, `"questions": [` + many(63, `{"id": "q%d", "kind": "text"}`) + ",", "it asks 65 questions, not 1 to 64"},
		"64 options":                  {`{"value": "x"}`, `{"value": "x"}, ` + many(62, `{"value": "o%d"}`), ""},
		"65 options":                  {`{"value": "x"}`, `{"value": "x"}, ` + many(63, `{"value": "o%d"}`), `question "a": it has 65 options, not 1 to 64`},
		"a question without id":       {`"id": "b"`, `"id": ""`, `question "": it has no id`},
		"a question twice":            {`"id": "b"`, `"id": "a"`, `question "a": it is asked twice`},
		"an unknown kind":             {`"kind": "text"`, `"kind": "guess"`, `kind "guess" is unknown`},
		"options of a text":           {`"kind": "text"`, `"kind": "text", "options": [{"value": "x"}]`, `a question of kind "text" has no options`},
		"an option without a value":   {`{"value": "y"}`, `{"value": ""}`, `option "" is empty or twice there`},
		"an option twice":             {`{"value": "y"}`, `{"value": "x"}`, `option "x" is empty or twice there`},
		"less than nothing":           {`"least": 1`, `"least": -1`, "no answer lies between -1 and 2"},
		"at most less than nothing":   {`"most": 2`, `"most": -2`, "no answer lies between 1 and -2"},
		"more at least than at most":  {`"least": 1`, `"least": 3`, "no answer lies between 3 and 2"},
		"as much at least as at most": {`"least": 1`, `"least": 2`, ""},
		"no bound above":              {`"least": 1, "most": 2`, `"least": 200`, ""},
		"an unknown question":         {`"only": {"question": "a"`, `"only": {"question": "z"`, `it depends on "z", which is not asked before`},
		"a question on itself":        {`"only": {"question": "a"`, `"only": {"question": "b"`, `it depends on "b", which is not asked before`},
		"no option":                   {`"question": "a", "any": ["x"]}}]`, `"question": "a", "any": []}}]`, `it depends on no option of "a"`},
		"another option":              {`"question": "a", "any": ["x"]}}]`, `"question": "a", "any": ["x", "z"]}}]`, `it depends on "z", which "a" does not offer`},
		"a rule without a code":       {`"code": "c"`, `"code": ""`, `triage rule "": it has no code or no condition`},
		"a rule without a condition":  {`"when": [{"question": "a", "any": ["x"]}]`, `"when": []`, `triage rule "c": it has no code or no condition`},
		"a green rule":                {`"level": "red"`, `"level": "green"`, "its level is green, neither amber nor red"},
		"a rule of an unknown level":  {`"level": "red"`, `"level": "blue"`, "blue"},
		"a rule of no level":          {`"level": "red", `, ``, "neither amber nor red"},
		"a rule of another option":    {`"when": [{"question": "a", "any": ["x"]}]`, `"when": [{"question": "a", "any": ["z"]}]`, `it depends on "z"`},
		"a rule of two":               {`"when": [`, `"when": [{"question": "a", "any": ["y"]}, `, ""},
		"something after it":          {`"when": [{"question": "a", "any": ["x"]}]}]}`, `"when": [{"question": "a", "any": ["x"]}]}]} 1`, "something follows it"},
		"a misspelt key":              {`"triage"`, `"triages"`, "triages"},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		if text == good {
			t.Errorf("%s: nothing was changed", name)
		}
		f, err := Parse([]byte(text))
		if (err == nil) != (c.says == "") || err != nil && (!strings.Contains(err.Error(), c.says) || f != nil) {
			t.Errorf("%s: %v, want an error that says %q", name, err, c.says)
		}
	}
	pad := func(n int) []byte { return []byte(good + strings.Repeat(" ", n-len(good))) }
	if _, err := Parse(pad(maxForm)); err != nil {
		t.Error(err)
	}
	if _, err := Parse(pad(maxForm + 1)); err == nil {
		t.Error("a form of more than 256 KiB is read")
	}
}

// A rule of triage holds where all its clauses do, of questions that are asked.
func TestTriageOfQuestionsThatFellAway(t *testing.T) {
	t.Parallel()
	f, err := Parse([]byte(`{"id": "f", "version": "2", "questions": [
		{"id": "a", "kind": "choice", "options": [{"value": "yes"}, {"value": "no"}]},
		{"id": "b", "kind": "choice", "options": [{"value": "yes"}, {"value": "no"}], "only": {"question": "a", "any": ["yes"]}},
		{"id": "c", "kind": "text", "required": true, "only": {"question": "b", "any": ["yes"]}}],
		"triage": [{"code": "one", "level": "amber", "when": [{"question": "b", "any": ["yes"]}]},
			{"code": "both", "level": "red", "when": [{"question": "a", "any": ["yes"]}, {"question": "b", "any": ["yes"]}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	reason := func(code string, level policy.Level) policy.Reason {
		return policy.Reason{Code: code, Level: level, Rule: "f", Version: "2"}
	}
	all := Answers{}.With("a", chose("yes")).With("b", chose("yes")).With("c", typed(" x  y "))
	for name, c := range map[string]struct {
		a     Answers
		want  []policy.Reason
		other map[string]string
	}{
		"all":               {all, []policy.Reason{reason("both", policy.Red), reason("one", policy.Amber)}, map[string]string{"a": "yes", "b": "yes", "c": "x  y"}},
		"the last missing":  {all.With("c", Answer{}), []policy.Reason{reason("both", policy.Red), reason("one", policy.Amber), {Code: Incomplete, Level: policy.Amber}}, map[string]string{"a": "yes", "b": "yes"}},
		"the first changed": {all.With("a", chose("no")), []policy.Reason{reason(NothingDeclared, policy.Green)}, map[string]string{"a": "no"}},
		"nothing":           {Answers{}, []policy.Reason{reason(NothingDeclared, policy.Green)}, nil},
	} {
		v := f.Assess(c.a, noon)
		if !reflect.DeepEqual(v.Reasons, c.want) || v.Level != c.want[0].Level || !v.At.Equal(noon) || v.Rules != (policy.Freshness{Version: "f/2", Grade: policy.Fresh}) || v.Trust.Grade != policy.Fresh {
			t.Errorf("%s: %+v", name, v)
		}
		if d := f.Declaration(c.a, "2026"); !maps.Equal(d.Other, c.other) || d.Form != "f/2" || d.Person != (record.Person{}) {
			t.Errorf("%s: recorded is %+v, want %v", name, d, c.other)
		}
	}
}

// What records hold, whole, for each of the three forms.
func TestWholeRecords(t *testing.T) {
	t.Parallel()
	person := record.Person{
		Name: "Nguyễn Văn Thử", Birth: 1961, Sex: record.Male, Nationality: "VN", Document: "030061000002", Phone: "0900000001",
		Address: record.Address{Unit: "11086", Set: "2026", Line: "Thôn Mẫu"},
	}
	health := form(t, Health).Declaration(healthy().With("travelled", chose("yes")).With("travel", typed(" Hà  Nội ")).With("symptoms", chose("cough")).With("contacts", chose("case")), "2026")
	if want := (record.Declaration{Person: person, Form: "health/2026-01", Travel: "Hà Nội", Symptoms: []string{"cough"}, Contacts: []string{"case"}, Other: map[string]string{"travelled": "yes"}}); !reflect.DeepEqual(health, want) {
		t.Errorf("%+v, want %+v", health, want)
	}
	if fallen := form(t, Health).Declaration(healthy().With("travelled", chose("no")).With("travel", typed("Hà Nội")), "2026"); fallen.Travel != "" {
		t.Errorf("travel that was not: %q", fallen.Travel)
	}
	nowhere := form(t, Health).Person(Answers{}.With("name", typed(" A ")).With("birth", typed("x")), "2026")
	if nowhere != (record.Person{Name: "A", Sex: record.ParseSex("")}) {
		t.Errorf("%+v", nowhere)
	}
}

// units are two provinces with districts of the same names.
func units(t testing.TB) *Units {
	t.Helper()
	u, err := LoadUnits("test", strings.NewReader(strings.Join([]string{
		"level\tcode\tparent\tname\tname_ascii",
		"province\t30\t\tTỉnh Hải Dương\tx", "province\t31\t\tThành phố Hải Phòng\tx",
		"district\t298\t30\tHuyện Tứ Kỳ\tx", "district\t299\t30\tHuyện Ninh Giang\tx", "district\t310\t31\tQuận Dương Kinh\tx",
		"commune\t1\t298\tXã Đại Sơn\tx", "commune\t2\t298\tThị trấn Tứ Kỳ\tx", "commune\t3\t299\tXã Tân Kỳ\tx",
		"commune\t4\t310\tPhường Đại Sơn\tx", "commune\t5\t310\tPhường 1\tx", "commune\t6\t310\tPhường Sơn Đại\tx", "commune\t7\t299\tXã \tx",
	}, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func codesOf(all []Unit) string {
	var codes []string
	for _, u := range all {
		codes = append(codes, u.Code)
	}
	return strings.Join(codes, " ")
}

func TestSearch(t *testing.T) {
	t.Parallel()
	u := units(t)
	for _, c := range []struct {
		query, home string
		limit       int
		want        string
	}{
		{"dai son", "", 9, "1 4"}, {"dai son", "310", 9, "4 1"}, {"dai son", "298", 9, "1 4"}, {"dai son", "", 1, "1"}, {"dai son", "", 0, ""},
		{"son", "", 9, "6 1 4"}, {"đại s", "", 9, "1 4"}, {"dai son tu ky", "", 9, "1"}, {"dai son hai duong", "", 9, "1 4"}, {"dai son hai", "", 9, "1 4"},
		{"dai son hue", "", 9, ""}, {"tu ky", "", 9, "298 2"}, {"tu ky", "30", 9, "298 2"}, {"thi tran tu ky", "", 9, "2"}, {"phuong 1", "", 9, "5"}, {"1", "", 9, "5"},
		{"ky", "", 9, "3 298 2"}, {"zzz", "", 9, ""}, {" ", "", 9, ""}, {"dai son dai son", "", 9, ""}, {"duong", "", 9, "310 30"},
	} {
		if got := codesOf(u.Search(c.query, c.home, c.limit)); got != c.want {
			t.Errorf("%q near %q: %q, want %q", c.query, c.home, got, c.want)
		}
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	u := units(t)
	for address, want := range map[string]string{
		"Thôn Mẫu, Xã Đại Sơn, Huyện Tứ Kỳ, Tỉnh Hải Dương": "1 Thôn Mẫu true", "Thôn 1, Ngõ 2, Đại Sơn, Tứ Kỳ, Hải Dương": "1 Thôn 1, Ngõ 2 true",
		"dai son, tu ky, hai duong": "1  true", "Đại Sơn, Dương Kinh, Hải Phòng": "4  true", "Tứ Kỳ, Hải Dương": "  false", "Hải Dương": "  false",
		"Xã Mẫu, Tứ Kỳ, Hải Dương": "  false", "Đại Sơn, Hải Dương": "  false", "Huế": "  false", "": "  false", ",,,": "  false", "Phường 1, Dương Kinh, Hải Phòng": "5  true",
	} {
		unit, line, ok := u.Resolve(address)
		if got := fmt.Sprint(unit.Code, " ", line, " ", ok); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
	var none *Units
	if _, _, ok := none.Resolve("Hải Dương"); ok {
		t.Error("resolved without units")
	}
}

func TestUnits(t *testing.T) {
	t.Parallel()
	u := units(t)
	if u.Set() != "test" || codesOf(u.Below("")) != "30 31" || codesOf(u.Below("298")) != "1 2" || codesOf(u.Below("1")) != "" || codesOf(u.Path("1")) != "30 298 1" || u.Path("9") != nil {
		t.Errorf("%s: %s, %s, %s, %s", u.Set(), codesOf(u.Below("")), codesOf(u.Below("298")), codesOf(u.Below("1")), codesOf(u.Path("1")))
	}
	for code, leaf := range map[string]bool{"30": false, "298": false, "1": true} {
		if unit, ok := u.Find(code); !ok || unit.Leaf() != leaf {
			t.Errorf("%s: %v, leaf %v", code, ok, unit.Leaf())
		}
	}
	var lines strings.Builder
	lines.WriteString("head\n")
	for i := range 9 { // each lies in the one before: more levels than any country has
		fmt.Fprintf(&lines, "x\t%d\t%d\tA\tA\n", i+1, i)
	}
	if _, err := LoadUnits("x", strings.NewReader(lines.String())); err == nil || !strings.Contains(err.Error(), "9 lies in itself") {
		t.Error(err)
	}
	if _, err := LoadUnits("x", strings.NewReader("head\nx\t\t\tA\tA\n")); err == nil || !strings.Contains(err.Error(), "line 2 is not level") {
		t.Error(err)
	}
}

// What a paper says is filled in, with its commune where the address leads to one.
func TestPrefillWithUnits(t *testing.T) {
	t.Parallel()
	f := form(t, Health)
	holder := credential.Holder{Name: "H` Thử", Birth: credential.Date{Year: 1950}, Sex: "x", Document: "030150000001", Address: "Thôn Mẫu, Đại Sơn, Tứ Kỳ, Hải Dương"}
	filled := func(a Answer) Answer {
		a.Filled = true
		return a
	}
	base := map[string]Answer{"name": filled(typed("H` Thử")), "birth": filled(typed("1950")), "document": filled(typed("030150000001"))}
	with := func(more map[string]Answer) map[string]Answer {
		all := maps.Clone(base)
		maps.Copy(all, more)
		return all
	}
	for name, c := range map[string]struct {
		family credential.FamilyID
		change func(*credential.Holder)
		want   map[string]Answer
	}{
		"a card":                        {credential.VNID, func(*credential.Holder) {}, with(map[string]Answer{"nationality": filled(chose("VN")), "address": filled(chose("1")), "street": filled(typed("Thôn Mẫu"))})},
		"insurance, for foreigners too": {credential.VNBHYT, func(*credential.Holder) {}, with(map[string]Answer{"address": filled(chose("1")), "street": filled(typed("Thôn Mẫu"))})},
		"a commune alone":               {credential.VNBHYT, func(h *credential.Holder) { h.Address = "Đại Sơn, Tứ Kỳ, Hải Dương" }, with(map[string]Answer{"address": filled(chose("1"))})},
		"an address of elsewhere":       {credential.VNBHYT, func(h *credential.Holder) { h.Address = " Huế " }, with(map[string]Answer{"street": filled(typed("Huế"))})},
		"no address":                    {credential.VNBHYT, func(h *credential.Holder) { h.Address = "" }, with(nil)},
		"a known sex":                   {credential.VNBHYT, func(h *credential.Holder) { h.Address, h.Sex = "", "female" }, with(map[string]Answer{"sex": filled(chose("female"))})},
		"nothing":                       {credential.VNBHYT, func(h *credential.Holder) { *h = credential.Holder{} }, nil},
	} {
		h := holder
		c.change(&h)
		got := f.Prefill(&credential.Credential{Family: c.family, Holder: h}, units(t))
		if len(got.by) != len(c.want) || !maps.EqualFunc(got.by, c.want, func(a, b Answer) bool {
			return a.Text == b.Text && slices.Equal(a.Chosen, b.Chosen) && a.Filled == b.Filled
		}) {
			t.Errorf("%s: %+v, want %+v", name, got.by, c.want)
		}
		for id, answer := range got.by { // what a card says is never in the visitor's way
			for _, q := range f.Questions {
				if p := q.Check(answer, noon); q.ID == id && p != "" && id != "street" {
					t.Errorf("%s: %s is %q", name, id, p)
				}
			}
		}
	}
}
