package sampling

import "time"

// slack is how many numbers may have been given of which the journal knows nothing
// yet: between a number and its first record the power may fail.
const slack = 100

// Recover returns the desk's counters, as they are stored, for a kiosk that lost its
// memory after it wrote so many entries to its journal. Every number that it gave
// brought at least one entry, so that none is given again. Numbers run ahead of
// their day by it, and stay ahead until the days catch up.
func Recover(now time.Time, entries uint64) (key string, value []byte) {
	day := max(int64(now.Sub(firstDay)/(24*time.Hour)), 0)
	return Ledger{desk: counters{Next: uint64(day)*1000 + entries + slack}}.Stored()
}
