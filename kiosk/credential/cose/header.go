package cose

import "math"

// header walks the entries of a message's header, whose keys are whole numbers
// or texts. A text has the label 0, which is not a registered one.
type header struct {
	label int64
	raw   []byte // the value, encoded

	r    reader[[]byte]
	h    head
	n    int
	bad  bool
	done bool
}

func openHeader(data []byte) header {
	m := header{r: reader[[]byte]{data: data, items: MaxItems}}
	h, ok := m.r.untagged()
	m.h, m.bad = h, !ok || h.major != mapping
	return m
}

// next goes to the next entry, false at the end.
func (m *header) next() bool {
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

func (m *header) entry() bool {
	m.label = 0
	h, ok := m.r.head()
	switch {
	case !ok:
		return false
	case h.major == unsigned && h.arg <= math.MaxInt64:
		m.label = int64(h.arg)
	case h.major == negative && h.arg <= math.MaxInt64:
		m.label = -1 - int64(h.arg)
	case h.major == textString && !h.indefinite():
		if _, ok := m.r.take(h.arg); !ok {
			return false
		}
	default:
		return false
	}
	start := m.r.pos
	if !m.r.skip(1) {
		return false
	}
	m.raw = m.r.data[start:m.r.pos]
	return true
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

// content is that of an encoded byte string or text.
func content(raw []byte) ([]byte, bool) {
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

// number is the value of an encoded whole number.
func number(raw []byte) (int64, bool) {
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
	}
	return 0, false
}
