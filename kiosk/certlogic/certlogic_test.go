package certlogic_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"chot/kiosk/certlogic"

	"pgregory.net/rapid"
)

func mustCompile(t testing.TB, expr string) *certlogic.Expression {
	t.Helper()
	x, err := certlogic.Compile([]byte(expr))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func decode(t testing.TB, data string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(data), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func at(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// What the specification says and its suite does not show.
func TestOperations(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]any{
		`{"plusTime": ["2020-02-29", 1, "day"]}`:                  at(2020, 3, 1),
		`{"plusTime": ["2020-02-29", 1, "month"]}`:                at(2020, 3, 29),
		`{"plusTime": ["2020-02-29", 1, "year"]}`:                 at(2021, 3, 1),
		`{"plusTime": ["2020-03-31", -1, "month"]}`:               at(2020, 3, 2),
		`{"plusTime": ["2021", 0, "hour"]}`:                       at(2021, 12, 31),
		`{"plusTime": ["2020-02", 0, "hour"]}`:                    at(2020, 2, 29),
		`{"plusTime": ["2021-06-01T10:20:30", 0, "day"]}`:         time.Date(2021, 6, 1, 10, 20, 30, 0, time.UTC),
		`{"plusTime": ["2021-06-01T10:20:30.123456Z", 0, "day"]}`: time.Date(2021, 6, 1, 10, 20, 30, 123e6, time.UTC),
		`{"plusTime": ["2021-06-01T10:20:30.1+1", 0, "day"]}`:     time.Date(2021, 6, 1, 9, 20, 30, 100e6, time.UTC),
		`{"plusTime": ["2021-06-01T10:20:30-01", 0, "day"]}`:      time.Date(2021, 6, 1, 11, 20, 30, 0, time.UTC),
		`{"plusTime": ["2021-06-01T10:20:30+130", 0, "day"]}`:     time.Date(2021, 6, 1, 8, 50, 30, 0, time.UTC),
		`{"plusTime": ["2021-06-01T10:20:30+0130", 0, "day"]}`:    time.Date(2021, 6, 1, 8, 50, 30, 0, time.UTC),
		`{"plusTime": ["2021-06-01T10:20:30+1:30", 0, "day"]}`:    time.Date(2021, 6, 1, 8, 50, 30, 0, time.UTC),
		`{"plusTime": ["2021-06-01T10:20:30+07:00", 0, "day"]}`:   time.Date(2021, 6, 1, 3, 20, 30, 0, time.UTC),
		`{"plusTime": ["2021-06-01", -36, "hour"]}`:               time.Date(2021, 5, 30, 12, 0, 0, 0, time.UTC),
		`{"dccDateOfBirth": ["1990"]}`:                            at(1990, 12, 31),
		`{"dccDateOfBirth": ["1990-02"]}`:                         at(1990, 2, 28),
		`{"dccDateOfBirth": ["1990-02-03"]}`:                      at(1990, 2, 3),
		`{"extractFromUVCI": ["URN:UVCI:01:VN:a/b#c", 0]}`:        "01",
		`{"extractFromUVCI": ["01:VN:a/b#c", 4]}`:                 "c",
		`{"extractFromUVCI": ["01:VN:a/b#c", 5]}`:                 nil,
		`{"extractFromUVCI": ["01:VN:a/b#c", -1]}`:                nil,
		`{"extractFromUVCI": ["a::c/#/f", 3]}`:                    "",
		`{"extractFromUVCI": ["", 0]}`:                            "",
		`{"extractFromUVCI": [{"var": "nothing"}, 0]}`:            nil,
		`{"in": [2, [1, 2, 3]]}`:                                  true,
		`{"in": ["2", [1, 2, 3]]}`:                                false,
		`{"===": [{"var": "nothing"}, {"var": "neither"}]}`:       true,
		`{"===": [[1], [1]]}`:                                     false,
		`{"+": [{"var": "three"}, -5]}`:                           int64(-2),
		`{"!": [{"var": "half"}]}`:                                false,
		`{"reduce": [[1, 2], {"var": ""}, 0]}`:                    map[string]any{"accumulator": map[string]any{"accumulator": int64(0), "current": int64(1)}, "current": int64(2)},
		`{"reduce": [[1, 2], {"var": "three"}, 0]}`:               nil, // the outer data is out of reach
		`{"reduce": [[[1, 2], [3]], {"reduce": [{"var": "current"}, {"+": [{"var": "current"}, {"var": "accumulator"}]}, {"var": "accumulator"}]}, 0]}`: int64(6),
	} {
		got, err := mustCompile(t, expr).Evaluate(decode(t, `{"three": 3, "half": 0.5}`))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, %v, want %#v", expr, got, err, want)
		}
	}
}

func TestWhatCannotBeEvaluated(t *testing.T) {
	t.Parallel()
	for _, expr := range []string{
		`{"plusTime": ["", 0, "day"]}`,
		`{"plusTime": ["2021-02-30", 0, "day"]}`,
		`{"plusTime": ["2021-13", 0, "day"]}`,
		`{"plusTime": ["21-01-01", 0, "day"]}`,
		`{"plusTime": ["2021-06-01T25:00:00Z", 0, "day"]}`,
		`{"plusTime": ["2021-06-01T10:20:30.Z", 0, "day"]}`,
		`{"plusTime": ["2021-06-01T10:20:30+", 0, "day"]}`,
		`{"plusTime": ["2021-06-01T10:20:30+:30", 0, "day"]}`,
		`{"plusTime": ["2021-06-01T10:20:30+12345", 0, "day"]}`,
		`{"plusTime": ["2021-06-01 10:20:30Z", 0, "day"]}`,
		`{"plusTime": ["9999-12-31", 1, "day"]}`,
		`{"plusTime": ["2021-06-01", 9007199254740991, "year"]}`,
		`{"plusTime": [{"plusTime": ["2021-06-01", 0, "day"]}, 0, "day"]}`,
		`{"plusTime": [{"var": "three"}, 0, "day"]}`,
		`{"dccDateOfBirth": [""]}`,
		`{"dccDateOfBirth": ["2021-06-01T10:20:30Z"]}`,
		`{"extractFromUVCI": [1, 0]}`,
		`{"in": [1, "1"]}`,
		`{"in": [1, {"var": "nothing"}]}`,
		`{"+": ["1", 1]}`,
		`{"+": [9223372036854775807, 1]}`,
		`{"+": [{"var": "half"}, 1]}`,
		`{"<": [1, "2"]}`,
		`{"<": [1, 2, "3"]}`,
		`{"after": ["2021-06-01", "2021-06-02"]}`,
		`{"<": [{"plusTime": ["2021-06-01", 0, "day"]}, 2]}`,
		`{"!": [{"plusTime": ["2021-06-01", 0, "day"]}]}`,
		`{"if": [{"plusTime": ["2021-06-01", 0, "day"]}, 1, 2]}`,
		`{"and": [{"plusTime": ["2021-06-01", 0, "day"]}, true]}`,
		`{"reduce": ["text", 1, 2]}`,
	} {
		if got, err := mustCompile(t, expr).Evaluate(decode(t, `{"three": 3, "half": 0.5}`)); err == nil {
			t.Errorf("%s came out as %v", expr, got)
		}
	}
}

func TestInvalidExpressionsDoNotCompile(t *testing.T) {
	t.Parallel()
	for _, expr := range []string{
		``, `{`, `1 2`, `null`, `1.5`, `{}`, `{"var": 1}`, `{"var": "a..b"}`, `{"var": "."}`, `{"var": ["a"]}`,
		`{"if": [1, 2]}`, `{"if": [1, 2, 3, 4]}`, `{"and": [1]}`, `{"and": []}`, `{"===": [1]}`, `{"===": [1, 2, 3]}`,
		`{"<": [1]}`, `{"<": [1, 2, 3, 4]}`, `{"!": []}`, `{"!": [1, 2]}`, `{"in": [1, null]}`, `{"or": [1, 2]}`,
		`{"plusTime": ["2021", 1.5, "day"]}`, `{"plusTime": ["2021", 1, "week"]}`, `{"plusTime": ["2021", {"var": "n"}, "day"]}`,
		`{"plusTime": ["2021", 1]}`, `{"reduce": [1, 2]}`, `{"extractFromUVCI": ["a", "0"]}`, `{"extractFromUVCI": ["a"]}`,
		`{"dccDateOfBirth": []}`, `{"dccDateOfBirth": "1990"}`, `[1, {"or": []}]`, `{"a": 1, "b": 2}`,
		strings.Repeat("[", certlogic.MaxDepth+1) + strings.Repeat("]", certlogic.MaxDepth+1),
		`"` + strings.Repeat("a", certlogic.MaxSize) + `"`,
	} {
		if _, err := certlogic.Compile([]byte(expr)); err == nil {
			t.Errorf("%.80s compiled", expr)
		}
	}
}

func TestAnEvaluationIsBounded(t *testing.T) {
	t.Parallel()
	items := strings.TrimSuffix(strings.Repeat("1,", 100), ",")
	many := `{"reduce": [[` + items + `], %s, 0]}`
	for name, lambda := range map[string]string{
		"a million turns":       fmt.Sprintf(many, fmt.Sprintf(many, fmt.Sprintf(many, `1`))),
		"a result that doubles": fmt.Sprintf(many, `[{"var": "accumulator"}, {"var": "accumulator"}]`),
		"a result of its past":  fmt.Sprintf(many, `[{"var": ""}, {"var": ""}]`),
	} {
		if _, err := mustCompile(t, lambda).Evaluate(nil); err == nil {
			t.Errorf("%s came to an end", name)
		}
	}
}

// certificate is data as a family may keep it, without maps.
type certificate struct {
	name  string
	doses entries
}

func (c *certificate) Member(name string) any {
	switch name {
	case "name":
		return &c.name
	case "v":
		return &c.doses
	}
	return nil
}

type entries []entry

func (e *entries) Len() int     { return len(*e) }
func (e *entries) At(i int) any { return &(*e)[i] }

type entry struct {
	product string
	number  int
	at      *string
}

func (e *entry) Member(name string) any {
	switch name {
	case "mp":
		return &e.product
	case "dn":
		return &e.number
	case "dt":
		return e.at
	}
	return nil
}

// products is a value set.
type products map[string]bool

func (p products) Len() int                { return len(p) }
func (p products) At(int) any              { return "" }
func (p products) Has(product string) bool { return p[product] }

type both struct{ payload, external any }

func (b *both) Member(name string) any {
	switch name {
	case "payload":
		return b.payload
	case "external":
		return b.external
	}
	return nil
}

const typical = `{"if": [{"var": "payload.v.0"}, {"and": [
	{">": [{"var": "payload.v.0.dn"}, 1]},
	{"in": [{"var": "payload.v.0.mp"}, {"var": "external.products"}]},
	{"not-after": [
		{"plusTime": [{"var": "payload.v.0.dt"}, 14, "day"]},
		{"plusTime": [{"var": "external.validationClock"}, 0, "day"]},
		{"plusTime": [{"var": "payload.v.0.dt"}, 365, "day"]}]}]}, true]}`

func typicalData() any {
	when := "2021-06-01"
	return &both{
		payload:  &certificate{name: "THU", doses: entries{{product: "EU/1/20/1528", number: 2, at: &when}}},
		external: map[string]any{"products": products{"EU/1/20/1528": true}, "validationClock": "2021-07-01T12:00:00Z"},
	}
}

func TestDataWithoutMaps(t *testing.T) {
	t.Parallel()
	data := typicalData()
	for expr, want := range map[string]any{
		typical:                           true,
		`{"var": "payload.name"}`:         "THU",
		`{"var": "payload.v.0.dn"}`:       int64(2),
		`{"var": "payload.v.1"}`:          nil,
		`{"var": "payload.v.0.none"}`:     nil,
		`{"!": [{"var": "payload.v"}]}`:   false,
		`{"!": [{"var": "payload.v.0"}]}`: false,
		`{"reduce": [{"var": "payload.v"}, {"+": [{"var": "current.dn"}, {"var": "accumulator"}]}, 40]}`: int64(42),
	} {
		got, err := mustCompile(t, expr).Evaluate(data)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, %v, want %#v", expr, got, err, want)
		}
	}
	if _, err := mustCompile(t, `{"!": [{"var": "x"}]}`).Evaluate(map[string]any{"x": struct{}{}}); err == nil {
		t.Error("a Go struct counts as true or false")
	}
	if got, err := mustCompile(t, `{"var": "dt"}`).Evaluate(&entry{}); got != nil || err != nil {
		t.Errorf("an absent string: %v, %v", got, err)
	}
}

func TestHoldsWantsABoolean(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]bool{`true`: true, `false`: false, `{"!": [0]}`: true} {
		if got, err := mustCompile(t, expr).Holds(nil); got != want || err != nil {
			t.Errorf("%s: %v, %v", expr, got, err)
		}
	}
	for _, expr := range []string{`1`, `"true"`, `[]`, `{"var": ""}`, `{"and": [1, 1]}`} {
		if got, err := mustCompile(t, expr).Holds(nil); got || err == nil {
			t.Errorf("%s holds: %v", expr, got)
		}
	}
}

func TestHoldingDoesNotAllocate(t *testing.T) {
	x, data := mustCompile(t, typical), typicalData()
	if n := testing.AllocsPerRun(100, func() {
		if ok, err := x.Holds(data); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestAProgramSharesNothingWrongly evaluates the same expressions alone and as a
// program, on one set of data after the other.
func TestAProgramSharesNothingWrongly(t *testing.T) {
	t.Parallel()
	exprs := []string{
		typical,
		`{"===": [{"var": "payload.v.0.mp"}, "EU/1/20/1528"]}`,
		`{"!": [{"var": "payload.v.0.mp"}]}`,
		`{"after": [{"plusTime": [{"var": "payload.v.0.dt"}, 14, "day"]}, {"plusTime": [{"var": "external.validationClock"}, 0, "day"]}]}`,
		`{"after": [{"plusTime": [{"var": "payload.v.0.dt"}, 15, "day"]}, {"dccDateOfBirth": [{"var": "payload.v.0.dt"}]}]}`,
		`{"===": [{"reduce": [{"var": "payload.v"}, {"+": [{"var": "current.dn"}, {"var": "accumulator"}]}, 0]}, 2]}`,
		`{"===": [{"reduce": [{"var": "payload.v"}, {"var": "payload.v.0.dn"}, 0]}, {"var": "payload.v.0.dn"}]}`,
		`{"reduce": [{"var": "payload.v"}, {"reduce": [[1], {"!": [{"var": "payload.v.0.mp"}]}, 0]}, 0]}`,
		`{"!": [{"var": "payload"}]}`,
		`{"!": [{"var": ""}]}`,
	}
	var program certlogic.Program
	var alone, shared []*certlogic.Expression
	for _, expr := range exprs {
		x, err := program.Compile([]byte(expr))
		if err != nil {
			t.Fatal(err)
		}
		alone, shared = append(alone, mustCompile(t, expr)), append(shared, x)
	}
	for _, data := range []any{
		typicalData(), map[string]any{}, nil, 1, typicalData(),
		decode(t, `{"payload": {"v": [{"dn": 1, "dt": "2021"}]}, "external": {"validationClock": "2021-02-01"}}`),
		decode(t, `{"payload": {"v": [{"dn": 2, "dt": "nonsense", "mp": "EU/1/20/1528"}, {"dn": 0}]}, "external": {"validationClock": "2021-02-01"}}`),
	} {
		run := program.Start(data)
		for i := range exprs {
			want, wantErr := alone[i].Holds(data)
			for range 2 {
				got, err := run.Holds(shared[i])
				if got != want || err != wantErr {
					t.Errorf("%s on %v: %v, %v, alone %v, %v", exprs[i], data, got, err, want, wantErr)
				}
			}
		}
		run.End()
	}
}

// TestDatesAgreeWithTheCalendar draws times and formats.
func TestDatesAgreeWithTheCalendar(t *testing.T) {
	t.Parallel()
	x := mustCompile(t, `{"plusTime": [{"var": ""}, 0, "day"]}`)
	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("", 60*rapid.IntRange(-14*60, 14*60).Draw(t, "offset"))
		want := time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "at")).In(zone)
		layout := rapid.SampledFrom([]string{"2006-01-02T15:04:05.000Z07:00", "2006-01-02T15:04:05.000-0700", "2006-01-02T15:04:05.000000-07:00"}).Draw(t, "layout")
		got, err := x.Evaluate(want.Format(layout))
		if err != nil || !got.(time.Time).Equal(want) {
			t.Fatalf("%s is read as %v, %v", want.Format(layout), got, err)
		}
	})
}

// FuzzCompile holds that what compiles can be evaluated on anything without a
// panic, and what does not has at least one issue or is no JSON.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{
		typical, `{"reduce": [{"var": "a"}, [{"var": ""}, {"var": "accumulator"}], 0]}`, `{"extractFromUVCI": [{"var": "c"}, 2]}`,
		`{"dccDateOfBirth": [{"var": "c"}]}`, `[1, {"+": [1, 2]}, {"in": [1, [1]]}]`, `{"<": [1, 2, 3]}`, `{"!": [""]}`, `{}`, `1e400`, `null`,
	} {
		f.Add([]byte(s), []byte(`{"a": [1, "x", null, 0.5, {}], "c": "2021-06-01T00:00:00+1"}`))
	}
	f.Fuzz(func(t *testing.T, expr, data []byte) {
		var on any
		if json.Unmarshal(data, &on) != nil {
			on = string(data)
		}
		flaws, err := certlogic.Validate(expr)
		x, failed := certlogic.Compile(expr)
		if (failed == nil) != (err == nil && len(flaws) == 0) {
			t.Fatalf("%v and %v, but compiling says %v", flaws, err, failed)
		}
		if failed != nil {
			return
		}
		whole, err := x.Evaluate(on)
		holds, err2 := x.Holds(on)
		if err2 == nil && (err != nil || whole != holds) {
			t.Fatalf("it comes out as %v, %v and as %v", whole, err, holds)
		}
	})
}

func ExampleExpression_Holds() {
	minor, err := certlogic.Compile([]byte(`{"after": [
		{"dccDateOfBirth": [{"var": "payload.dob"}]},
		{"plusTime": [{"var": "external.validationClock"}, -18, "year"]}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(minor.Holds(map[string]any{
		"payload":  map[string]any{"dob": "2004"},
		"external": map[string]any{"validationClock": "2022-06-01T12:00:00Z"},
	}))
	// Output: true <nil>
}

func ExampleProgram() {
	var rules certlogic.Program
	twoDoses, err := rules.Compile([]byte(`{">=": [{"var": "payload.v.0.dn"}, 2]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	notThree, err := rules.Compile([]byte(`{"<": [{"var": "payload.v.0.dn"}, 3]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	run := rules.Start(map[string]any{"payload": map[string]any{"v": []any{map[string]any{"dn": 3}}}})
	defer run.End()
	fmt.Println(run.Holds(twoDoses))
	fmt.Println(run.Holds(notThree))
	// Output:
	// true <nil>
	// false <nil>
}

func ExampleValidate() {
	issues, err := certlogic.Validate([]byte(`{"and": [{"or": [1, 2]}]}`))
	for _, i := range issues {
		fmt.Println(i.Message)
	}
	fmt.Println(err)
	// Output:
	// an "and" operation must have at least 2 operands, but it has 1
	// unrecognised operator: "or"
	// <nil>
}

func BenchmarkHolds(b *testing.B) {
	x, data := mustCompile(b, typical), typicalData()
	b.ReportAllocs()
	for b.Loop() {
		if ok, err := x.Holds(data); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := certlogic.Compile([]byte(typical)); err != nil {
			b.Fatal(err)
		}
	}
}
