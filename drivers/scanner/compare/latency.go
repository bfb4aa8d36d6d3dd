//go:build peers

package main

import (
	"fmt"
	"time"

	"chot/drivers/camera"
	"chot/drivers/scanner"
)

// compareLatency holds up codes to a stream that has been looking at an empty
// scene, and counts the frames from the first that can be decoded to the event.
// A frame can be decoded if a stream that has seen nothing else reads it. The
// stream is met at every point of its turns; what is counted is frames, so the
// result is the same on every machine.
func compareLatency(empty camera.Frame, codes []camera.Frame) {
	var events [4]int // in the first frame, the second, the third; later or never
	var longest time.Duration
	for i, f := range codes {
		at := time.Unix(0, 0)
		f.Time = at
		if got, _ := scanner.NewStream(options()).Push(f); len(got) == 0 {
			continue
		}
		stream := scanner.NewStream(options())
		next := func(f camera.Frame) bool {
			at = at.Add(interval)
			f.Time = at
			begin := core()
			got, _ := stream.Push(f)
			longest = max(longest, core()-begin)
			return len(got) > 0
		}
		for range i % 12 {
			next(empty)
		}
		when := 0
		for when < 3 && !next(f) {
			when++
		}
		events[when]++
	}
	fmt.Printf("a code comes into view, of %d that can be decoded: events with its first frame %d, second %d, third %d, later %d; longest frame %.1f ms\n",
		events[0]+events[1]+events[2]+events[3], events[0], events[1], events[2], events[3], ms(longest))
}
