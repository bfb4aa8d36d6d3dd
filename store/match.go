package store

// parse finds what of the payload stands in the dictionary or earlier in itself,
// and appends what it consists of: sequences, and the literals of all of them
// and after the last.
func (d *shared) parse(found []sequence, literals, payload []byte) ([]sequence, []byte) {
	var seen places
	recent := d.offsets
	from := 0 // up to here the sequences reach
	for i := 0; i+minMatch <= len(payload); {
		m := d.longest(payload, from, i, &seen, &recent)
		if m.length == 0 {
			seen.add(payload, i)
			i++
			continue
		}
		// A better one may begin at the next byte.
		if i+1+minMatch <= len(payload) {
			seen.add(payload, i)
			if next := d.longest(payload, from, i+1, &seen, &recent); next.gain() > m.gain()+4 {
				m = next
			}
		}
		literals = append(literals, payload[from:m.start]...)
		found = append(found, sequence{
			literals: uint32(m.start - from), match: uint32(m.length),
			offset: repeated(&recent, m.offset, m.start > from),
		})
		from = m.start + m.length
		for i++; i < from && i+minMatch <= len(payload); i++ {
			seen.add(payload, i)
		}
		i = from
	}
	return found, append(literals, payload[from:]...)
}

// depth is how many places of the dictionary are tried.
const depth = 3

// places are the last ones of each hash in what is packed, few enough to be
// cleared for each record.
type places [1 << 9]uint16

func (p *places) of(payload []byte, i int) *uint16 { return &p[hash4(payload[i:])>>(32-9)] }
func (p *places) add(payload []byte, i int)        { *p.of(payload, i) = uint16(i) }

// like returns a place that may be like the one at i; where there is none, any.
func (p *places) like(payload []byte, i int) int { return int(*p.of(payload, i)) }

// match is a place that is the same as one before it.
type match struct {
	start, length int
	offset        int
	repeats       bool // one of the last three offsets
}

// gain is about how many bits the match saves.
func (m match) gain() int {
	cost := 14
	if m.repeats {
		cost = 4
	}
	return 8*m.length - cost
}

// longest returns the best match of what begins at i, none with length 0. It may
// begin earlier, after from.
func (d *shared) longest(payload []byte, from, i int, seen *places, recent *[3]int) (best match) {
	consider := func(offset int, repeats bool) {
		if m := d.extend(payload, from, i, offset); m.length > 0 {
			if m.repeats = repeats; best.length == 0 || m.gain() > best.gain() {
				best = m
			}
		}
	}
	for _, offset := range recent {
		consider(offset, true)
	}
	for at, n := int(d.at[hash4(payload[i:])>>(32-hashBits)]), 0; at > 0 && n < depth; at, n = int(d.before[at-1]), n+1 {
		consider(i+len(d.content)-(at-1), false)
	}
	if at := seen.like(payload, i); at < i {
		consider(i-at, false)
	}
	return best
}

// extend returns the match with what stands offset bytes before i, as long as it
// goes in both directions, none with length 0.
func (d *shared) extend(payload []byte, from, i, offset int) match {
	in, at := payload, i-offset
	if at < 0 {
		if in, at = d.content, at+len(d.content); at < 0 {
			return match{}
		}
	}
	n := 0
	for at+n < len(in) && i+n < len(payload) && in[at+n] == payload[i+n] {
		n++
	}
	if n < minMatch {
		return match{}
	}
	m := match{start: i, length: n, offset: offset}
	for m.start > from && at > 0 && in[at-1] == payload[m.start-1] {
		m.start, m.length, at = m.start-1, m.length+1, at-1
	}
	return m
}

// repeated returns the value that stands for an offset, and keeps the last three
// of them (RFC 8878, 3.1.1.5). Without literals before it a match does not
// repeat the last offset, so that its value is for another one.
func repeated(recent *[3]int, offset int, literals bool) uint32 {
	candidates := *recent
	if !literals {
		candidates = [3]int{recent[1], recent[2], recent[0] - 1}
	}
	value := uint32(offset) + 3
	for i, c := range candidates {
		if c == offset {
			value = uint32(i + 1)
			break
		}
	}
	switch offset {
	case recent[0]:
	case recent[1]:
		recent[0], recent[1] = offset, recent[0]
	default:
		recent[0], recent[1], recent[2] = offset, recent[0], recent[1]
	}
	return value
}
