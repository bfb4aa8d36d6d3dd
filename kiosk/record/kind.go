package record

import (
	"fmt"
	"reflect"
	"time"
)

// Kind says which body a record has. Kinds are written to disk: numbers are
// never reused.
type Kind uint8

// kinds has a row for each kind, by number. A body's file adds its row by
// [personal] or [impersonal]; nothing else lists the kinds.
var kinds [1 << 8]row

type row struct {
	name   string
	new    func() Body                // an empty body
	decode func([]byte) (Body, error) // nil for a number without a kind
}

// personal adds the row of a kind that is kept about a person: that its body says
// about whom is checked by the compiler.
func personal[B Personal](number Kind, name string) Kind { return add[B](number, name) }

// impersonal adds the row of a kind that names no person. A body that holds a
// [Person] all the same would be found, exported and erased by no part: it panics.
func impersonal[B Body](number Kind, name string) Kind {
	if holds(reflect.TypeFor[B](), reflect.TypeFor[Person]()) {
		panic(fmt.Sprintf("record: kind %q is declared impersonal and holds a person", name))
	}
	return add[B](number, name)
}

func add[B Body](number Kind, name string) Kind {
	var empty B
	if kinds[number].decode != nil || empty.Kind() != number {
		panic(fmt.Sprintf("record: the number %d of kind %q is taken, or is not its body's", number, name))
	}
	kinds[number] = row{name, func() Body { return empty }, func(payload []byte) (Body, error) {
		var b B
		err := decoding.Unmarshal(payload, &b)
		return b, err
	}}
	return number
}

// holds says whether a value of a type has one of another inside.
func holds(in, what reflect.Type) bool {
	switch {
	case in == what:
		return true
	case in.Kind() == reflect.Slice, in.Kind() == reflect.Pointer, in.Kind() == reflect.Array:
		return holds(in.Elem(), what)
	case in.Kind() == reflect.Map:
		return holds(in.Key(), what) || holds(in.Elem(), what)
	case in.Kind() == reflect.Struct:
		for i := range in.NumField() {
			if holds(in.Field(i).Type, what) {
				return true
			}
		}
	}
	return false
}

// String names the kind, "" for one that this version does not know.
func (k Kind) String() string { return kinds[k].name }

// Kinds returns the kinds that this version knows, by number.
func Kinds() (all []Kind) {
	for number, row := range kinds {
		if row.decode != nil {
			all = append(all, Kind(number))
		}
	}
	return all
}

// New returns an empty body of the kind, nil for one that this version does not
// know.
func (k Kind) New() Body {
	if kinds[k].new == nil {
		return nil
	}
	return kinds[k].new()
}

// Record is what happened, as it will be kept.
type Record struct {
	Time time.Time
	Body Body
}

// Body is the content of a record: one of this package's types, by value.
type Body interface{ Kind() Kind }

// Personal is a body that is kept about a person. The province finds, exports and
// erases it by what Subject returns.
type Personal interface {
	Body
	Subject() Person
}

// Numbered is a body that is found by numbers that were printed or scanned.
type Numbered interface {
	Body
	// Numbers yields what a number is of, "number" for a slip's or "tube", and the
	// number.
	Numbers(yield func(of, number string) bool)
}

// Judged is a body with a verdict.
type Judged interface {
	Body
	Verdict() Level
}

// Classified is a body that is counted by codes besides by its kind.
type Classified interface {
	Body
	// Codes yields what a code says, "reason" or "technique", and the code.
	Codes(yield func(of, code string) bool)
}
