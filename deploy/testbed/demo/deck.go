package main

import (
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"
)

// showing is one code that a visitor holds up.
type showing struct {
	name string // in file names and in the manifest
	text string
	on   medium
	asks bool // it begins a declaration, which is left alone until the kiosk gives up
}

// pace says for how many frames a deck shows each code, the pause after it, and
// the pause after one that begins a declaration.
type pace struct {
	Seen  int `help:"Frames for which a code is seen." default:"24"`
	Pause int `help:"Frames between two codes." default:"105"`
	Leave int `help:"Frames after a code that begins a declaration; 0 leaves such codes out." default:"1400"`
}

// poses is how many different pictures there are of each showing; a longer look
// repeats them, as hard links.
const poses = 4

// demoSeed makes every demo the same, so that what was readable once stays so.
const demoSeed = 1

// writeDeck renders the showings into dir as a camera would see them one after
// the other, with the empty hall before, between and after.
func writeDeck(dir string, showings []showing, p pace, seed uint64) error {
	if p.Leave == 0 {
		showings = slices.DeleteFunc(slices.Clone(showings), func(s showing) bool { return s.asks })
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("clearing the deck: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the deck's folder: %w", err)
	}
	// Group 0 is the empty hall.
	masters := make([][poses]string, len(showings)+1)
	var group errgroup.Group
	group.SetLimit(2)
	for i := range masters {
		code, on := [][]bool(nil), medium{}
		if i > 0 {
			var err error
			if code, err = modules(showings[i-1].text); err != nil {
				return fmt.Errorf("showing %s: %w", showings[i-1].name, err)
			}
			on = showings[i-1].on
		}
		for k := range poses {
			masters[i][k] = filepath.Join(dir, fmt.Sprintf(".%02d-%d.jpg", i, k))
			group.Go(func() error {
				rng := rand.New(rand.NewPCG(seed, uint64(i*poses+k)))
				picture := scene{shade: 0.3}
				if code != nil {
					picture = hold(code, on, rng)
				}
				return writePicture(masters[i][k], picture.draw(rng))
			})
		}
	}
	if err := group.Wait(); err != nil {
		return err
	}
	n := 0
	show := func(of [poses]string, name string, frames int) error {
		for f := range frames {
			to := filepath.Join(dir, fmt.Sprintf("%05d-%s.jpg", n, name))
			// A hand is still for a few frames, then moves.
			if err := os.Link(of[f/6%poses], to); err != nil {
				return fmt.Errorf("dealing the deck: %w", err)
			}
			n++
		}
		return nil
	}
	if err := show(masters[0], "hall", p.Pause); err != nil {
		return err
	}
	for i, s := range showings {
		pause := p.Pause
		if s.asks {
			pause = p.Leave
		}
		if err := show(masters[i+1], s.name, p.Seen); err != nil {
			return err
		}
		if err := show(masters[0], "hall", pause); err != nil {
			return err
		}
	}
	for _, group := range masters {
		for _, path := range group {
			if err := os.Remove(path); err != nil {
				return fmt.Errorf("dealing the deck: %w", err)
			}
		}
	}
	return nil
}

func writePicture(path string, img image.Image) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("creating a picture: %w", err)
	}
	if err := jpeg.Encode(file, img, &jpeg.Options{Quality: 88}); err != nil {
		file.Close()
		return fmt.Errorf("encoding the picture %s: %w", path, err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("writing the picture %s: %w", path, err)
	}
	return nil
}
