package scanner

import (
	"time"
	"unicode/utf8"
)

// part is a code's place in a series that carries one message in up to sixteen
// codes (structured append, ISO/IEC 18004 clause 8).
type part struct {
	index, total int // total is 0 for a code that stands alone
	parity       int
	raw          []byte // its content before any character set
}

// parts gathers the codes of a series.
type parts struct {
	total, parity int
	have          [16][]byte
	last          time.Time
	since         [16]bool
}

// keeps is how long a series may take from one code to the next.
const keeps = 30 * time.Second

// join returns a code that stands alone as it is, and the code of a whole series
// when its last part has come. The parts may come in any order, in one frame or
// in many. Characters may be cut between two codes, so that only the whole is
// turned into text.
func (p *parts) join(c Code, now time.Time) (Code, bool) {
	if c.part.total < 2 {
		return c, true
	}
	if c.part.total != p.total || c.part.parity != p.parity || now.Sub(p.last) > keeps {
		*p = parts{total: c.part.total, parity: c.part.parity}
	}
	p.last = now
	p.have[c.part.index], p.since[c.part.index] = c.part.raw, true
	var whole []byte
	for i := range p.total {
		if !p.since[i] {
			return Code{}, false
		}
		whole = append(whole, p.have[i]...)
	}
	c.Bytes, c.Text, c.part = whole, wide(whole), part{}
	return c, true
}

// wide is bytes as text: UTF-8 if they are, else Latin-1.
func wide(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	out := make([]rune, len(b))
	for i, c := range b {
		out[i] = rune(c)
	}
	return string(out)
}
