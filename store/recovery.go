package store

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// recovered is what is left in a damaged file.
type recovered struct {
	s      *state // the one that reaches farthest, nil where none holds
	chunks []recoveredChunk
	lost   []Span // of the chain that grew, without those that were known before

	heads map[uint16][]Position // by place: what all states, also old ones, say
}

// recoveredChunk is a chunk at its place.
type recoveredChunk struct {
	place   uint16
	first   uint64
	value   chunk
	entries []Entry
	proven  bool
}

func (k recoveredChunk) erased() (n int) {
	for _, e := range k.entries {
		if e.Sealed == nil {
			n++
		}
	}
	return n
}

func (k recoveredChunk) end() Position {
	last := k.entries[len(k.entries)-1]
	return Position{Number: last.Number, Hash: last.Hash()}
}

// recoverFile reads every page of a file and puts together what can be proven, or at
// least not be disproven, to belong to its chains.
func recoverFile(path string) (*recovered, error) {
	p, err := openBoltFile(path)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	f := &recovered{heads: map[uint16][]Position{}}
	candidates := map[string][]recoveredChunk{}
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
func (f *recovered) gather(b page, candidates map[string][]recoveredChunk) {
	elements, err := b.elements()
	if err != nil {
		return
	}
	var clock clockState
	for _, e := range elements {
		switch {
		case string(e.key) == string(keyClock): // before the state, by its key
			clock = decodeClock(e.value)
		case e.bucket && len(e.value) >= 16+pageHeader && little.Uint64(e.value) == 0:
			f.gather(page(e.value[16:]), candidates)
		case string(e.key) == string(keyState):
			s, err := decodeState(e.value)
			if err != nil {
				continue
			}
			for _, c := range s.Chains {
				f.heads[c.place] = append(f.heads[c.place], c.Base, c.Covered, c.Head)
			}
			s.clock = clock
			if f.s == nil || f.s.olderThan(s) {
				f.s = s
			}
		case len(e.key) == keySize:
			place, first := splitKey(e.key)
			if entries, err := chunk(e.value).unpack(first); err == nil {
				k := recoveredChunk{place: place, first: first, value: slices.Clone(e.value), entries: entries}
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
// under a key. One is proven when its end is a position that a state names, or
// that a proven chunk follows; it is disproven when such a position has another
// hash. One that is neither stands before a loss: it is taken, and the seal tells
// the province whether it holds.
func (f *recovered) assemble(c *Chain, candidates map[string][]recoveredChunk) {
	var all []recoveredChunk
	for _, ks := range candidates {
		for _, k := range ks {
			if k.place == c.place && k.end().Number > c.Base.Number {
				all = append(all, k)
			}
		}
	}
	// The last first; of those that begin at one place the longest, and then the
	// one with more erased: an old version must not bring a payload back.
	slices.SortFunc(all, func(a, b recoveredChunk) int {
		return cmp.Or(
			-cmp.Compare(a.first, b.first),
			-cmp.Compare(len(a.entries), len(b.entries)),
			-cmp.Compare(a.erased(), b.erased()),
		)
	})
	proven := map[uint64]Hash{}
	for _, p := range f.heads[c.place] {
		proven[p.Number] = p.Hash
	}
	c.extend(all, proven)
	best := map[uint64]recoveredChunk{}
	for _, k := range all {
		k.trim(proven)
		if len(k.entries) == 0 || k.end().Number > c.Head.Number {
			continue
		}
		if k.proven {
			proven[k.first-1] = k.entries[0].Prev
		}
		if b, ok := best[k.first]; !ok || k.proven && !b.proven {
			best[k.first] = k
		}
	}
	at := c.Base
	taken := f.chunks[len(f.chunks):]
	for _, first := range slices.Sorted(maps.Keys(best)) {
		k := best[first]
		if first <= at.Number {
			continue
		}
		if first == at.Number+1 && k.entries[0].Prev != at.Hash {
			if !k.proven || len(taken) == 0 {
				continue
			}
			taken = taken[:len(taken)-1] // the one before is not what was written
		}
		taken = append(taken, k)
		at = k.end()
	}
	f.chunks = append(f.chunks, taken...)
	c.account(taken)
}

// extend moves the head on along chunks that follow it: a state can be older than
// the chunks.
func (c *Chain) extend(all []recoveredChunk, proven map[uint64]Hash) {
	for grown := true; grown; {
		grown = false
		for _, k := range all {
			follows := k.first == c.Head.Number+1 && k.entries[0].Prev == c.Head.Hash
			for _, e := range k.entries {
				follows = follows || e.Number == c.Head.Number && e.Hash() == c.Head.Hash
			}
			if end := k.end(); follows && end.Number > c.Head.Number {
				c.Head, grown = end, true
				proven[end.Number] = end.Hash
			}
		}
	}
}

// trim cuts entries off down to one whose hash is proven, all of them where one
// is disproven and none is proven.
func (k *recoveredChunk) trim(proven map[uint64]Hash) {
	disproven := false
	for n := len(k.entries); n > 0; n-- {
		e := k.entries[n-1]
		want, known := proven[e.Number]
		if known && want == e.Hash() {
			k.proven = true
			if n < len(k.entries) {
				k.entries = k.entries[:n]
				k.value = pack(k.entries)
			}
			return
		}
		disproven = disproven || known
	}
	if disproven {
		k.entries = nil
	}
}

// account sets head and losses by the chunks that were taken.
func (c *Chain) account(chunks []recoveredChunk) {
	head := c.Base
	var lost []Span
	gap := func(next uint64) {
		if next > head.Number+1 && !c.lost(head.Number+1, next-1) {
			lost = append(lost, Span{head.Number + 1, next - 1})
		}
	}
	for _, k := range chunks {
		gap(k.first)
		head = k.end()
	}
	gap(c.Head.Number + 1)
	c.Lost = append(c.Lost, lost...)
	c.Head = head
	if c.Covered.Number > c.Head.Number {
		c.Covered = c.Head
	}
}

// repair sets the damaged file aside and goes on with a new one: what was left
// of the old chains, and a new chain, which begins with the record of the loss.
// The old chain ends: its head may be older than what the province has.
func (j *Journal) repair(cause error) error {
	j.o.Log.Error("the journal is damaged and is being set aside", "file", j.path, "cause", cause)
	aside, err := setAside(j.path, j.o.Clock())
	if err != nil {
		return fmt.Errorf("setting the damaged journal aside: %w", err)
	}
	incident := Incident{What: Damage, Time: j.o.Clock(), File: aside, Cause: cause.Error()}
	left, err := recoverFile(j.path)
	if err == nil {
		err = j.replace(left, incident)
	}
	if err != nil {
		// Without room for what was left, or with a disk that does not read: go
		// on with nothing; the file that was set aside keeps it.
		incident.Cause += "; recovering it: " + err.Error()
		err = j.replace(&recovered{}, incident)
	}
	if err != nil {
		return fmt.Errorf("replacing the damaged journal: %w", err)
	}
	return nil
}

func (j *Journal) replace(left *recovered, incident Incident) (err error) {
	s := &state{Kiosk: j.o.Kiosk}
	if now := j.state.Load(); now != nil {
		s.clock = now.clock // what it was when the file was opened, and has been since
	}
	clock := s.clock
	place := uint16(0)
	if left.s != nil {
		if left.s.Kiosk != j.o.Kiosk {
			return errOtherKiosk(left.s.Kiosk, j.o.Kiosk)
		}
		s = left.s.clone()
		if clock != (clockState{}) {
			s.clock = clock
		}
		place = s.live().place + 1
		incident.Journal = s.live().Journal
		if len(left.lost) > 0 {
			incident.First, incident.Last = left.lost[0].First, left.lost[len(left.lost)-1].Last
		}
	}
	if err := s.begin(place, j.o.Rand); err != nil {
		return err
	}
	d, err := j.beginRewrite()
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
