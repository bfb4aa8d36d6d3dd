package value_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"chot/kiosk/credential/value"
)

func read(t *testing.T, text string) *value.Value {
	t.Helper()
	v, err := value.FromJSON([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// written is each value of a walk as JSON.
func written(t *testing.T, walk func(func(*value.Value) bool)) []string {
	t.Helper()
	list := []string{}
	for v := range walk {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, string(data))
	}
	return list
}

// TestWalks holds that the members of an object are never taken for the items of a
// list.
func TestWalks(t *testing.T) {
	t.Parallel()
	none := []string{}
	for text, want := range map[string]struct{ items, each, objects []string }{
		`[1,null,{"a":1},{},[2]]`:  {[]string{"1", "null", `{"a":1}`, "{}", "[2]"}, []string{"1", "null", `{"a":1}`, "{}", "[2]"}, []string{`{"a":1}`}},
		`{"a":{"b":1}}`:            {none, []string{`{"a":{"b":1}}`}, []string{`{"a":{"b":1}}`}},
		`[]`:                       {none, none, none},
		`{}`:                       {none, []string{"{}"}, none},
		`{"a":null}`:               {none, []string{`{"a":null}`}, none},
		`[{"a":null},{"a":false}]`: {[]string{`{"a":null}`, `{"a":false}`}, []string{`{"a":null}`, `{"a":false}`}, []string{`{"a":false}`}},
		`null`:                     {none, none, none},
		`"text"`:                   {none, []string{`"text"`}, none},
		`7`:                        {none, []string{"7"}, none},
	} {
		v := read(t, text)
		items, each, objects := written(t, v.Items()), written(t, v.Each()), written(t, v.Objects())
		if !slices.Equal(items, want.items) || !slices.Equal(each, want.each) || !slices.Equal(objects, want.objects) || v.Len() != len(items) {
			t.Errorf("%s: items %q, each %q, objects %q, %d", text, items, each, objects, v.Len())
		}
		for range v.Items() {
			break // a walk may end early
		}
		for range v.Objects() {
			break
		}
	}
	var absent *value.Value
	if len(written(t, absent.Items()))+len(written(t, absent.Each()))+len(written(t, absent.Objects())) != 0 || absent.Given() || absent.Get("x") != nil {
		t.Error("an absent value has something in it")
	}
	names := ""
	for name, member := range read(t, `{"a":1}`).Members() {
		names += name + member.String()
	}
	for range read(t, `[1]`).Members() {
		t.Error("a list has a member")
	}
	if names != "a" {
		t.Error(names)
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		whole int64
		ok    bool
		int   bool
		float float64
		isNum bool
	}{
		"2": {2, true, true, 2, true}, "2.0": {2, true, false, 2, true}, "-3": {-3, true, true, -3, true}, "2.5": {2, false, false, 2.5, true},
		`"2"`: {2, true, false, 0, false}, `" 17 "`: {17, true, false, 0, false}, `"2.0"`: {0, false, false, 0, false}, `"two"`: {0, false, false, 0, false},
		"9007199254740993": {9007199254740993, true, true, 9007199254740992, true},
		"true":             {0, false, false, 0, false}, "null": {0, false, false, 0, false}, "[2]": {0, false, false, 0, false},
	} {
		v := read(t, text)
		whole, ok := v.Whole()
		_, isInt := v.Int()
		f, isNum := v.Float()
		if ok != want.ok || ok && whole != want.whole || isInt != want.int || f != want.float || isNum != want.isNum {
			t.Errorf("%s: %d %v, %v, %v %v", text, whole, ok, isInt, f, isNum)
		}
	}
	for _, text := range []string{"1e300", "1e19"} {
		if n, ok := read(t, text).Whole(); ok {
			t.Errorf("%s is %d", text, n)
		}
	}
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if n, ok := new(value.Arena).Float(f).Whole(); ok {
			t.Errorf("%v is %d", f, n)
		}
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{"a":[1,2.5,"x",true,false,null,{"b":[]}]}`, `"ước"`, `[]`, `{}`} {
		if got, err := json.Marshal(read(t, text)); err != nil || string(got) != text {
			t.Errorf("%s is written as %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "{", `{"a":1}x`, `{} {}`, "[1,]"} {
		if v, err := value.FromJSON([]byte(text)); err == nil {
			t.Errorf("%s is read as %v", text, v)
		}
	}
	v := read(t, `{"text":"x","list":[1],"null":null}`)
	text, ok := v.Get("text").Text()
	if text != "x" || !ok || v.Get("list").String() != "" || !v.Get("null").IsNull() || v.Get("nothing").IsNull() || !v.IsObject() || !v.Get("list").IsList() {
		t.Errorf("%q %v", text, ok)
	}
	list := v.Get("list").Any().(*value.List)
	if n, whole := list.At(0).(*int64); list.Len() != 1 || !whole || *n != 1 || list.At(1) != nil {
		t.Error(list)
	}
}
