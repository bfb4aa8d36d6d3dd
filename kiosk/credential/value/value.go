// Package value is what the content of a code decodes to, whether it came as CBOR
// or as JSON: a tree of values that may be asked for anything. What is absent or
// of another type answers with nothing, so that a field that only describes never
// stands in the way of reading the rest.
//
// Lists are walked by [Value.Items], [Value.Each] and [Value.Objects]; the members
// of an object by their names, or by [Value.Members].
package value

import (
	"encoding/json"
	"iter"
	"math"
	"strconv"
	"strings"
)

// kind is the type of a value, of those that JSON has.
type kind uint8

const (
	null kind = iota
	boolean
	integer
	float
	text
	list
	object
)

// Value is one decoded item and what is in it.
// All methods may be called on nil, which is what an absent value is: what only
// describes need not be there.
type Value struct {
	key    string // in the map that it is in
	text   string
	number int64 // of an integer; the bits of a float; 1 for true
	next   *Value
	first  *Value // of a list or an object
	kind   kind
}

// Get is a member of an object.
func (v *Value) Get(key string) *Value {
	if v == nil || v.kind != object {
		return nil
	}
	m := v.first
	for m != nil && m.key != key {
		m = m.next
	}
	return m
}

// Items are the items of a list. Of any other value there are none: what is in an
// object are members, which [Value.Get] and [Value.Members] give.
func (v *Value) Items() iter.Seq[*Value] {
	return func(yield func(*Value) bool) {
		if !v.IsList() {
			return
		}
		for item := v.first; item != nil && yield(item); item = item.next {
		}
	}
}

// Each are the items of a list, or the value itself where it stands without one:
// issuers write a single item either way.
func (v *Value) Each() iter.Seq[*Value] {
	if v.IsList() {
		return v.Items()
	}
	return func(yield func(*Value) bool) {
		if v.Given() {
			yield(v)
		}
	}
}

// Objects are those of [Value.Each] that are objects and say something: null, {}
// and {"a": null} are places in a form that were not filled in.
func (v *Value) Objects() iter.Seq[*Value] {
	return func(yield func(*Value) bool) {
		if !v.IsList() {
			if v.filled() {
				yield(v)
			}
			return
		}
		for item := v.first; item != nil; item = item.next {
			if item.filled() && !yield(item) {
				return
			}
		}
	}
}

// filled says whether it is an object with a member that is not null.
func (v *Value) filled() bool {
	if !v.IsObject() {
		return false
	}
	m := v.first
	for m != nil && m.kind == null {
		m = m.next
	}
	return m != nil
}

// Members are those of an object, by their names; of any other value there are
// none.
func (v *Value) Members() iter.Seq2[string, *Value] {
	return func(yield func(string, *Value) bool) {
		if !v.IsObject() {
			return
		}
		for m := v.first; m != nil && yield(m.key, m); m = m.next {
		}
	}
}

// Len is the number of items of a list, 0 for any other value.
func (v *Value) Len() (n int) {
	for range v.Items() {
		n++
	}
	return n
}

// Given says whether there is a value, and one other than null.
func (v *Value) Given() bool { return v != nil && v.kind != null }

// IsObject says whether it is one.
func (v *Value) IsObject() bool { return v != nil && v.kind == object }

// IsList says whether it is one.
func (v *Value) IsList() bool { return v != nil && v.kind == list }

// IsNull says whether it is null or undefined, which is not the same as absent.
func (v *Value) IsNull() bool { return v != nil && v.kind == null }

// Text is the content of a text, "" and false for any other value.
func (v *Value) Text() (string, bool) {
	if v == nil || v.kind != text {
		return "", false
	}
	return v.text, true
}

// String is the content of a text, "" for any other value.
func (v *Value) String() string {
	s, _ := v.Text()
	return s
}

// Int is a whole number, 0 and false for any other value.
func (v *Value) Int() (int64, bool) {
	if v == nil || v.kind != integer {
		return 0, false
	}
	return v.number, true
}

// Whole is a whole number, however it is written: 2, 2.0 or "2".
func (v *Value) Whole() (int64, bool) {
	if v == nil {
		return 0, false
	}
	switch v.kind {
	case float:
		f := math.Float64frombits(uint64(v.number))
		n := int64(f)
		return n, math.Abs(f) < 1<<53 && float64(n) == f
	case text:
		n, err := strconv.ParseInt(strings.TrimSpace(v.text), 10, 64)
		return n, err == nil
	}
	return v.Int()
}

// Float is a number, 0 and false for any other value.
func (v *Value) Float() (float64, bool) {
	switch {
	case v == nil:
	case v.kind == float:
		return math.Float64frombits(uint64(v.number)), true
	case v.kind == integer:
		return float64(v.number), true
	}
	return 0, false
}

// Any is the value for engines that look into data of any kind: nil, *string,
// *int64, bool, float64, [*List] or [*Object]. It does not allocate but for
// floats.
func (v *Value) Any() any {
	if v == nil {
		return nil
	}
	switch v.kind {
	case boolean:
		return v.number == 1
	case integer:
		return &v.number
	case float:
		return math.Float64frombits(uint64(v.number))
	case text:
		return &v.text
	case list:
		return (*List)(v)
	case object:
		return (*Object)(v)
	}
	return nil
}

// Object is an object, for engines that ask for members by name.
type Object Value

// Member is a member as [Value.Any] gives it, nil if absent.
func (o *Object) Member(name string) any { return (*Value)(o).Get(name).Any() }

// MarshalJSON writes it as JSON.
func (o *Object) MarshalJSON() ([]byte, error) { return (*Value)(o).MarshalJSON() }

// List is a list, for engines that ask for items by number.
type List Value

// Len is the number of items.
func (l *List) Len() int { return (*Value)(l).Len() }

// At is item i, from 0, as [Value.Any] gives it; nil if absent.
func (l *List) At(i int) any {
	v := l.first
	for ; i > 0 && v != nil; i-- {
		v = v.next
	}
	return v.Any()
}

// MarshalJSON writes it as JSON.
func (l *List) MarshalJSON() ([]byte, error) { return (*Value)(l).MarshalJSON() }

// MarshalJSON writes it as JSON.
func (v *Value) MarshalJSON() ([]byte, error) { return v.append(nil) }

func (v *Value) append(out []byte) ([]byte, error) {
	if v == nil || v.kind < list {
		leaf, err := json.Marshal(v.Any())
		return append(out, leaf...), err
	}
	begin, end := byte('['), byte(']')
	if v.kind == object {
		begin, end = '{', '}'
	}
	out = append(out, begin)
	for m := v.first; m != nil; m = m.next {
		if m != v.first {
			out = append(out, ',')
		}
		if v.kind == object {
			key, err := json.Marshal(m.key)
			if err != nil {
				return nil, err
			}
			out = append(append(out, key...), ':')
		}
		var err error
		if out, err = m.append(out); err != nil {
			return nil, err
		}
	}
	return append(out, end), nil
}
