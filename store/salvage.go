package store

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// found is what is left in a damaged file.
type found struct {
	s      *state // nil where none holds
	chunks []keyed
	lost   []Span // of the chain that grew, without those that were known before
}

// keyed is a chunk at its place.
type keyed struct {
	place   uint16
	first   uint64
	value   chunk
	entries []Entry
}

func (k keyed) end() Position {
	last := k.entries[len(k.entries)-1]
	return Position{Number: last.Number, Hash: last.Hash()}
}

// salvage reads every page of a file and puts together what can be proven, or at
// least not be disproven, to belong to its chains.
func salvage(path string) (*found, error) {
	p, err := openPages(path)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	f := &found{}
	candidates := map[string][]keyed{}
	for id := range p.count {
		b, err := p.page(id)
		if err != nil || b.flags() != flagLeaf {
			continue
		}
		f.gather(b, candidates)
	}
	if f.s == nil {
		return f, nil
	}
	for i := range f.s.Chains {
		c := &f.s.Chains[i]
		known := len(c.Lost)
		f.assemble(c, candidates)
		if c == f.s.live() {
			f.lost = c.Lost[known:]
		}
	}
	return f, nil
}

// gather takes the states and chunks from a leaf, whichever bucket it is of. Of
// the states the one whose chains reach farthest counts.
func (f *found) gather(b page, candidates map[string][]keyed) {
	elements, err := b.elements()
	if err != nil {
		return
	}
	for _, e := range elements {
		switch {
		case e.bucket && len(e.value) >= 16+pageHeader && little.Uint64(e.value) == 0:
			f.gather(page(e.value[16:]), candidates)
		case string(e.key) == string(keyState):
			if s, err := decodeState(e.value); err == nil && (f.s == nil || f.s.olderThan(s)) {
				f.s = s
			}
		case len(e.key) == 8:
			place, first := splitKey(e.key)
			if entries, err := chunk(e.value).unpack(first); err == nil {
				k := keyed{place, first, slices.Clone(e.value), entries}
				candidates[string(e.key)] = append(candidates[string(e.key)], k)
			}
		}
	}
}

func (s *state) olderThan(t *state) bool {
	a, b := s.live(), t.live()
	return cmp.Or(
		cmp.Compare(a.place, b.place),
		cmp.Compare(a.Head.Number, b.Head.Number),
		cmp.Compare(a.Covered.Number, b.Covered.Number),
		cmp.Compare(a.Base.Number, b.Base.Number),
		s.High.Compare(t.High),
	) < 0
}

// assemble picks the chunks of a chain and notes what is lost of it.
//
// A file holds old versions of its pages, so there may be several candidates
// under a key: shorter ones from before the chunk grew, longer ones from before an
// erasure. A candidate is proven when its end is known as the hash before another
// chunk or in the state. One that is not is taken only where nothing else is
// there: the seal will tell the province whether it holds.
func (f *found) assemble(c *Chain, candidates map[string][]keyed) {
	proven := map[Position]bool{c.Head: true, c.Covered: true, c.Base: true}
	var all []keyed
	for _, ks := range candidates {
		for _, k := range ks {
			if k.place == c.place && k.end().Number > c.Base.Number && k.end().Number <= c.Head.Number {
				all = append(all, k)
				proven[Position{Number: k.first - 1, Hash: k.entries[0].Prev}] = true
			}
		}
	}
	slices.SortFunc(all, func(a, b keyed) int {
		return cmp.Or(
			cmp.Compare(a.first, b.first),
			-compareBool(proven[a.end()], proven[b.end()]),
			-cmp.Compare(len(a.entries), len(b.entries)),
			cmp.Compare(len(a.value), len(b.value)), // erased payloads are shorter, or equal
		)
	})
	at := c.Base
	var lost []Span
	for i, k := range all {
		if k.first <= at.Number {
			continue
		}
		if k.first == at.Number+1 && k.entries[0].Prev != at.Hash && !proven[k.end()] {
			continue
		}
		if !proven[k.end()] && slices.ContainsFunc(all[i+1:], func(o keyed) bool {
			return o.first == k.end().Number+1 && proven[o.end()]
		}) {
			continue // the chunk after it holds, and names another hash
		}
		if k.first > at.Number+1 {
			lost = append(lost, Span{at.Number + 1, k.first - 1})
		}
		f.chunks = append(f.chunks, k)
		at = k.end()
	}
	if at.Number < c.Head.Number {
		lost = append(lost, Span{at.Number + 1, c.Head.Number})
		c.Head = at
	}
	fresh := slices.DeleteFunc(lost, func(l Span) bool { return c.lost(l.First, l.Last) })
	c.Lost = append(c.Lost, fresh...)
	if c.Covered.Number > c.Head.Number {
		c.Covered = c.Head
	}
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// mend sets the damaged file aside and goes on with a fresh one: what was left
// of the old chains, and a new chain, which begins with the record of the loss.
// The old chain ends: its head may be older than what the province has.
func (j *Journal) mend(cause error) error {
	j.o.Log.Error("the journal is damaged and is being set aside", "file", j.path, "cause", cause)
	aside, err := setAside(j.path, j.o.Clock())
	if err != nil {
		return fmt.Errorf("setting the damaged journal aside: %w", err)
	}
	incident := Incident{What: Damage, Time: j.o.Clock(), File: aside, Cause: cause.Error()}
	left, err := salvage(j.path)
	if err == nil {
		err = j.replace(left, incident)
	}
	if err != nil {
		// Without room for what was left, or with a disk that does not read: go
		// on with nothing; the file that was set aside keeps it.
		incident.Cause += "; salvaging it: " + err.Error()
		err = j.replace(&found{}, incident)
	}
	if err != nil {
		return fmt.Errorf("replacing the damaged journal: %w", err)
	}
	return nil
}

func (j *Journal) replace(left *found, incident Incident) (err error) {
	s := &state{Kiosk: j.o.Kiosk}
	place := uint16(0)
	if left.s != nil {
		if left.s.Kiosk != j.o.Kiosk {
			return errOtherKiosk(left.s.Kiosk, j.o.Kiosk)
		}
		s = left.s.clone()
		place = s.live().place + 1
		incident.Journal = s.live().Journal
		if len(left.lost) > 0 {
			incident.First, incident.Last = left.lost[0].First, left.lost[len(left.lost)-1].Last
		}
	}
	if err := s.begin(place, j.o.Rand); err != nil {
		return err
	}
	if incident.Time.Before(s.High) {
		incident.Time = s.High
	}
	d, err := j.draft()
	if err != nil {
		return err
	}
	err = d.put(func(put func(k, v []byte) error) error {
		for _, k := range left.chunks {
			c := Chain{place: k.place}
			if err := put(c.key(k.first), k.value); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return errors.Join(err, d.remove())
	}
	return j.adopt(d, s, func(w *writer) error { return w.note(incident) })
}
