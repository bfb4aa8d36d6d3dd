package sampling

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"chot/kiosk/record"
)

// Ledger is the desk's book. It is never changed: what is done gives a new one.
type Ledger struct {
	tubes map[string]Tube
	desk  counters
}

// counters are the numbers of the desk.
type counters struct {
	Next  uint64 `cbor:"1,keyasint"` // of the kiosk's own tubes, the last one given
	Shift int    `cbor:"2,keyasint"`
}

// Problem is why something cannot be done, for the UI to word.
type Problem string

func (p Problem) Error() string { return "sampling: " + string(p) }

// The problems.
const (
	TubeUsed    Problem = "tube-used"    // the number was given out before
	TubeUnknown Problem = "tube-unknown" // no such tube in this shift
	NotReady    Problem = "not-ready"    // its label was not scanned back
	PoolFull    Problem = "pool-full"
	PoolSmall   Problem = "pool-small" // too few members to be closed
	PoolClosed  Problem = "pool-closed"
	NobodyThere Problem = "nobody-there" // no member to undo
	Unbalanced  Problem = "unbalanced"
)

// Keys of the store, see Load.
const (
	deskKey = "desk"
	tubeKey = "tube/"
)

// Load reads the ledger from what was stored: the values by key. What cannot be
// read is left out and named in the error; the ledger is good all the same.
func Load(stored map[string][]byte) (Ledger, error) {
	l := Ledger{tubes: make(map[string]Tube)}
	var errs []error
	if data, ok := stored[deskKey]; ok {
		if err := decoding.Unmarshal(data, &l.desk); err != nil {
			errs = append(errs, fmt.Errorf("reading the desk's counters: %w", err))
		}
	}
	for key, data := range stored {
		if len(key) <= len(tubeKey) || key[:len(tubeKey)] != tubeKey {
			continue
		}
		t, err := decodeTube(data)
		if err == nil && t.Number != key[len(tubeKey):] {
			err = fmt.Errorf("the tube %q is stored as %q", t.Number, key)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		l.tubes[t.Number] = t
	}
	return l, errors.Join(errs...)
}

// Stored is the key and value under which a tube is stored.
func (t Tube) Stored() (key string, value []byte) { return tubeKey + t.Number, t.Encode() }

// Stored is the key and value under which the counters are stored.
func (l Ledger) Stored() (key string, value []byte) {
	data, err := encoding.Marshal(l.desk)
	if err != nil {
		panic(err) // two numbers always encode
	}
	return deskKey, data
}

// With returns the ledger with a tube as it is given.
func (l Ledger) With(t Tube) Ledger {
	tubes := maps.Clone(l.tubes)
	if tubes == nil {
		tubes = make(map[string]Tube)
	}
	tubes[t.Number] = t
	l.tubes = tubes
	return l
}

// Tube returns a tube of any shift.
func (l Ledger) Tube(number string) (Tube, bool) {
	t, ok := l.tubes[number]
	return t, ok
}

// Tubes returns the tubes of this shift for which pick holds, the oldest first.
func (l Ledger) Tubes(pick func(Tube) bool) []Tube {
	var tubes []Tube
	for _, t := range l.tubes {
		if t.Shift == l.desk.Shift && pick(t) {
			tubes = append(tubes, t)
		}
	}
	slices.SortFunc(tubes, func(a, b Tube) int {
		return cmp.Or(cmp.Compare(a.Since, b.Since), cmp.Compare(a.Number, b.Number))
	})
	return tubes
}

// Give gives out a tube with the next number of the kiosk's series. Its label is
// to be printed and scanned back.
//
// Each day begins a new thousand: a kiosk that lost its memory does not give a
// number of an earlier day again.
func (l Ledger) Give(series string, now time.Time, technique record.Technique, pool bool, reason string) (Ledger, Tube) {
	day := max(int64(now.Sub(firstDay)/(24*time.Hour)), 0)
	l.desk.Next = max(l.desk.Next, uint64(day)*1000)
	for {
		l.desk.Next++
		number := fmt.Sprintf("%s-%07d", series, l.desk.Next)
		if _, used := l.tubes[number]; !used {
			t := Tube{
				Number: number, Stage: Given, Pool: pool, Technique: technique,
				Since: record.At(now), Shift: l.desk.Shift, Reason: reason,
			}
			return l.With(t), t
		}
	}
}

// firstDay is the day from which numbers are counted.
var firstDay = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Adopt takes on a tube that comes with a number of its own.
func (l Ledger) Adopt(number string, now time.Time, technique record.Technique, pool bool, reason string) (Ledger, Tube, error) {
	if _, used := l.tubes[number]; used {
		return l, Tube{}, TubeUsed
	}
	t := Tube{
		Number: number, Stage: Ready, Pool: pool, Technique: technique,
		Since: record.At(now), Shift: l.desk.Shift, Reason: reason,
	}
	return l.With(t), t, nil
}

// current returns a tube of this shift that is not done with.
func (l Ledger) current(number string) (Tube, error) {
	t, ok := l.tubes[number]
	switch {
	case !ok || t.Shift != l.desk.Shift:
		return Tube{}, TubeUnknown
	case t.Stage == Sealed:
		return Tube{}, PoolClosed
	case t.Stage.done():
		return Tube{}, TubeUsed
	}
	return t, nil
}

// Verify notes that a tube's label was scanned back.
func (l Ledger) Verify(number string) (Ledger, Tube, error) {
	t, err := l.current(number)
	if err != nil {
		return l, Tube{}, err
	}
	t.Stage = Ready
	return l.With(t), t, nil
}

// Take puts one more person's specimen into a tube: into a pool up to most
// members, else the one that it is for.
func (l Ledger) Take(number string, m Mark, most int, now time.Time) (Ledger, Tube, error) {
	t, err := l.current(number)
	switch {
	case err != nil:
		return l, Tube{}, err
	case t.Stage != Ready:
		return l, Tube{}, NotReady
	case t.Pool && len(t.Members) >= most:
		return l, Tube{}, PoolFull
	}
	t.Places++
	t.Members = append(slices.Clone(t.Members), Member{Place: t.Places, Mark: m})
	if !t.Pool {
		t.Stage, t.Taken = Sampled, record.At(now)
	}
	return l.With(t), t, nil
}

// Undo takes the last member out of a pool that is open. The specimen is the
// next tube's.
func (l Ledger) Undo(number string) (Ledger, Tube, error) {
	t, err := l.current(number)
	switch {
	case err != nil:
		return l, Tube{}, err
	case len(t.Members) == 0:
		return l, Tube{}, NobodyThere
	}
	t.Members = slices.Clone(t.Members[:len(t.Members)-1])
	return l.With(t), t, nil
}

// Seal closes a pool of at least that many members for good.
func (l Ledger) Seal(number string, least int, now time.Time) (Ledger, Tube, error) {
	t, err := l.current(number)
	switch {
	case err != nil:
		return l, Tube{}, err
	case !t.Pool || len(t.Members) < least:
		return l, Tube{}, PoolSmall
	}
	t.Stage, t.Taken = Sealed, record.At(now)
	return l.With(t), t, nil
}

// Void gives up a tube that is not sealed. An antigen test without a result may
// be given up as well.
func (l Ledger) Void(number string) (Ledger, Tube, error) {
	t, err := l.current(number)
	if old, ok := l.tubes[number]; ok && old.Shift == l.desk.Shift && old.Unread() {
		t, err = old, nil
	}
	if err != nil {
		return l, Tube{}, err
	}
	t.Stage = Voided
	return l.With(t), t, nil
}

// MarkRead notes that an antigen test has its result.
func (l Ledger) MarkRead(number string) (Ledger, Tube, error) {
	t, ok := l.tubes[number]
	if !ok || !t.Unread() {
		return l, Tube{}, TubeUnknown
	}
	t.Read = true
	return l.With(t), t, nil
}
