package declaration

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chot/kiosk/credential"
	"chot/kiosk/policy"
	"chot/kiosk/record"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func form(t testing.TB, id string) *Form {
	t.Helper()
	f := Pick(Default(), id, noon)
	if f == nil {
		t.Fatalf("no form %s holds at %v", id, noon)
	}
	return f
}

func chose(values ...string) Answer { return Answer{Chosen: values} }
func typed(text string) Answer      { return Answer{Text: text} }

// healthy are all answers of a person who is well.
func healthy() Answers {
	var a Answers
	for id, answer := range map[string]Answer{
		"name": typed("Nguyễn Văn Thử"), "birth": typed("1961"), "sex": chose("male"), "nationality": chose("VN"),
		"document": typed("030061000002"), "phone": typed("0900000001"), "address": chose("11086"), "street": typed(" Thôn  Mẫu "),
		"travelled": chose("no"), "symptoms": chose("none"), "contacts": chose("none"),
	} {
		a = a.With(id, answer)
	}
	return a
}

func TestTheHealthDeclarationAsksWhatItMust(t *testing.T) {
	t.Parallel()
	var ids []string
	f := form(t, Health)
	for _, q := range f.Questions {
		ids = append(ids, q.ID)
	}
	want := "name birth sex nationality document phone address street travelled travel symptoms contacts"
	if got := strings.Join(ids, " "); got != want {
		t.Errorf("it asks %s", got)
	}
	var symptoms, contacts []string
	for _, q := range f.Questions {
		for _, o := range q.Options {
			switch q.ID {
			case "symptoms":
				symptoms = append(symptoms, o.Value)
			case "contacts":
				contacts = append(contacts, o.Value)
			}
		}
	}
	// sốt, ho, khó thở, viêm phổi, đau họng, mệt mỏi
	if !slices.Equal(symptoms, []string{"none", "fever", "cough", "dyspnoea", "pneumonia", "sore-throat", "fatigue"}) {
		t.Errorf("symptoms are %v", symptoms)
	}
	// a case, a person from an affected area, a person with symptoms
	if !slices.Equal(contacts, []string{"none", "case", "area", "symptomatic"}) {
		t.Errorf("contacts are %v", contacts)
	}
}

func TestTriage(t *testing.T) {
	t.Parallel()
	f := form(t, Health)
	for _, tt := range []struct {
		name  string
		a     Answers
		level policy.Level
		codes []string
	}{
		{"well", healthy(), policy.Green, []string{"nothing-declared"}},
		{"cough", healthy().With("symptoms", chose("cough")), policy.Amber, []string{"declared-symptoms"}},
		{"dyspnoea", healthy().With("symptoms", chose("dyspnoea")), policy.Red, []string{"declared-severe-symptoms"}},
		{"contact with a case and cough", healthy().With("contacts", chose("case")).With("symptoms", chose("cough")),
			policy.Red, []string{"declared-case-contact", "declared-symptoms"}},
		{"area", healthy().With("contacts", chose("area", "symptomatic")), policy.Amber, []string{"declared-contact"}},
		{"travel alone", healthy().With("travelled", chose("yes")).With("travel", typed("Hà Nội")), policy.Green, []string{"nothing-declared"}},
		{"cough after travel", healthy().With("travelled", chose("yes")).With("travel", typed("Hà Nội")).With("symptoms", chose("cough")),
			policy.Red, []string{"declared-symptoms-after-travel", "declared-symptoms"}},
		{"nothing answered", Answers{}, policy.Amber, []string{"incomplete"}},
		{"an answer missing", healthy().With("contacts", Answer{}), policy.Amber, []string{"incomplete"}},
	} {
		v := f.Assess(tt.a, noon)
		var codes []string
		for _, r := range v.Reasons {
			codes = append(codes, r.Code)
		}
		if v.Level != tt.level || !slices.Equal(codes, tt.codes) || v.Rules.Version != "health/2026-01" {
			t.Errorf("%s is %v by %v with %s", tt.name, v.Level, codes, v.Rules.Version)
		}
	}
}

func TestWhatHoldsAsAnAnswer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		q    Question
		a    Answer
		want Problem
	}{
		{Question{Kind: NameField, Required: true}, typed("  "), Missing},
		{Question{Kind: NameField}, typed(""), ""},
		{Question{Kind: NameField}, typed("Ế"), TooShort},
		{Question{Kind: NameField}, typed("Nguyễn Thị Thử"), ""},
		{Question{Kind: NameField}, typed("O’Neil-Đặng, Jr."), ""},
		{Question{Kind: NameField}, typed("Thử 2"), NotLetters},
		{Question{Kind: NameField, Most: 5}, typed("Nguyễn Thử"), TooLong},
		{Question{Kind: YearField}, typed("1950"), ""},
		{Question{Kind: YearField}, typed("2027"), NotAYear},
		{Question{Kind: YearField}, typed("1895"), NotAYear},
		{Question{Kind: YearField}, typed("50"), NotAYear},
		{Question{Kind: YearField, Least: 1990}, typed("1989"), NotAYear},
		{Question{Kind: DigitsField, Least: 9, Most: 15}, typed("0900000001"), ""},
		{Question{Kind: DigitsField, Least: 9, Most: 15}, typed("+84900000001"), ""},
		{Question{Kind: DigitsField, Least: 9, Most: 15}, typed("12345678"), TooShort},
		{Question{Kind: DigitsField}, typed("09-00"), NotANumber},
		{Question{Kind: DocumentField}, typed("030061000002"), ""},
		{Question{Kind: DocumentField}, typed("0300******02"), ""},
		{Question{Kind: DocumentField}, typed("141234567"), ""},
		{Question{Kind: DocumentField}, typed("B1234567"), ""},
		{Question{Kind: DocumentField}, typed("0300610000"), NotADoc},
		{Question{Kind: DocumentField}, typed("B-1234567"), NotADoc},
		{Question{Kind: ChoiceField, Options: []Option{{Value: "a"}, {Value: "b"}}}, chose("a"), ""},
		{Question{Kind: ChoiceField, Options: []Option{{Value: "a"}, {Value: "b"}}}, chose("a", "b"), NotAnOption},
		{Question{Kind: ChoiceField, Options: []Option{{Value: "a"}}}, chose("x"), NotAnOption},
		{Question{Kind: ChoicesField, Options: []Option{{Value: "none", Alone: true}, {Value: "b"}}}, chose("none", "b"), NotAnOption},
		{Question{Kind: UnitField, Required: true}, typed("Tứ Kỳ"), Missing},
		{Question{Kind: UnitField}, chose("11074"), ""},
	} {
		if got := tt.q.Check(tt.a, noon); got != tt.want {
			t.Errorf("%+v to a %s is %q, not %q", tt.a, tt.q.Kind, got, tt.want)
		}
	}
}

func TestAnOptionThatStandsAloneExcludesTheOthers(t *testing.T) {
	t.Parallel()
	q := Question{Kind: ChoicesField, Options: []Option{{Value: "none", Alone: true}, {Value: "fever"}, {Value: "cough"}}}
	rapid.Check(t, func(t *rapid.T) {
		var a Answer
		for _, v := range rapid.SliceOf(rapid.SampledFrom([]string{"none", "fever", "cough", "other"})).Draw(t, "taps") {
			before := slices.Contains(a.Chosen, v)
			a = q.Toggle(a, v)
			if v != "other" && slices.Contains(a.Chosen, v) == before {
				t.Fatalf("tapping %s changed nothing: %v", v, a.Chosen)
			}
			if p := q.Check(a, noon); p != "" {
				t.Fatalf("%v does not hold: %s", a.Chosen, p)
			}
		}
	})
}

func TestAQuestionIsAskedOnlyWhereItsConditionHolds(t *testing.T) {
	t.Parallel()
	f := form(t, Health)
	asks := func(a Answers) bool { return f.asked("travel", a) }
	yes := healthy().With("travelled", chose("yes")).With("travel", typed("Hà Nội"))
	if asks(healthy()) || !asks(yes) {
		t.Error("where to is asked of those who stayed, or not of those who went")
	}
	back := yes.With("travelled", chose("no"))
	if d := f.Declaration(back, "2022"); d.Travel != "" {
		t.Errorf("an answer whose question fell away was kept: %q", d.Travel)
	}
	if i, p := f.Open(yes.With("travel", Answer{}), noon); f.Asked(yes)[i].ID != "travel" || p != Missing {
		t.Errorf("open is question %d: %s", i, p)
	}
}

func TestRecordsOfAnswers(t *testing.T) {
	t.Parallel()
	a := healthy().With("symptoms", chose("cough", "fever"))
	d := form(t, Health).Declaration(a, "2022")
	want := record.Person{
		Name: "Nguyễn Văn Thử", Birth: 1961, Sex: record.Male, Nationality: "VN", Document: "030061000002", Phone: "0900000001",
		Address: record.Address{Unit: "11086", Set: "2022", Line: "Thôn Mẫu"},
	}
	if d.Person != want || !slices.Equal(d.Symptoms, []string{"cough", "fever"}) || d.Contacts != nil || d.Other["travelled"] != "no" || len(d.Other) != 1 {
		t.Errorf("the declaration is %+v", d)
	}
	a = healthy().With("reason", chose("contact")).With("technique", chose("antigen")).With("place", chose("here")).With("slot", chose("now"))
	if o := form(t, Test).Order(a, "2022"); o.Reason != "contact" || o.Technique != record.Antigen || o.Place != "here" || o.Slot != "now" || o.Other != nil {
		t.Errorf("the order is %+v", o)
	}
	a = healthy().With("group", chose("over-65")).With("doses", chose("2")).With("wish", chose("any")).With("allergy", chose("no"))
	if v := form(t, Vaccination).Vaccination(a, "2022"); v.Group != "over-65" || v.Doses != 2 || v.Wish != "any" || v.Other["allergy"] != "no" {
		t.Errorf("the registration is %+v", v)
	}
}

func TestPrefillTakesWhatAPaperSays(t *testing.T) {
	t.Parallel()
	card := &credential.Credential{Family: credential.VNID, Holder: credential.Holder{
		Name: "Phạm Thị Mẫu", Birth: credential.Date{Year: 1950}, Sex: "female", Document: "030150000001", Address: "Đâu đó",
	}}
	a := form(t, Health).Prefill(card, nil)
	for id, want := range map[string]Answer{
		"name": {Text: "Phạm Thị Mẫu", Filled: true}, "birth": {Text: "1950", Filled: true}, "sex": {Chosen: []string{"female"}, Filled: true},
		"nationality": {Chosen: []string{"VN"}, Filled: true}, "street": {Text: "Đâu đó", Filled: true}, "address": {}, "phone": {},
	} {
		if got := a.Of(id); got.Text != want.Text || !slices.Equal(got.Chosen, want.Chosen) || got.Filled != want.Filled {
			t.Errorf("%s is %+v, not %+v", id, got, want)
		}
	}
	if a := form(t, Test).Prefill(card, nil); !a.Of("nationality").Empty() {
		t.Error("a question that is not asked was answered")
	}
}

func TestPickTakesTheFormOfTheDay(t *testing.T) {
	t.Parallel()
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	old := &Form{ID: Health, Version: "old", Until: day(20)}
	spell := &Form{ID: Health, Version: "spell", From: day(15), Until: day(18)}
	next := &Form{ID: Health, Version: "next", From: day(20)}
	forms := []*Form{spell, next, old}
	for d, want := range map[int]string{10: "old", 15: "spell", 17: "spell", 18: "old", 19: "old", 20: "next", 28: "next"} {
		if got := Pick(forms, Health, day(d)); got == nil || got.Version != want {
			t.Errorf("on day %d %v holds, not %s", d, got, want)
		}
	}
	if Pick(forms, Test, day(20)) != nil || Pick([]*Form{spell}, Health, day(20)) != nil {
		t.Error("a form of another kind or time holds")
	}
}

func TestABrokenFormIsRefused(t *testing.T) {
	t.Parallel()
	const q = `{"id": "a", "kind": "choice", "options": [{"value": "x"}]}`
	for name, text := range map[string]string{
		"nothing":               ``,
		"no id":                 `{"version": "1", "questions": [` + q + `]}`,
		"no questions":          `{"id": "f", "version": "1", "questions": []}`,
		"misspelt":              `{"id": "f", "version": "1", "question": [` + q + `]}`,
		"something after it":    `{"id": "f", "version": "1", "questions": [` + q + `]} {}`,
		"ends before it begins": `{"id": "f", "version": "1", "from": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z", "questions": [` + q + `]}`,
		"unknown kind":          `{"id": "f", "version": "1", "questions": [{"id": "a", "kind": "guess"}]}`,
		"asked twice":           `{"id": "f", "version": "1", "questions": [` + q + `, ` + q + `]}`,
		"no options":            `{"id": "f", "version": "1", "questions": [{"id": "a", "kind": "choice"}]}`,
		"an option twice":       `{"id": "f", "version": "1", "questions": [{"id": "a", "kind": "choice", "options": [{"value": "x"}, {"value": "x"}]}]}`,
		"options of a text":     `{"id": "f", "version": "1", "questions": [{"id": "a", "kind": "text", "options": [{"value": "x"}]}]}`,
		"no length":             `{"id": "f", "version": "1", "questions": [{"id": "a", "kind": "text", "least": 5, "most": 2}]}`,
		"depends on a later":    `{"id": "f", "version": "1", "questions": [{"id": "b", "kind": "text", "only": {"question": "a", "any": ["x"]}}, ` + q + `]}`,
		"depends on no option":  `{"id": "f", "version": "1", "questions": [` + q + `, {"id": "b", "kind": "text", "only": {"question": "a", "any": ["y"]}}]}`,
		"green triage":          `{"id": "f", "version": "1", "questions": [` + q + `], "triage": [{"code": "c", "level": "green", "when": [{"question": "a", "any": ["x"]}]}]}`,
		"triage of nothing":     `{"id": "f", "version": "1", "questions": [` + q + `], "triage": [{"code": "c", "level": "red", "when": []}]}`,
		"triage of no question": `{"id": "f", "version": "1", "questions": [` + q + `], "triage": [{"code": "c", "level": "red", "when": [{"question": "z", "any": ["x"]}]}]}`,
		"too large":             `{"id": "` + strings.Repeat("x", maxForm) + `"}`,
	} {
		if f, err := Parse([]byte(text)); err == nil {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// FuzzParse: any bytes are a form that can be filled in and judged, or an error.
func FuzzParse(f *testing.F) {
	for _, form := range Default() {
		data, err := json.Marshal(form)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		form, err := Parse(data)
		if err != nil {
			return
		}
		a := Answers{}
		for _, q := range form.Questions {
			if len(q.Options) > 0 {
				a = a.With(q.ID, q.Toggle(a.Of(q.ID), q.Options[len(q.Options)-1].Value))
			}
		}
		if i, _ := form.Open(a, noon); i >= len(form.Asked(a)) {
			t.Fatalf("question %d of %d is open", i, len(form.Asked(a)))
		}
		if v := form.Assess(a, noon); len(v.Reasons) == 0 || v.Level != v.Reasons[0].Level {
			t.Fatalf("%v by %v", v.Level, v.Reasons)
		}
		if _, err := record.Encode(form.Declaration(a, "2022")); err != nil && len(data) < record.MaxPayload/4 {
			t.Fatal(err)
		}
	})
}
