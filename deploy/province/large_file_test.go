//go:build !race

// The race detector makes everything ten times as slow: times mean nothing with it.

package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"chot/kiosk/record"
)

// A file of 30,000 lines holds up no kiosk's batch for a second.
func TestALargeFileHoldsUpNoKiosk(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	k := s.kiosk("desk-1")
	k.sampled()
	k.sendAll()
	lab := s.officer("lab", "laboratory", "30")
	var text strings.Builder
	text.WriteString("tube,result\n")
	for i := range 30_000 {
		fmt.Fprintf(&text, "X-%d,negative\n", i)
	}
	done := make(chan int, 1)
	began := time.Now()
	go func() {
		status, _ := lab.report("/tests", "large.csv", text.String())
		done <- status
	}()
	slowest, batches := time.Duration(0), 0
	for number := 7; ; number++ {
		select {
		case status := <-done:
			t.Logf("30,000 lines in %v; the slowest of %d batches beside took %v", time.Since(began), batches, slowest)
			if status != http.StatusOK || slowest > time.Second || batches == 0 {
				t.Errorf("status %d, the slowest batch took %v", status, slowest)
			}
			return
		default:
		}
		k.add(record.Sample{Tube: fmt.Sprintf("S-%d", number), Technique: record.RTPCR, Person: minh})
		at := time.Now()
		if _, err := k.send(number, number); err != nil {
			t.Fatal(err)
		}
		slowest, batches = max(slowest, time.Since(at)), batches+1
		time.Sleep(20 * time.Millisecond)
	}
}
