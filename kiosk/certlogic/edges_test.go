package certlogic

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
)

// Moments at the edges of each of their parts; "" is refused.
func TestMomentsAtTheirEdges(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0000": "0000-12-31T00:00:00Z", "9999": "9999-12-31T00:00:00Z", "999": "", "10000": "", "20x1": "",
		"2021-01": "2021-01-31T00:00:00Z", "2021-12": "2021-12-31T00:00:00Z", "2021-00": "", "2021-13": "", "2021/01": "", "x021-01": "", "2021-0x": "",
		"2021-01-01": "2021-01-01T00:00:00Z", "2021-12-31": "2021-12-31T00:00:00Z", "2021-01-00": "", "2021-01-32": "", "2021-02-29": "", "2020-02-29": "2020-02-29T00:00:00Z",
		"2021-00-01": "", "2021-13-01": "", "2021-1--01": "", "x021-01-01": "", "2021-0x-01": "", "2021-01-0x": "", "2021x01-01": "", "2021-01x01": "", "2021-01-011": "",
		"2021-06-01T23:59:59": "2021-06-01T23:59:59Z", "2021-06-01T00:00:00Z": "2021-06-01T00:00:00Z", "2021-06-01T24:00:00": "", "2021-06-01T00:60:00": "", "2021-06-01T00:00:60": "",
		"2021-06-01t00:00:00": "", "2021-06-01T00-00:00": "", "2021-06-01T00:00-00": "", "2021-06-01Tx0:00:00": "", "2021-06-01T0x:00:00": "", "2021-06-01T00:0x:00": "", "2021-06-01T00:00:0x": "",
		"2021-06-31T00:00:00": "", "2021-06-01T00:00:0": "", "2021-06-01T00:00": "",
		"2021-06-01T00:00:00.": "", "2021-06-01T00:00:00.5": "2021-06-01T00:00:00.5Z", "2021-06-01T00:00:00.0519": "2021-06-01T00:00:00.051Z", "2021-06-01T00:00:00.9Z": "2021-06-01T00:00:00.9Z",
		"2021-06-01T00:00:00.x": "", "2021-06-01T00:00:00.1x": "", "2021-06-01T00:00:00z": "", "2021-06-01T00:00:00 ": "",
		"2021-06-01T00:00:00+1": "2021-05-31T23:00:00Z", "2021-06-01T00:00:00-23": "2021-06-01T23:00:00Z", "2021-06-01T00:00:00+24": "", "2021-06-01T00:00:00+": "", "2021-06-01T00:00:00+x": "",
		"2021-06-01T00:00:00-0059": "2021-06-01T00:59:00Z", "2021-06-01T00:00:00-0060": "", "2021-06-01T00:00:00-2359": "2021-06-01T23:59:00Z", "2021-06-01T00:00:00-2400": "",
		"2021-06-01T00:00:00-130": "2021-06-01T01:30:00Z", "2021-06-01T00:00:00-1:30": "2021-06-01T01:30:00Z", "2021-06-01T00:00:00-01:30": "2021-06-01T01:30:00Z",
		"2021-06-01T00:00:00-001:30": "", "2021-06-01T00:00:00-01:3": "", "2021-06-01T00:00:00-:30": "", "2021-06-01T00:00:00-01:": "", "2021-06-01T00:00:00-013:0": "", "2021-06-01T00:00:00-01:xx": "",
		"2021-06-01T00:00:00*01": "", "": "",
	} {
		ms, ok := parseMoment(text)
		got := ""
		if ok {
			got = time.UnixMilli(ms).UTC().Format(time.RFC3339Nano)
		}
		if got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// What plusTime adds, up to the bounds of time and of amounts.
func TestShiftAtItsBounds(t *testing.T) {
	t.Parallel()
	first, last := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)
	noon := time.Date(2021, 6, 1, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		from   time.Time
		amount int64
		of     unit
		want   time.Time // zero: refused
	}{
		"an hour":              {noon, 1, hour, noon.Add(time.Hour)},
		"a day":                {noon, 1, day, noon.AddDate(0, 0, 1)},
		"a month":              {noon, 1, month, noon.AddDate(0, 1, 0)},
		"a year":               {noon, 1, year, noon.AddDate(1, 0, 0)},
		"a year back":          {noon, -1, year, noon.AddDate(-1, 0, 0)},
		"nothing at the start": {first, 0, hour, first},
		"nothing at the end":   {last, 0, hour, last},
		"before the start":     {first, -1, hour, time.Time{}},
		"after the end":        {last, 1, hour, time.Time{}},
		"too much":             {noon, maxAmount + 1, hour, time.Time{}},
		"too little":           {noon, -maxAmount - 1, hour, time.Time{}},
		"beyond the end":       {noon, maxAmount, hour, time.Time{}},
	} {
		ms, ok := shift(c.from.UnixMilli(), c.amount, c.of)
		if ok != !c.want.IsZero() || ok && ms != c.want.UnixMilli() {
			t.Errorf("%s: %v, %v", name, time.UnixMilli(ms).UTC(), ok)
		}
	}
	if _, ok := shift(firstMoment+maxAmount*time.Hour.Milliseconds()/2, -maxAmount/2, hour); !ok {
		t.Error("half the greatest amount is refused")
	}
	if ms, ok := shift(noon.UnixMilli(), 0, year); !ok || ms != noon.UnixMilli() {
		t.Error("nothing is something")
	}
}

// What Go values are to rules.
func TestGoValues(t *testing.T) {
	t.Parallel()
	yes, no, word, n, n64 := true, false, "w", 7, int64(8)
	for name, c := range map[string]struct {
		of   any
		kind kind
		n    int64
		s    string
		true bool
	}{
		"nil": {nil, null, 0, "", false}, "true": {true, boolean, 1, "", true}, "false": {false, boolean, 0, "", false},
		"text": {"x", text, 0, "x", true}, "no text": {"", text, 0, "", false}, "an int": {3, integer, 3, "", true}, "zero": {0, integer, 0, "", false},
		"an int64": {int64(-3), integer, -3, "", true}, "a uint64": {uint64(math.MaxInt64), integer, math.MaxInt64, "", true}, "too large a uint64": {uint64(math.MaxInt64 + 1), fraction, 1, "", true},
		"a whole float": {4.0, integer, 4, "", true}, "a fraction": {4.5, fraction, 1, "", true}, "a float of 2^53": {float64(1 << 53), integer, 1 << 53, "", true},
		"a float of more": {float64(1<<53 + 2), fraction, 1, "", true}, "a float of less": {-float64(1<<53 + 2), fraction, 1, "", true}, "not a number": {math.NaN(), fraction, 1, "", true},
		"a JSON number": {json.Number("12"), integer, 12, "", true}, "a JSON float": {json.Number("12.0"), integer, 12, "", true}, "a JSON fraction": {json.Number("1.5"), fraction, 1, "", true}, "not JSON": {json.Number("x"), alien, 0, "", false},
		"a pointer to true": {&yes, boolean, 1, "", true}, "to false": {&no, boolean, 0, "", false}, "to text": {&word, text, 0, "w", true}, "to an int": {&n, integer, 7, "", true}, "to an int64": {&n64, integer, 8, "", true},
		"no bool": {(*bool)(nil), null, 0, "", false}, "no string": {(*string)(nil), null, 0, "", false}, "no int": {(*int)(nil), null, 0, "", false}, "no int64": {(*int64)(nil), null, 0, "", false},
		"a list": {[]any{1}, array, 0, "", true}, "an empty list": {[]any{}, array, 0, "", false}, "texts": {[]string{"a"}, array, 0, "", true}, "no texts": {[]string{}, array, 0, "", false},
		"an object": {map[string]any{"a": 1}, object, 0, "", true}, "an empty object": {map[string]any{}, object, 0, "", false}, "a channel": {make(chan int), alien, 0, "", false},
	} {
		v := valueOf(c.of)
		if v.kind != c.kind || v.n != c.n || v.s != c.s {
			t.Errorf("%s: %+v", name, v)
		}
		if is, ok := v.truthy(); is != c.true || ok != (c.kind != alien) {
			t.Errorf("%s is true: %v, %v", name, is, ok)
		}
	}
}

// Expressions at the bound of their size, and what follows their end.
func TestBoundsOfExpressions(t *testing.T) {
	t.Parallel()
	pad := func(n int) []byte { return []byte("true" + strings.Repeat(" ", n-4)) }
	for name, c := range map[string]struct {
		expr []byte
		ok   bool
	}{
		"as long as allowed": {pad(MaxSize), true}, "longer": {pad(MaxSize + 1), false}, "nothing": {nil, false}, "two": {[]byte("true true"), false}, "broken": {[]byte("{"), false},
	} {
		if _, err := Validate(c.expr); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
