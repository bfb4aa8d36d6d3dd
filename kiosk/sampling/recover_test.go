package sampling

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"chot/kiosk/record"
)

// A desk that gives tubes and loses its memory at any time gives no number twice.
func TestLostMemoryGivesNoNumberTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now, entries := noon, uint64(0)
		given := map[string]bool{}
		l := Ledger{}
		stored := map[string][]byte{}
		for range rapid.IntRange(1, 60).Draw(t, "acts") {
			switch rapid.IntRange(0, 5).Draw(t, "act") {
			case 0:
				now = now.Add(time.Duration(rapid.IntRange(0, 50).Draw(t, "hours")) * time.Hour)
			case 1: // other work
				entries += uint64(rapid.IntRange(0, 3000).Draw(t, "entries"))
			case 2: // the memory is lost
				key, value := Recover(now, entries)
				stored = map[string][]byte{key: value}
				fallthrough
			case 3: // a restart
				var err error
				if l, err = Load(stored); err != nil {
					t.Fatal(err)
				}
			default:
				for range rapid.IntRange(1, 80).Draw(t, "tubes") {
					var tube Tube
					l, tube = l.Give("TK01", now, record.RTPCR, false, "")
					if given[tube.Number] {
						t.Fatalf("%s is given twice", tube.Number)
					}
					given[tube.Number] = true
					entries++
				}
				key, value := l.Stored()
				stored[key] = value
			}
		}
	})
}
