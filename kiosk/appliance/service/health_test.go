package service

import (
	"testing"
	"time"

	"chot/kiosk/condition"
)

// The province hears of a kiosk at its start, every quarter of an hour, and
// within a minute when something breaks or works again.
func TestTheProvinceIsToldWhenSomethingChanges(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)
	paper := []condition.Standing{{Condition: condition.PrinterPaperOut}}
	var last reported
	for _, c := range []struct {
		after time.Duration
		wrong []condition.Standing
		want  bool
	}{
		{0, nil, true},
		{10 * time.Second, nil, false},
		{20 * time.Second, paper, false}, // the minute is not over
		{60 * time.Second, paper, true},
		{70 * time.Second, paper, false},
		{110 * time.Second, nil, false},
		{120 * time.Second, paper, false}, // back before it was told: nothing new
		{3 * time.Minute, nil, true},
		{17 * time.Minute, nil, false},
		{18 * time.Minute, nil, true},
	} {
		if got := last.due(start.Add(c.after), c.wrong); got != c.want {
			t.Errorf("after %s: %v, want %v", c.after, got, c.want)
		}
	}
}
