package intake

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"chot/kiosk/record"
)

func TestDerive(t *testing.T) {
	t.Parallel()
	person := record.Person{Document: "0301 9900 0001", Phone: "+84 912-345-678"}
	for _, c := range []struct {
		name    string
		body    record.Body
		level   uint8
		labels  []string
		lookups map[string]string
	}{
		{"a visit names no person", record.Visit{Level: 2, Family: "eu-dcc", Direction: record.In, Reasons: []record.Reason{{Code: "expired"}}}, 2,
			[]string{"level/amber", "reason/expired", "family/eu-dcc", "direction/in"}, nil},
		{"fever", record.Visit{Level: 3, Temperature: 375}, 3, []string{"level/red", "fever"}, nil},
		{"no fever", record.Visit{Level: 1, Temperature: 374}, 1, []string{"level/green"}, nil},
		{"a label that is no code is not counted", record.Visit{Level: 1, Family: "a b", Reasons: []record.Reason{{Code: strings.Repeat("x", 41)}}}, 1,
			[]string{"level/green"}, nil},
		{"a declaration is found by its person", record.Declaration{Level: 1, Number: "d-1", Person: person}, 1, []string{"level/green"},
			map[string]string{"document": "030199000001", "phone": "0912345678", "number": "D1"}},
		{"a masked document finds no person", record.Order{Person: record.Person{Document: "0301****0001"}}, 0, nil, nil},
		{"a result is found by its tube", record.Result{Tube: "T1", Outcome: record.Positive}, 0, []string{"outcome/positive"}, map[string]string{"tube": "T1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var f facts
			f.derive(record.Record{Time: time.Unix(0, 0), Body: c.body})
			var labels []string
			for _, l := range f.labels {
				labels = append(labels, l.Value())
			}
			lookups := map[string]string{}
			for _, l := range f.lookups {
				lookups[l.field] = l.value
			}
			if f.level != c.level || !slices.Equal(labels, c.labels) || !maps.Equal(lookups, c.lookups) {
				t.Errorf("level %d, labels %q, lookups %q", f.level, labels, lookups)
			}
		})
	}
}

// FuzzDerive hands the facts of whatever a kiosk may have sealed: the labels that
// go to a table stay few, short and plain.
func FuzzDerive(f *testing.F) {
	for _, body := range []record.Body{
		record.Visit{Family: "eu-dcc", Level: 1, Reasons: []record.Reason{{Code: "x"}}},
		record.Declaration{Person: record.Person{Phone: "+84912345678"}}, record.Health{Version: "1", Conditions: []record.Condition{{Code: "c"}}},
	} {
		payload, err := record.Encode(body)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(body.Kind()), payload)
	}
	f.Fuzz(func(t *testing.T, kind uint8, payload []byte) {
		r, err := record.Decode(record.Kind(kind), time.Now(), payload)
		if err != nil {
			return
		}
		var facts facts
		facts.derive(r)
		if len(facts.labels) > 16 || len(facts.lookups) > 4 {
			t.Errorf("%d labels, %d lookups", len(facts.labels), len(facts.lookups))
		}
		for _, l := range facts.labels {
			if label := l.Value(); len(label) > 60 || strings.ContainsFunc(label, func(r rune) bool { return r != '/' && notCode(r) }) {
				t.Errorf("the label %q", label)
			}
		}
	})
}
