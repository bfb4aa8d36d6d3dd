package record

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

type nobody struct{ Guests []Person }

func (nobody) Kind() Kind { return 250 }

type mislabelled struct{}

func (mislabelled) Kind() Kind { return 251 }

// A kind that holds a person cannot be declared impersonal, and no number is given
// twice: the program does not start.
func TestAKindThatIsDeclaredWronglyPanics(t *testing.T) {
	for name, c := range map[string]struct {
		declare func()
		says    string
	}{
		"a hidden person": {func() { impersonal[nobody](250, "nobody") }, "holds a person"},
		"a taken number":  {func() { impersonal[Visit](KindVisit, "again") }, "taken"},
		"another number":  {func() { impersonal[mislabelled](252, "mislabelled") }, "not its body's"},
	} {
		func() {
			defer func() {
				if said := fmt.Sprint(recover()); !strings.Contains(said, c.says) {
					t.Errorf("%s: %s", name, said)
				}
			}()
			c.declare()
		}()
	}
}

// Every kind is kept about a person and says about whom, or holds no person.
func TestEveryKindSaysWhoseItIs(t *testing.T) {
	t.Parallel()
	who := Person{Name: "Nguyễn Thử", Document: "030199000001"}
	for _, kind := range Kinds() {
		body := reflect.New(reflect.TypeOf(kind.New())).Elem()
		field := body.FieldByName("Person")
		p, personal := kind.New().(Personal)
		if holds(body.Type(), reflect.TypeFor[Person]()) != personal {
			t.Errorf("%s: %T holds a person and is not Personal, or the other way round", kind, p)
			continue
		}
		if personal {
			field.Set(reflect.ValueOf(who))
			if got := body.Interface().(Personal).Subject(); got != who {
				t.Errorf("%s is about %+v", kind, got)
			}
		}
	}
}

// A NUL, which not every database stores, is read as U+FFFD wherever it stands;
// what has none is left alone.
func TestNULIsReplaced(t *testing.T) {
	t.Parallel()
	bad := Declaration{
		Number: "D\x00", Person: Person{Name: "A\x00B", Address: Address{Line: "\x00"}}, Symptoms: []string{"x\x00", "y"},
		Other: map[string]string{"q\x00": "a\x00"}, Reasons: []Reason{{Code: "c\x00", Rule: "r"}}, Level: 2,
	}
	want := Declaration{
		Number: "D\uFFFD", Person: Person{Name: "A\uFFFDB", Address: Address{Line: "\uFFFD"}}, Symptoms: []string{"x\uFFFD", "y"},
		Other: map[string]string{"q\uFFFD": "a\uFFFD"}, Reasons: []Reason{{Code: "c\uFFFD", Rule: "r"}}, Level: 2,
	}
	for _, c := range []struct{ in, want Body }{{bad, want}, {Visit{Family: "a", Level: 0}, Visit{Family: "a"}}, {Order{Number: "\x00"}, Order{Number: "\uFFFD"}}} {
		payload, err := Encode(c.in)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Decode(c.in.Kind(), noon, payload)
		if err != nil || !reflect.DeepEqual(r.Body, c.want) {
			t.Errorf("%+v is read as %+v, %v", c.in, r.Body, err)
		}
	}
}
