package value

import "math"

// Arena makes values, many to an allocation. The zero value is ready.
type Arena struct{ room []Value }

// slab is as many values as a usual certificate has.
const slab = 28

func (a *Arena) make(k kind) *Value {
	if len(a.room) == 0 {
		a.room = make([]Value, slab)
	}
	v := &a.room[0]
	a.room = a.room[1:]
	v.kind = k
	return v
}

// Null makes null.
func (a *Arena) Null() *Value { return a.make(null) }

// Bool makes true or false.
func (a *Arena) Bool(b bool) *Value {
	v := a.make(boolean)
	if b {
		v.number = 1
	}
	return v
}

// Int makes a whole number.
func (a *Arena) Int(n int64) *Value {
	v := a.make(integer)
	v.number = n
	return v
}

// Float makes a number.
func (a *Arena) Float(f float64) *Value {
	v := a.make(float)
	v.number = int64(math.Float64bits(f))
	return v
}

// Text makes a text.
func (a *Arena) Text(s string) *Value {
	v := a.make(text)
	v.text = s
	return v
}

// List makes an empty list, to be filled by [Value.Append].
func (a *Arena) List() *Value { return a.make(list) }

// Object makes an object without members, to be filled by [Value.Append].
func (a *Arena) Object() *Value { return a.make(object) }

// Append puts an item into a list, or a member of that name into an object, after
// the one that was put into it last, nil for the first.
func (v *Value) Append(last *Value, key string, item *Value) {
	item.key = key
	if last == nil {
		v.first = item
		return
	}
	last.next = item
}
