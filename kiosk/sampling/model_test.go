package sampling

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chot/kiosk/record"
)

// model is the desk's book as a clerk would keep it: a page a tube, and for each
// act the rule that it goes by. It is written apart from the ledger, which is
// compared with it as a whole after every act.
type model struct {
	tubes map[string]*Tube
	given uint64 // the last number of the kiosk's series
	shift int
	now   time.Time
}

const (
	series         = "TK"
	maxInPool      = 4
	minInPool      = 2
	daysOfNumbers  = 90
	numbersPerDay  = 1000
	firstDayOfBook = "2026-01-01"
)

func (m *model) open(number string) (*Tube, error) {
	t := m.tubes[number]
	switch {
	case t == nil || t.Shift != m.shift:
		return nil, TubeUnknown
	case t.Stage == Sealed:
		return nil, PoolClosed
	case t.Stage == Sampled, t.Stage == Voided:
		return nil, TubeUsed
	}
	return t, nil
}

func (m *model) give(technique record.Technique, pool bool, reason string) Tube {
	first, _ := time.Parse(time.DateOnly, firstDayOfBook)
	if day := m.now.Sub(first) / (24 * time.Hour); day > 0 {
		m.given = max(m.given, uint64(day)*numbersPerDay)
	}
	number := ""
	for number == "" || m.tubes[number] != nil {
		m.given++
		number = fmt.Sprintf("%s-%07d", series, m.given)
	}
	m.tubes[number] = &Tube{
		Number: number, Stage: Given, Pool: pool, Technique: technique, Since: record.At(m.now), Shift: m.shift, Reason: reason,
	}
	return *m.tubes[number]
}

func (m *model) adopt(number string, technique record.Technique, pool bool, reason string) (Tube, error) {
	if m.tubes[number] != nil {
		return Tube{}, TubeUsed
	}
	m.tubes[number] = &Tube{
		Number: number, Stage: Ready, Pool: pool, Technique: technique, Since: record.At(m.now), Shift: m.shift, Reason: reason,
	}
	return *m.tubes[number], nil
}

func (m *model) act(what, number string, mark Mark) (Tube, error) {
	if t := m.tubes[number]; t != nil && t.Technique == record.Antigen && t.Stage == Sampled && !t.Read {
		switch {
		case what == "read":
			t.Read = true
			return copied(t), nil
		case what == "void" && t.Shift == m.shift:
			t.Stage = Voided
			return copied(t), nil
		}
	}
	if what == "read" {
		return Tube{}, TubeUnknown
	}
	t, err := m.open(number)
	if err != nil {
		return Tube{}, err
	}
	switch what {
	case "verify":
		t.Stage = Ready
	case "take":
		switch {
		case t.Stage == Given:
			return Tube{}, NotReady
		case t.Pool && len(t.Members) == maxInPool:
			return Tube{}, PoolFull
		}
		t.Places++
		t.Members = append(t.Members, Member{Place: t.Places, Mark: mark})
		if !t.Pool {
			t.Stage, t.Taken = Sampled, record.At(m.now)
		}
	case "undo":
		if len(t.Members) == 0 {
			return Tube{}, NobodyThere
		}
		t.Members = t.Members[:len(t.Members)-1]
	case "seal":
		if !t.Pool || len(t.Members) < minInPool {
			return Tube{}, PoolSmall
		}
		t.Stage, t.Taken = Sealed, record.At(m.now)
	case "void":
		t.Stage = Voided
	}
	return copied(t), nil
}

func copied(t *Tube) Tube {
	c := *t
	c.Members = slices.Clone(t.Members)
	return c
}

func (m *model) balance() (b Balance) {
	for _, t := range m.tubes {
		if t.Shift != m.shift {
			continue
		}
		b.Out++
		unread := t.Technique == record.Antigen && t.Stage == Sampled && !t.Read
		switch {
		case t.Stage == Given, t.Stage == Ready, unread:
			b.Open++
		case t.Stage == Voided:
			b.Void++
			continue
		default:
			b.Sampled++
		}
		b.Persons += len(t.Members)
	}
	return b
}

func (m *model) end() (dropped []string, err error) {
	if m.balance().Open > 0 {
		return nil, Unbalanced
	}
	m.shift++
	for number, t := range m.tubes {
		if passed := fmt.Sprintf("%s-%07d", series, m.given); strings.HasPrefix(number, series+"-") && number <= passed || m.now.Sub(t.Since.Time()) > daysOfNumbers*24*time.Hour {
			delete(m.tubes, number)
			dropped = append(dropped, "tube/"+number)
		}
	}
	return dropped, nil
}

// equal compares a tube of the ledger with the clerk's, whole.
func equal(a, b Tube) bool {
	if len(a.Members) == 0 && len(b.Members) == 0 {
		a.Members, b.Members = nil, nil
	}
	return reflect.DeepEqual(a, b)
}

// Whatever is done at the desk, in any order, over days, with restarts in between
// and the ledger of before still in use: every answer, every tube and the balance
// are the clerk's, and no number is given twice within a memory.
func TestTheLedgerIsTheClerksBook(t *testing.T) {
	t.Parallel()
	answers := map[string]int{} // how often each act went well, and with which problem not
	rapid.Check(t, func(t *rapid.T) {
		m := &model{tubes: map[string]*Tube{}, now: noon}
		var l Ledger
		stored := map[string][]byte{}
		given := map[string]bool{}
		answer := func(t *rapid.T, what string, next Ledger, got Tube, err error, want Tube, wrong error) {
			if err != wrong || !equal(got, want) {
				t.Fatalf("%s gives %+v, %v; want %+v, %v", what, got, err, want, wrong)
			}
			if err == nil {
				key, value := got.Stored()
				stored[key] = value
			} else if !reflect.DeepEqual(next, l) {
				t.Fatalf("%s failed with %v and changed the ledger", what, err)
			}
			l = next
			answers[fmt.Sprint(what, " ", wrong)]++
		}
		number := rapid.Custom(func(t *rapid.T) string {
			known := append(slices.Sorted(maps.Keys(m.tubes)), "LAB-0001")
			if rapid.IntRange(0, 4).Draw(t, "any") > 0 { // mostly one that something can be done to
				undone := slices.DeleteFunc(slices.Clone(known), func(n string) bool {
					_, err := m.open(n)
					return err != nil && !(m.tubes[n] != nil && m.tubes[n].Technique == record.Antigen && !m.tubes[n].Read)
				})
				if len(undone) > 0 {
					known = undone
				}
			}
			return rapid.SampledFrom(known).Draw(t, "tube")
		})
		technique := rapid.SampledFrom([]record.Technique{record.RTPCR, record.Antigen})
		acts := map[string]func(Ledger, string, Mark) (Ledger, Tube, error){
			"verify": func(l Ledger, n string, _ Mark) (Ledger, Tube, error) { return l.Verify(n) },
			"take":   func(l Ledger, n string, k Mark) (Ledger, Tube, error) { return l.Take(n, k, maxInPool, m.now) },
			"undo":   func(l Ledger, n string, _ Mark) (Ledger, Tube, error) { return l.Undo(n) },
			"seal":   func(l Ledger, n string, _ Mark) (Ledger, Tube, error) { return l.Seal(n, minInPool, m.now) },
			"void":   func(l Ledger, n string, _ Mark) (Ledger, Tube, error) { return l.Void(n) },
			"read":   func(l Ledger, n string, _ Mark) (Ledger, Tube, error) { return l.MarkRead(n) },
		}
		names := []string{"verify", "verify", "take", "take", "take", "take", "take", "undo", "seal", "void", "read"}
		act := func(t *rapid.T) {
			what, n, mark := rapid.SampledFrom(names).Draw(t, "act"), number.Draw(t, "number"), Mark(rapid.IntRange(0, 4095).Draw(t, "mark"))
			// What is rarely possible is done where it is.
			switch tube := m.tubes[n]; {
			case tube == nil || !rapid.Bool().Draw(t, "as the desk does"):
			case tube.Technique == record.Antigen && tube.Stage == Sampled && !tube.Read:
				what = "read"
			case tube.Pool && len(tube.Members) >= minInPool:
				what = "seal"
			case tube.Stage == Given:
				what = "verify"
			case tube.Stage == Ready:
				what = "take"
			}
			before := l
			next, tube, err := acts[what](l, n, mark)
			want, wrong := m.act(what, n, mark)
			answer(t, what, next, tube, err, want, wrong)
			if old, ok := before.Tube(n); ok && err == nil && reflect.DeepEqual(old, tube) && what != "verify" {
				t.Fatalf("%s changed the ledger that it was done on", what)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"act": act, "act again": act, "act a third time": act,
			"fill a pool": func(t *rapid.T) {
				for n, tube := range m.tubes {
					if _, err := m.open(n); err != nil || !tube.Pool || tube.Stage != Ready {
						continue
					}
					for range rapid.IntRange(1, maxInPool+1).Draw(t, "persons") {
						next, got, err := l.Take(n, 1, maxInPool, m.now)
						want, wrong := m.act("take", n, 1)
						answer(t, "take", next, got, err, want, wrong)
					}
					return
				}
			},
			"give": func(t *rapid.T) {
				k, pool, reason := technique.Draw(t, "technique"), rapid.Bool().Draw(t, "pool"), rapid.SampledFrom([]string{"", "contact"}).Draw(t, "reason")
				next, tube := l.Give(series, m.now, k, pool, reason)
				answer(t, "give", next, tube, nil, m.give(k, pool, reason), nil)
				if given[tube.Number] {
					t.Fatalf("%s is given out twice", tube.Number)
				}
				given[tube.Number] = true
				key, value := l.Stored()
				stored[key] = value
			},
			"adopt": func(t *rapid.T) {
				// A laboratory's number, or one that the kiosk's series will come to.
				n := rapid.SampledFrom([]string{"LAB-0001", "LAB-0002", "LAB-0003", fmt.Sprintf("%s-%07d", series, max(m.given, 323000)+2)}).Draw(t, "number")
				k, pool := technique.Draw(t, "technique"), rapid.Bool().Draw(t, "pool")
				next, tube, err := l.Adopt(n, m.now, k, pool, "screening")
				want, wrong := m.adopt(n, k, pool, "screening")
				answer(t, "adopt", next, tube, err, want, wrong)
				given[n] = given[n] || err == nil && strings.HasPrefix(n, series)
			},
			"end the shift": func(t *rapid.T) {
				next, dropped, err := l.End(series, m.now)
				want, wrong := m.end()
				slices.Sort(dropped)
				slices.Sort(want)
				if err != wrong || !slices.Equal(dropped, want) {
					t.Fatalf("the shift ends with %v, %v; want %v, %v", dropped, err, want, wrong)
				}
				for _, key := range dropped {
					delete(stored, key)
				}
				l = next
				if err == nil {
					key, value := l.Stored()
					stored[key] = value
				}
				answers[fmt.Sprint("end ", wrong)]++
			},
			"void all that is open": func(*rapid.T) { // so that shifts end
				for _, n := range slices.Sorted(maps.Keys(m.tubes)) {
					next, tube, err := l.Void(n)
					want, wrong := m.act("void", n, 0)
					answer(t, "void", next, tube, err, want, wrong)
				}
			},
			"time passes": func(t *rapid.T) {
				m.now = m.now.Add(rapid.SampledFrom([]time.Duration{time.Second, time.Hour, 24 * time.Hour, 45 * 24 * time.Hour}).Draw(t, "time"))
			},
			"restart": func(t *rapid.T) {
				again, err := Load(maps.Clone(stored))
				if err != nil {
					t.Fatal(err)
				}
				l = again
			},
			"": func(t *rapid.T) {
				if got, want := l.Balance(), m.balance(); got != want || got.Out != got.Sampled+got.Void+got.Open || got.Balanced() != (want.Open == 0) {
					t.Fatalf("the balance is %+v, want %+v", got, want)
				}
				for n, want := range m.tubes {
					if got, ok := l.Tube(n); !ok || !equal(got, copied(want)) {
						t.Fatalf("%s is %+v, want %+v", n, got, *want)
					}
				}
				shift := l.Tubes(func(t Tube) bool { return t.Pool })
				for i, tube := range shift {
					if !tube.Pool || tube.Shift != m.shift || i > 0 && (shift[i-1].Since > tube.Since || shift[i-1].Since == tube.Since && shift[i-1].Number >= tube.Number) {
						t.Fatalf("the pools of the shift are %+v", shift)
					}
				}
				count := 0
				for _, tube := range m.tubes {
					if tube.Pool && tube.Shift == m.shift {
						count++
					}
				}
				if len(shift) != count {
					t.Fatalf("%d pools, want %d", len(shift), count)
				}
			},
		})
	})
	t.Logf("answers: %v", answers)
	for _, reached := range []string{"give <nil>", "adopt <nil>", "verify <nil>", "take <nil>", "seal <nil>", "void <nil>", "read <nil>", "end <nil>"} {
		if answers[reached] == 0 {
			t.Errorf("never: %s", reached)
		}
	}
}

// The words of problems are the UI's keys, the keys and bytes of the store those
// of ledgers that lie on cards: both stay.
func TestWhatIsStoredStays(t *testing.T) {
	t.Parallel()
	for problem, want := range map[Problem]string{
		TubeUsed: "tube-used", TubeUnknown: "tube-unknown", NotReady: "not-ready", PoolFull: "pool-full", PoolSmall: "pool-small",
		PoolClosed: "pool-closed", NobodyThere: "nobody-there", Unbalanced: "unbalanced",
	} {
		if problem.Error() != "sampling: "+want {
			t.Errorf("%q is %q", want, problem)
		}
	}
	for stage, want := range map[Stage]string{0: "", Given: "out", Ready: "open", Sampled: "sampled", Sealed: "closed", Voided: "void", 6: "", 255: ""} {
		if stage.String() != want {
			t.Errorf("stage %d is %q, want %q", stage, stage, want)
		}
	}
	full := Tube{
		Number: "TK-0323001", Stage: Sealed, Pool: true, Technique: record.Antigen, Members: []Member{{Place: 1, Mark: 7}, {Place: 3, Mark: 9}}, Places: 3,
		Since: record.At(noon), Taken: record.At(noon.Add(time.Hour)), Read: true, Shift: 2, Reason: "contact",
	}
	key, value := full.Stored()
	if key != "tube/TK-0323001" || fmt.Sprintf("%x", value) != "ab016a544b2d30333233303031020403f5040205828201078203090603081a6b003640091a6b0044500af50b020c67636f6e74616374" {
		t.Errorf("a tube is stored as %q, %x", key, value)
	}
	l, err := Load(map[string][]byte{key: value, "desk": {0xa2, 0x01, 0x19, 0x03, 0xe8, 0x02, 0x05}, "tube": {0}, "tube/": {0}, "tubes/x": {0}})
	got, _ := l.Tube("TK-0323001")
	if err != nil || !reflect.DeepEqual(got, full) || l.desk != (counters{Next: 1000, Shift: 5}) {
		t.Errorf("read %+v, %+v, %v", got, l.desk, err)
	}
	if key, value := l.Stored(); key != "desk" || fmt.Sprintf("%x", value) != "a2011903e80205" {
		t.Errorf("the counters are stored as %q, %x", key, value)
	}
}

// Each way in which a stored tube contradicts itself, with its neighbour that does
// not.
func TestStoredTubesThatContradictThemselves(t *testing.T) {
	t.Parallel()
	good := Tube{Number: "A-00001", Stage: Ready, Pool: true, Members: []Member{{Place: 1}, {Place: 2}}, Places: 2}
	for name, c := range map[string]struct {
		change func(*Tube)
		ok     bool
	}{
		"nothing":                        {func(*Tube) {}, true},
		"no number":                      {func(t *Tube) { t.Number = "" }, false},
		"no stage":                       {func(t *Tube) { t.Stage = 0 }, false},
		"a stage to come":                {func(t *Tube) { t.Stage = 6 }, false},
		"the last stage":                 {func(t *Tube) { t.Stage = Voided }, true},
		"a place twice":                  {func(t *Tube) { t.Members[1].Place = 1 }, false},
		"a place before the first":       {func(t *Tube) { t.Members[0].Place = 0 }, false},
		"a place beyond the last":        {func(t *Tube) { t.Places = 1 }, false},
		"a place that was undone":        {func(t *Tube) { t.Places = 3 }, true},
		"no members, and places undone":  {func(t *Tube) { t.Members = nil }, true},
		"no members, places below none":  {func(t *Tube) { t.Members, t.Places = nil, -1 }, false},
		"a member less than the numbers": {func(t *Tube) { t.Members = t.Members[:1] }, true},
	} {
		tube := good
		tube.Members = slices.Clone(good.Members)
		c.change(&tube)
		l, err := Load(map[string][]byte{"tube/" + tube.Number: tube.Encode(), "tube/B-00001": Tube{Number: "B-00001", Stage: Given}.Encode()})
		got, read := l.Tube(tube.Number)
		if tube.Number == "" { // a key without a number is not a tube's
			if _, read := l.Tube(""); read {
				t.Errorf("%s: read", name)
			}
			if _, err := decodeTube(tube.Encode()); err == nil {
				t.Errorf("%s: decoded", name)
			}
			continue
		}
		if read != c.ok || (err == nil) != c.ok || c.ok && !equal(got, tube) {
			t.Errorf("%s: read %v, %+v, %v", name, read, got, err)
		}
		if _, other := l.Tube("B-00001"); !other {
			t.Errorf("%s: the other tube is lost", name)
		}
		if err != nil && !strings.Contains(err.Error(), "A-00001") {
			t.Errorf("%s: %v does not name the tube", name, err)
		}
	}
	// Each value that lies under a key that is not its own, or cannot be read, is
	// named.
	_, err := Load(map[string][]byte{"desk": {0xff}, "tube/X-00001": good.Encode(), "tube/Y-00001": {0xff}})
	for _, says := range []string{"the desk's counters", `"A-00001" is stored as "tube/X-00001"`, "reading a tube"} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v does not say %q", err, says)
		}
	}
}
