package sampling

import (
	"maps"
	"strconv"
	"strings"
	"time"
)

// Balance is the count of a shift: Out = Sampled + Void + Open at any time.
type Balance struct {
	Out     int // tubes given out
	Sampled int // hold a specimen, a sealed pool counts once
	Void    int
	Open    int // not scanned back, without a specimen, not sealed, or not read
	Persons int // whose specimens are in those that are not void
}

// Balanced says whether the shift can end.
func (b Balance) Balanced() bool { return b.Open == 0 }

// Open says whether something is still to be done to the tube before the shift
// can end.
func (t Tube) Open() bool { return !t.Stage.done() || t.Unread() }

// Balance counts this shift.
func (l Ledger) Balance() Balance {
	var b Balance
	for _, t := range l.Tubes(func(Tube) bool { return true }) {
		b.Out++
		switch {
		case t.Open():
			b.Open++
		case t.Stage == Voided:
			b.Void++
		default:
			b.Sampled++
		}
		if t.Stage != Voided {
			b.Persons += len(t.Members)
		}
	}
	return b
}

// keepUsed is how long the numbers of tubes that came with their own are kept, so
// that none is used twice.
const keepUsed = 90 * 24 * time.Hour

// End ends the shift where it balances. It returns the keys of the tubes that need
// not be stored any more: the numbers that the kiosk has given are never given
// again, and old ones are beyond being mistaken. A number of its series that it
// has not come to, as on a tube of before it lost its memory, is kept as any
// other.
func (l Ledger) End(series string, now time.Time) (Ledger, []string, error) {
	if !l.Balance().Balanced() {
		return l, nil, Unbalanced
	}
	l.desk.Shift++
	l.tubes = maps.Clone(l.tubes)
	var dropped []string
	for number, t := range l.tubes {
		if l.hasPassed(series, number) || now.Sub(t.Since.Time()) > keepUsed {
			delete(l.tubes, number)
			dropped = append(dropped, tubeKey+number)
		}
	}
	return l, dropped, nil
}

// hasPassed says whether a number is one of the kiosk's series up to the last that
// it gave.
func (l Ledger) hasPassed(series, number string) bool {
	tail, own := strings.CutPrefix(number, series+"-")
	n, err := strconv.ParseUint(tail, 10, 64)
	return own && err == nil && n <= l.desk.Next
}
