package certlogic

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// Object is data with members that is not a map. Member returns nil for a
// member that it does not have.
type Object interface{ Member(name string) any }

// List is data with items that is not a slice.
type List interface {
	Len() int
	At(i int) any
}

// Set is a list of strings that knows its members, such as a value set.
type Set interface {
	List
	Has(member string) bool
}

type kind uint8

const (
	null kind = iota
	boolean
	integer
	fraction // a number that is no integer: data may hold one, no operation takes it
	text
	moment
	array
	object
	alien // a Go value that is no JSON
)

// value is a value in the making. It is passed by value so that evaluation
// does not allocate.
type value struct {
	kind kind
	n    int64  // boolean: 0 or 1; integer; moment: milliseconds since 1970
	s    string // text
	of   any    // array: []value, []any, []string, List; object: map[string]any, Object
}

func truth(b bool) value {
	if b {
		return value{kind: boolean, n: 1}
	}
	return value{kind: boolean}
}

// valueOf reads a Go value.
func valueOf(v any) value {
	switch v := v.(type) {
	case nil:
		return value{}
	case bool:
		return truth(v)
	case string:
		return value{kind: text, s: v}
	case int:
		return value{kind: integer, n: int64(v)}
	case int64:
		return value{kind: integer, n: v}
	case uint64:
		if v > math.MaxInt64 {
			return value{kind: fraction, n: 1}
		}
		return value{kind: integer, n: int64(v)}
	case float64:
		return number(v)
	case json.Number:
		if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
			return value{kind: integer, n: n}
		}
		f, err := v.Float64()
		if err != nil {
			return value{kind: alien}
		}
		return number(f)
	case *bool:
		if v == nil {
			return value{}
		}
		return truth(*v)
	case *string:
		if v == nil {
			return value{}
		}
		return value{kind: text, s: *v}
	case *int:
		if v == nil {
			return value{}
		}
		return value{kind: integer, n: int64(*v)}
	case *int64:
		if v == nil {
			return value{}
		}
		return value{kind: integer, n: *v}
	case []any, []string, List:
		return value{kind: array, of: v}
	case map[string]any, Object:
		return value{kind: object, of: v}
	}
	return value{kind: alien}
}

// number is an integer where f is one that a JavaScript number holds exactly.
func number(f float64) value {
	if f == math.Trunc(f) && math.Abs(f) <= 1<<53 {
		return value{kind: integer, n: int64(f)}
	}
	return value{kind: fraction, n: 1}
}

// goValue gives the value as encoding/json has it, a moment as time.Time. Each
// part takes a step: an array may hold the same array twice, and so on down.
func (v value) goValue(e *env) (any, error) {
	if err := e.step(); err != nil {
		return nil, err
	}
	switch v.kind {
	case boolean:
		return v.n != 0, nil
	case integer:
		return v.n, nil
	case text:
		return v.s, nil
	case moment:
		return time.UnixMilli(v.n).UTC(), nil
	case array:
		items := make([]any, v.len())
		for i := range items {
			var err error
			if items[i], err = v.at(i).goValue(e); err != nil {
				return nil, err
			}
		}
		return items, nil
	case object:
		if f, ok := v.of.(*fold); ok {
			return f.goValue(e)
		}
		return v.of, nil
	}
	return nil, nil
}

// len is the number of items of an array.
func (v value) len() int {
	switch items := v.of.(type) {
	case []value:
		return len(items)
	case []any:
		return len(items)
	case []string:
		return len(items)
	case List:
		return items.Len()
	}
	return 0
}

// at is an item of an array, null beyond its ends.
func (v value) at(i int) value {
	if i < 0 || i >= v.len() {
		return value{}
	}
	switch items := v.of.(type) {
	case []value:
		return items[i]
	case []any:
		return valueOf(items[i])
	case []string:
		return value{kind: text, s: items[i]}
	case List:
		return valueOf(items.At(i))
	}
	return value{}
}

// member is a member of an object, null if it is absent.
func (v value) member(name string) value {
	switch members := v.of.(type) {
	case map[string]any:
		return valueOf(members[name])
	case *fold:
		return members.member(name)
	case Object:
		return valueOf(members.Member(name))
	}
	return value{}
}

// same is strict equality. Arrays, objects and moments equal nothing: the
// specification leaves them open.
func same(a, b value) bool {
	switch {
	case a.kind != b.kind:
		return false
	case a.kind == text:
		return a.s == b.s
	case a.kind <= integer:
		return a.n == b.n
	}
	return false
}

// contains says whether an array has an item that is the same as v.
func (v value) contains(item value) bool {
	if set, ok := v.of.(Set); ok && item.kind == text {
		return set.Has(item.s)
	}
	for i := range v.len() {
		if same(v.at(i), item) {
			return true
		}
	}
	return false
}

// truthy says whether a value counts as true or as false; ok is false where it
// is neither.
func (v value) truthy() (yes, ok bool) {
	switch v.kind {
	case null:
		return false, true
	case boolean, integer, fraction:
		return v.n != 0, true
	case text:
		return v.s != "", true
	case array:
		return v.len() > 0, true
	case object:
		members, isMap := v.of.(map[string]any)
		return !isMap || len(members) > 0, true
	}
	return false, false
}
