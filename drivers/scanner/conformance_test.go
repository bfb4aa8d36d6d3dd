//go:build !race

// The race detector makes hundreds of photographs take minutes.

package scanner

import (
	"bytes"
	"errors"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "golang.org/x/image/webp"

	"chot/deploy/testbed/publicdata"
	"chot/drivers/camera"
)

// sample is a photograph and what stands in its code; no text: no code.
type sample struct {
	path  string
	frame camera.Frame
	text  string
}

func samples(t testing.TB, root string) (out []sample) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		stem := strings.TrimSuffix(path, filepath.Ext(path))
		switch filepath.Ext(path) {
		case ".png", ".jpg", ".jpeg", ".webp", ".gif":
		default:
			return nil
		}
		s := sample{path: path}
		for _, ext := range []string{".txt", ".bin"} {
			b, err := os.ReadFile(stem + ext)
			if err == nil {
				s.text = string(b)
			} else if !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		im, _, err := image.Decode(bytes.NewReader(b))
		if err != nil {
			t.Logf("%s: %v", path, err)
			return nil
		}
		s.frame = Grey(im)
		out = append(out, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestZXingSamples reads zxing-cpp's own photographs at four rotations: nearly
// all of those with a code, and no text where a picture has no code. What is read is what
// the text beside the photograph says; a picture that shows two codes may give
// the other.
func TestZXingSamples(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("some hundred photographs")
	}
	all := samples(t, publicdata.Folder(t, "qr/zxing-cpp"))
	var wg sync.WaitGroup
	work := make(chan *sample)
	var mu sync.Mutex
	coded, read := 0, 0
	for range 2 {
		wg.Go(func() {
			scanner := New(Options{Symbologies: []Symbology{QR}})
			for s := range work {
				f := s.frame
				for turns := range 4 {
					codes := scanner.Still(f)
					ok := false
					for _, c := range codes {
						ok = ok || strings.TrimSpace(c.Text) == strings.TrimSpace(s.text)
					}
					mu.Lock()
					if s.text != "" {
						coded++
						if ok {
							read++
						} else {
							t.Logf("%s, turned %d times: not read", s.path, turns)
						}
					} else if len(codes) > 0 {
						t.Errorf("%s, turned %d times: read %q where there is no code", s.path, turns, codes[0].Text)
					}
					mu.Unlock()
					f = quarterTurn(f)
				}
			}
		})
	}
	for i := range all {
		work <- &all[i]
	}
	close(work)
	wg.Wait()
	t.Logf("%d of %d", read, coded)
	// zxing-cpp of 2026 reads nine in ten of these.
	if read*10 < coded*9 {
		t.Errorf("%d of %d photographs read", read, coded)
	}
}

// TestBackgrounds reads photographs of everything but QR codes.
func TestBackgrounds(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("some hundred photographs")
	}
	scanner := New(Options{Symbologies: []Symbology{QR}})
	for _, s := range samples(t, publicdata.Folder(t, "qr/backgrounds")) {
		if codes := scanner.Still(s.frame); len(codes) > 0 {
			t.Errorf("%s: read %q", s.path, codes[0].Text)
		}
	}
}
