package sampling

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chot/kiosk/record"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// store is what survives a restart.
type store map[string][]byte

func (s store) put(key string, value []byte) { s[key] = value }

// must fails the test where the desk refuses.
func must(t testing.TB) func(Ledger, Tube, error) (Ledger, Tube) {
	return func(l Ledger, tube Tube, err error) (Ledger, Tube) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return l, tube
	}
}

func TestATubeIsNeverUsedTwice(t *testing.T) {
	t.Parallel()
	l, tube := must(t)(Ledger{}.Adopt("LAB-0001", noon, record.RTPCR, false, ""))
	l, tube = must(t)(l.Take(tube.Number, 1, 5, noon))
	if tube.Stage != Sampled || tube.Taken != record.At(noon) {
		t.Errorf("with a specimen it is %+v", tube)
	}
	if _, _, err := l.Take("LAB-0001", 2, 5, noon); !errors.Is(err, TubeUsed) {
		t.Errorf("a second specimen gives %v", err)
	}
	if _, _, err := l.Adopt("LAB-0001", noon, record.RTPCR, false, ""); !errors.Is(err, TubeUsed) {
		t.Errorf("taking it on again gives %v", err)
	}
	next, _, err := l.End("TK01", noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := next.Adopt("LAB-0001", noon, record.RTPCR, false, ""); !errors.Is(err, TubeUsed) {
		t.Errorf("in the next shift it gives %v", err)
	}
	const kept = 90 * 24 * time.Hour
	on, _, err := next.End("TK01", noon.Add(kept))
	if _, ok := on.Tube("LAB-0001"); err != nil || !ok {
		t.Errorf("after %v it is gone: %v", kept, err)
	}
	later, dropped, err := next.End("TK01", noon.Add(kept+time.Second))
	if len(dropped) != 1 || dropped[0] != "tube/LAB-0001" {
		t.Errorf("dropped are %v", dropped)
	}
	if _, ok := next.Tube("LAB-0001"); !ok {
		t.Error("the ledger of before has lost it too")
	}
	if _, ok := later.Tube("LAB-0001"); err != nil || ok {
		t.Errorf("after more than %v it is still there", kept)
	}
}

func TestALabelIsScannedBackBeforeTheTubeCounts(t *testing.T) {
	t.Parallel()
	early, tube := Ledger{}.Give("TK01", firstDay.Add(-48*time.Hour), record.RTPCR, false, "")
	if _, next := early.Give("TK01", firstDay, record.RTPCR, false, ""); tube.Number != "TK01-0000001" || next.Number != "TK01-0000002" {
		t.Errorf("before the first day is %s, on it %s", tube.Number, next.Number)
	}
	if _, day := (Ledger{}).Give("TK01", firstDay.Add(24*time.Hour), record.RTPCR, false, ""); day.Number != "TK01-0001001" {
		t.Errorf("on the second day it is %s", day.Number)
	}
	l, tube := Ledger{}.Give("TK01", noon, record.RTPCR, false, "contact")
	if tube.Number != "TK01-0323001" || tube.Stage != Given || tube.Reason != "contact" {
		t.Errorf("given out is %+v", tube)
	}
	if _, _, err := l.Take(tube.Number, 1, 5, noon); !errors.Is(err, NotReady) {
		t.Errorf("a specimen before that gives %v", err)
	}
	l, _ = must(t)(l.Verify(tube.Number))
	must(t)(l.Take(tube.Number, 1, 5, noon))
	if _, second := l.Give("TK01", noon, record.RTPCR, false, ""); second.Number != "TK01-0323002" {
		t.Errorf("the next is %s", second.Number)
	}
}

func TestASealedPoolCannotChange(t *testing.T) {
	t.Parallel()
	l, _ := must(t)(Ledger{}.Adopt("P-0001", noon, record.RTPCR, true, ""))
	if _, _, err := l.Undo("P-0001"); !errors.Is(err, NobodyThere) {
		t.Errorf("undoing in an empty pool gives %v", err)
	}
	for i := range 3 {
		l, _ = must(t)(l.Take("P-0001", Mark(i), 3, noon))
	}
	if _, _, err := l.Take("P-0001", 9, 3, noon); !errors.Is(err, PoolFull) {
		t.Errorf("a fourth member gives %v", err)
	}
	l, tube := must(t)(l.Undo("P-0001"))
	l, tube = must(t)(l.Take("P-0001", 7, 3, noon))
	if last := tube.Members[2]; last.Place != 4 || last.Mark != 7 {
		t.Errorf("after an undone member the next is %+v", last)
	}
	if _, _, err := l.Seal("P-0001", 4, noon); !errors.Is(err, PoolSmall) {
		t.Errorf("sealing too few gives %v", err)
	}
	l, _ = must(t)(l.Seal("P-0001", 2, noon))
	_, _, take := l.Take("P-0001", 9, 5, noon)
	_, _, undo := l.Undo("P-0001")
	_, _, void := l.Void("P-0001")
	_, _, seal := l.Seal("P-0001", 2, noon)
	for _, err := range []error{take, undo, void, seal} {
		if !errors.Is(err, PoolClosed) {
			t.Errorf("changing a sealed pool gives %v", err)
		}
	}
}

func TestAnAntigenTestIsOpenUntilItIsRead(t *testing.T) {
	t.Parallel()
	l, _ := must(t)(Ledger{}.Adopt("A-00001", noon, record.Antigen, false, ""))
	l, _ = must(t)(l.Take("A-00001", 1, 5, noon))
	if _, _, err := l.End("TK", noon); !errors.Is(err, Unbalanced) {
		t.Errorf("ending the shift gives %v", err)
	}
	read, _ := must(t)(l.MarkRead("A-00001"))
	if b := read.Balance(); !b.Balanced() || b.Sampled != 1 {
		t.Errorf("read, the balance is %+v", b)
	}
	if _, _, err := read.MarkRead("A-00001"); err == nil {
		t.Error("it was read twice")
	}
	voided, _ := must(t)(l.Void("A-00001"))
	if b := voided.Balance(); !b.Balanced() || b != (Balance{Out: 1, Void: 1}) {
		t.Errorf("voided, the balance is %+v", b)
	}
}

func TestALostMemoryGivesNoNumberAgain(t *testing.T) {
	t.Parallel()
	l, first := Ledger{}.Give("TK01", noon, record.RTPCR, false, "")
	for range 50 {
		l, _ = l.Give("TK01", noon, record.RTPCR, false, "")
	}
	_, next := l.Give("TK01", noon.Add(24*time.Hour), record.RTPCR, false, "")
	_, lost := Ledger{}.Give("TK01", noon.Add(24*time.Hour), record.RTPCR, false, "")
	if first.Number != "TK01-0323001" || next.Number != "TK01-0324001" || lost.Number != "TK01-0324001" {
		t.Errorf("given were %s, %s, and without memory %s", first.Number, next.Number, lost.Number)
	}
}

func TestSeriesFitALabel(t *testing.T) {
	t.Parallel()
	for kiosk, want := range map[string]string{
		"TK-01": "TK01", "tk-01": "TK01", "a": "A", "A-Z_0.9": "AZ09", "@A[Z/0:9": "AZ09", "ABCDEF": "ABCDEF", "az09z9": "AZ09Z9",
		"ABCDEFG": "5GUSUL", "Đ": "2GINYT",
	} {
		if got := Series(kiosk); got != want {
			t.Errorf("%q is numbered under %q, not %q", kiosk, got, want)
		}
	}
	seen := map[string]bool{}
	for i := range 1000 {
		s := Series(fmt.Sprintf("hai-duong-tu-ky-%d", i))
		if len(s) != longestSeries || !IsNumber(s+"-0323001") {
			t.Errorf("%q does not fit", s)
		}
		seen[s] = true
	}
	if s := Series("Đ"); len(s) != longestSeries || len(seen) < 999 {
		t.Errorf("%d of 1000 kiosks differ; one without letters is %q", len(seen), s)
	}
}

// What lies on cards stays: a mark is the first twelve bits of the digest.
func TestMarksStay(t *testing.T) {
	t.Parallel()
	if got := MarkOf("TK01-0323001", "nguyen van thu/1961"); got != 2859 {
		t.Errorf("the mark is %d", got)
	}
}

func TestMarksAreSharedByMany(t *testing.T) {
	t.Parallel()
	seen := map[Mark]int{}
	for i := range 100_000 {
		seen[MarkOf("TK01-0323001", fmt.Sprintf("nguoi thu %d", i))]++
	}
	if len(seen) > 1<<12 || len(seen) < 4000 {
		t.Fatalf("%d marks", len(seen))
	}
	for m, n := range seen {
		if n < 5 {
			t.Errorf("the mark %d is shared by %d of 100,000 alone", m, n)
		}
	}
	if MarkOf("a", "x") == MarkOf("b", "x") && MarkOf("a", "y") == MarkOf("b", "y") {
		t.Error("marks in one tube tell of marks in another")
	}
}

func TestNumbersOfTubes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"ABCDE": false, "ABCDEF": true, "ABCDEFGHIJKLMNOPQRST": true, "AZ09Z9": true, "A_BCDE": false, "ABCDE\n": false,
		"TK01-0323001": true, "LAB55512": true, "202611200001": true, "A1B2C3": true,
		"short": false, "HC1:6BF": false, "030150000001|141234567|PHẠM": false, "-AB123": false, "AB123-": false,
		"CHOT1S:ABC": false, "ABCDEFGHIJKLMNOPQRSTU": false, "": false, "tk-01-000001": false,
	} {
		if IsNumber(text) != want {
			t.Errorf("%q is a tube's number: %v", text, !want)
		}
	}
}

// Whatever is done at the desk, in any order, with restarts in between: the count
// adds up, no number is given twice, no pool is over its limit, and nothing that
// was handed out is changed.
func TestAnyShiftAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const most, least = 5, 2
		var l Ledger
		stored := store{}
		given := map[string]bool{}
		sealed := map[string]Tube{}
		any := func() string {
			all := l.Tubes(func(Tube) bool { return true })
			if len(all) == 0 {
				return "LAB-0001"
			}
			return all[rapid.IntRange(0, len(all)-1).Draw(t, "tube")].Number
		}
		save := func(tube Tube, err error) {
			if err == nil {
				stored.put(tube.Stored())
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"give": func(t *rapid.T) {
				var tube Tube
				l, tube = l.Give("TK", noon, record.RTPCR, rapid.Bool().Draw(t, "pool"), "")
				if given[tube.Number] {
					t.Fatalf("%s was given twice", tube.Number)
				}
				given[tube.Number] = true
				save(tube, nil)
				stored.put(l.Stored())
			},
			"adopt": func(t *rapid.T) {
				number := fmt.Sprintf("LAB-%04d", rapid.IntRange(0, 9).Draw(t, "number"))
				next, tube, err := l.Adopt(number, noon, record.Antigen, false, "")
				if err == nil && given[number] {
					t.Fatalf("%s was taken on twice", number)
				}
				given[number] = given[number] || err == nil
				l = next
				save(tube, err)
			},
			"verify": func(t *rapid.T) {
				next, tube, err := l.Verify(any())
				l = next
				save(tube, err)
			},
			"take": func(t *rapid.T) {
				next, tube, err := l.Take(any(), Mark(rapid.IntRange(0, 4095).Draw(t, "mark")), most, noon)
				if err == nil && (len(tube.Members) > most || !tube.Pool && len(tube.Members) != 1) {
					t.Fatalf("%+v took too many", tube)
				}
				l = next
				save(tube, err)
			},
			"undo": func(t *rapid.T) {
				next, tube, err := l.Undo(any())
				l = next
				save(tube, err)
			},
			"seal": func(t *rapid.T) {
				next, tube, err := l.Seal(any(), least, noon)
				if err == nil {
					sealed[tube.Number] = tube
				}
				l = next
				save(tube, err)
			},
			"void": func(t *rapid.T) {
				next, tube, err := l.Void(any())
				l = next
				save(tube, err)
			},
			"read": func(t *rapid.T) {
				next, tube, err := l.MarkRead(any())
				l = next
				save(tube, err)
			},
			"end": func(t *rapid.T) {
				balanced := l.Balance().Balanced()
				next, dropped, err := l.End("TK", noon)
				if balanced != (err == nil) {
					t.Fatalf("a shift that balances (%v) ended with %v", balanced, err)
				}
				for _, key := range dropped {
					delete(stored, key)
				}
				for number := range sealed {
					delete(sealed, number)
				}
				if l = next; err != nil {
					return
				}
				stored.put(l.Stored())
				if b := l.Balance(); b != (Balance{}) {
					t.Fatalf("the next shift begins with %+v", b)
				}
			},
			"restart": func(t *rapid.T) {
				again, err := Load(maps.Clone(stored))
				if err != nil {
					t.Fatal(err)
				}
				if fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", l) {
					t.Fatalf("after a restart %+v is %+v", l, again)
				}
				l = again
			},
			"": func(t *rapid.T) {
				if b := l.Balance(); b.Out != b.Sampled+b.Void+b.Open {
					t.Fatalf("%+v does not add up", b)
				}
				for number, was := range sealed {
					if now, ok := l.Tube(number); ok && now.Shift == l.desk.Shift && !reflect.DeepEqual(was, now) {
						t.Fatalf("the sealed %+v became %+v", was, now)
					}
				}
			},
		})
	})
}

func TestWhatCannotBeReadIsNamedAndLeftOut(t *testing.T) {
	t.Parallel()
	_, good := Ledger{}.Give("TK", noon, record.RTPCR, false, "")
	key, value := good.Stored()
	l, err := Load(map[string][]byte{
		key: value, "tube/OTHER-1": value, "tube/BROKEN": {0xff}, "tube/": value, "desk": {0x01}, "lock/B": {0x00},
		"tube/WRONG-1": Tube{Number: "WRONG-1", Stage: Ready, Members: []Member{{Place: 2}, {Place: 1}}, Places: 2}.Encode(),
	})
	if _, ok := l.Tube(good.Number); !ok || err == nil {
		t.Errorf("the good tube was read: %v; %v", ok, err)
	}
	for _, number := range []string{"OTHER-1", "BROKEN", "WRONG-1"} {
		if _, ok := l.Tube(number); ok {
			t.Errorf("%s was read", number)
		}
	}
}

// A stored value that is not as Encode writes it, though it could be understood, is
// not read: keys twice, of no known length, or nested deep.
func TestBytesThatEncodeDoesNotWrite(t *testing.T) {
	t.Parallel()
	good := Tube{Number: "A-00001", Stage: Ready}.Encode()
	full := func(members int) []byte {
		tube := Tube{Number: "A-00001", Stage: Ready, Pool: true, Places: members}
		for i := range members {
			tube.Members = append(tube.Members, Member{Place: i + 1})
		}
		return tube.Encode()
	}
	for name, data := range map[string][]byte{
		"a key twice":       slices.Concat([]byte{good[0] + 1}, good[1:], []byte{0x02, 0x02}),
		"no length":         slices.Concat([]byte{0xbf}, good[1:], []byte{0xff}),
		"cut":               good[:len(good)-1],
		"more behind":       append(slices.Clone(good), 0),
		"65 members":        full(65),
		"nested five times": slices.Concat([]byte{good[0] + 1}, good[1:], []byte{0x18, 0x63, 0x81, 0x81, 0x81, 0x81, 0x81, 0x00}),
	} {
		if tube, err := decodeTube(data); err == nil {
			t.Errorf("%s: read as %+v", name, tube)
		}
	}
	for name, data := range map[string][]byte{"a tube": good, "64 members": full(64)} {
		if _, err := decodeTube(data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	_, tube := Ledger{}.Give("TK", noon, record.RTPCR, true, "x")
	tube.Members, tube.Places = []Member{{Place: 1, Mark: 9}}, 1
	f.Add(tube.Number, tube.Encode())
	f.Fuzz(func(t *testing.T, number string, value []byte) {
		l, _ := Load(map[string][]byte{"tube/" + number: value, "desk": value})
		if tube, ok := l.Tube(number); ok {
			l, _, _ = l.Verify(number)
			l, _, _ = l.Take(number, 1, 10, noon)
			l, _, _ = l.Undo(number)
			if key, again := tube.Stored(); key != "tube/"+number || len(again) == 0 {
				t.Fatalf("%q is stored as %q", number, key)
			}
		}
		l.Balance()
	})
}

// A pool from the label to the seal.
func Example() {
	l, tube := Ledger{}.Give("TK01", noon, record.RTPCR, true, "screening")
	l, _, _ = l.Verify(tube.Number)
	for _, person := range []string{"nguyen van thu/1961", "pham thi mau/1950"} {
		l, _, _ = l.Take(tube.Number, MarkOf(tube.Number, person), 10, noon)
	}
	l, tube, _ = l.Seal(tube.Number, 2, noon)
	fmt.Println(tube.Number, tube.Stage, len(tube.Members))
	_, _, err := l.Take(tube.Number, 1, 10, noon)
	fmt.Println(err)
	fmt.Printf("%+v\n", l.Balance())
	// Output:
	// TK01-0323001 closed 2
	// sampling: pool-closed
	// {Out:1 Sampled:1 Void:0 Open:0 Persons:2}
}
