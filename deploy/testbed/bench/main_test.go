package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// On a machine that lacks everything, the bench names each package and how to get
// it.
func TestSaysWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	err := bench(t.Context(), dir, dir, "", 0)
	if err == nil || !strings.Contains(err.Error(), "apt-get install qemu-system-x86 mmdebstrap") || !strings.Contains(err.Error(), "gcc") {
		t.Errorf("without QEMU: %v", err)
	}
	for _, n := range needs {
		if err := os.WriteFile(filepath.Join(dir, n.command), nil, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := equipped(); err != nil {
		t.Errorf("with everything: %v", err)
	}
}

func TestAnEmptyScreenIsNoPicture(t *testing.T) {
	t.Parallel()
	screen := image.NewGray(image.Rect(0, 0, 16, 9))
	path := filepath.Join(t.TempDir(), "screen.png")
	for _, shows := range []bool{false, true} {
		if shows {
			screen.SetGray(15, 8, color.Gray{Y: 1})
		}
		var b bytes.Buffer
		if err := png.Encode(&b, screen); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := lit(path); (err == nil) != shows {
			t.Errorf("a screen that shows something, %v: %v", shows, err)
		}
	}
}
