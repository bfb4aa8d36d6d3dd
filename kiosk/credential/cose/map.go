package cose

import "math"

// Map walks the entries of a CBOR map whose keys are whole numbers or texts,
// in the order in which they stand there:
//
//	for m := Open(raw); m.Next(); {
//		use(m.Label, m.Name, m.Raw)
//	}
//
// [Map.Err] says afterwards whether the map was sound to its end.
type Map struct {
	Label int64  // the key, where it is a whole number
	Name  string // the key, where it is a text
	Raw   []byte // the value, encoded

	r    reader[[]byte]
	h    head
	n    int
	bad  bool
	done bool
}

// Open starts walking the map that data holds.
func Open(data []byte) Map {
	m := Map{r: reader[[]byte]{data: data, items: MaxItems}}
	h, ok := m.r.untagged()
	m.h, m.bad = h, !ok || h.major != mapping
	return m
}

// Next goes to the next entry, false at the end.
func (m *Map) Next() bool {
	if m.bad || m.done {
		return false
	}
	if !m.r.more(m.h, m.n) {
		m.done = true
		m.bad = m.r.pos != len(m.r.data)
		return false
	}
	m.n++
	m.bad = !m.entry()
	return !m.bad
}

func (m *Map) entry() bool {
	m.Label, m.Name = 0, ""
	h, ok := m.r.head()
	switch {
	case !ok:
		return false
	case h.major == unsigned && h.arg <= math.MaxInt64:
		m.Label = int64(h.arg)
	case h.major == negative && h.arg <= math.MaxInt64:
		m.Label = -1 - int64(h.arg)
	case h.major == textString && !h.indefinite():
		name, ok := m.r.take(h.arg)
		if !ok {
			return false
		}
		m.Name = string(name)
	default:
		return false
	}
	start := m.r.pos
	if !m.r.skip(1) {
		return false
	}
	m.Raw = m.r.data[start:m.r.pos]
	return true
}

// Err is [ErrMalformed] where the map broke off.
func (m *Map) Err() error {
	if m.bad {
		return ErrMalformed
	}
	return nil
}

// untagged reads the next head that is no tag.
func (r *reader[T]) untagged() (head, bool) {
	for range MaxDepth {
		h, ok := r.head()
		if !ok || h.major != tag {
			return h, ok
		}
	}
	return head{}, false
}

// Bytes is the content of an encoded byte string or text.
func Bytes(raw []byte) ([]byte, bool) {
	r := reader[[]byte]{data: raw, items: MaxItems}
	h, ok := r.untagged()
	if !ok || h.major != byteString && h.major != textString {
		return nil, false
	}
	if h.indefinite() {
		s, ok := r.chunks(h.major)
		return []byte(s), ok && r.pos == len(raw)
	}
	b, ok := r.take(h.arg)
	return b, ok && r.pos == len(raw)
}

// Number is the value of an encoded whole number; of a floating-point number,
// which some issuers write times as, the whole part.
func Number(raw []byte) (int64, bool) {
	r := reader[[]byte]{data: raw, items: MaxItems}
	h, ok := r.untagged()
	if !ok || r.pos != len(raw) {
		return 0, false
	}
	switch {
	case h.major == unsigned && h.arg <= math.MaxInt64:
		return int64(h.arg), true
	case h.major == negative && h.arg <= math.MaxInt64:
		return -1 - int64(h.arg), true
	case h.major == simple:
		f, ok := h.float()
		return int64(f), ok && math.Abs(f) < 1<<53
	}
	return 0, false
}
