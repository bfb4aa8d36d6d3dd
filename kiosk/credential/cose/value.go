package cose

import (
	"encoding/json"
	"math"
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

// Value is one decoded item of CBOR and what is in it, as JSON would have it.
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

// First is the first item of a list, or the first member of an object.
func (v *Value) First() *Value {
	if v == nil {
		return nil
	}
	return v.first
}

// Next is what follows in the same list or object, nil at the end.
func (v *Value) Next() *Value { return v.next }

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

// Member is a member as [Value.Any] gives it, nil where there is none.
func (o *Object) Member(name string) any { return (*Value)(o).Get(name).Any() }

// MarshalJSON writes it as JSON.
func (o *Object) MarshalJSON() ([]byte, error) { return (*Value)(o).MarshalJSON() }

// List is a list, for engines that ask for items by number.
type List Value

// Len is the number of items.
func (l *List) Len() (n int) {
	for v := l.first; v != nil; v = v.next {
		n++
	}
	return n
}

// At is item i, from 0, as [Value.Any] gives it; nil where there is none.
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
