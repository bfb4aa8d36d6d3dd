package main

import (
	"image"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"chot/drivers/camera"
	"chot/drivers/scanner"
)

// Every pose of every code can be read: a demo that fails by bad luck shows
// nothing.
func TestEveryPoseIsReadable(t *testing.T) {
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
		for k := range poses {
			rng := rand.New(rand.NewPCG(demoSeed, uint64((i+1)*poses+k)))
			picture := hold(code, s.on, rng).draw(rng)
			if !slices.ContainsFunc(eye.Still(grey(picture)), func(c scanner.Code) bool { return c.Text == s.text }) {
				t.Errorf("%s, pose %d: not read (%d modules)", s.name, k, len(code))
			}
		}
	}
}

func grey(p *image.RGBA) camera.Frame {
	f := camera.Frame{Seq: 1, Width: frameWidth, Height: frameHeight, Stride: frameWidth, Pix: make([]byte, frameWidth*frameHeight)}
	for i := range f.Pix {
		f.Pix[i] = uint8((int(p.Pix[4*i]) + 2*int(p.Pix[4*i+1]) + int(p.Pix[4*i+2])) / 4)
	}
	return f
}
