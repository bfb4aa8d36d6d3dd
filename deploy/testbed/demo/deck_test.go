//go:build !race

// The race detector makes reading pictures take minutes.
package main

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"chot/drivers/scanner"
)

// Every code can be read: a demo that fails by bad luck shows nothing. Each is
// tried in one of its poses, all poses in their turn.
func TestTheDeckIsReadable(t *testing.T) {
	t.Parallel()
	w, err := newWorld(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	deck, err := w.showings(time.Now(), neighbour{"KIOSK-2", w.france.Key})
	if err != nil {
		t.Fatal(err)
	}
	eye := scanner.New(scanner.Options{})
	for i, s := range deck {
		code, err := modules(s.text)
		if err != nil {
			t.Fatal(err)
		}
		k := i % poses
		rng := rand.New(rand.NewPCG(demoSeed, uint64((i+1)*poses+k)))
		picture := hold(code, s.on, rng).draw(rng)
		if !slices.ContainsFunc(eye.Still(scanner.Grey(picture)), func(c scanner.Code) bool { return c.Text == s.text }) {
			t.Errorf("%s, pose %d: not read (%d modules)", s.name, k, len(code))
		}
	}
}
