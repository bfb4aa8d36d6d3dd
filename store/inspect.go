package store

import (
	"errors"
	"fmt"
	"iter"
	"time"
)

// Inspection is a look into a journal's file, also one that a kiosk has open or
// that is damaged. It needs no key: it sees numbers, times, kinds and sizes.
type Inspection struct {
	Kiosk  string
	High   time.Time // the time of the last entry
	Floor  time.Time // of the clock, see [Clock]; zero before anything signed was seen
	Chains []Chain   // the last one grows

	path string
}

// Inspect reads what the journal in a file says of itself.
func Inspect(path string) (*Inspection, error) {
	i := &Inspection{path: path}
	err := i.each(func(s *state, _ *boltFile, _ buckets) error {
		i.Kiosk, i.High, i.Floor, i.Chains = s.Kiosk, s.High, s.clock.floor, s.Chains
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("inspecting the journal %s: %w", path, err)
	}
	return i, nil
}

func (i *Inspection) each(f func(*state, *boltFile, buckets) error) error {
	p, err := openBoltFile(i.path)
	if err != nil {
		return err
	}
	defer p.Close()
	m, _, err := p.meta()
	if err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	b, err := p.buckets(m)
	if err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	s, err := decodeState(b.state)
	if err != nil {
		return err
	}
	s.clock = decodeClock(b.clock)
	return f(s, p, b)
}

// Entries reads the entries of a chain and checks that they are one. It ends with
// an error where they are not.
func (i *Inspection) Entries(journal ID) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		err := i.each(func(s *state, p *boltFile, b buckets) error {
			c, err := s.chain(journal)
			if err != nil {
				return err
			}
			at, stopped := c.Base, false
			var failed error
			err = p.walk(b, func(k, v []byte) bool {
				var place uint16
				var first uint64
				if len(k) == keySize {
					place, first = splitKey(k)
				}
				if place != c.place {
					return true
				}
				var entries []Entry
				if entries, failed = chunk(v).unpackDamaged(first); failed != nil {
					return false
				}
				if first != at.Number+1 && c.lost(at.Number+1, first-1) {
					at = Position{Number: first - 1, Hash: entries[0].Prev}
				}
				var end Position
				if end, failed = Verify(at, entries); failed != nil {
					return false
				}
				at = end
				for _, e := range entries {
					if stopped = !yield(e, nil); stopped {
						return false
					}
				}
				return true
			})
			switch {
			case stopped:
				return nil
			case errors.Join(failed, err) != nil:
				return fmt.Errorf("%w: %w", errDamaged, errors.Join(failed, err))
			case at != c.Head:
				return fmt.Errorf("%w: the entries end with %d, not with %d", errDamaged, at.Number, c.Head.Number)
			}
			return nil
		})
		if err != nil {
			yield(Entry{}, fmt.Errorf("inspecting the journal %s: %w", i.path, err))
		}
	}
}
