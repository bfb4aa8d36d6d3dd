package service

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func memoryIn(t *testing.T, dir string) *Memory {
	t.Helper()
	m, err := OpenMemory(dir, time.Now, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// What was saved survives any damage to either file, and its loss; only when both
// are gone is the memory lost, and says so.
func TestMemorySurvivesDamage(t *testing.T) {
	t.Parallel()
	content := map[string][]byte{}
	whole := t.TempDir()
	m := memoryIn(t, whole)
	if !m.Lost() {
		t.Error("a new card is not said to be new")
	}
	for i := range 200 {
		key := fmt.Sprintf("tube/TK01-%07d", i%90)
		content[key] = bytes.Repeat([]byte{byte(i)}, 40)
		if i%7 == 0 {
			content[key] = nil
		}
		if err := m.Save(key, content[key]); err != nil {
			t.Fatal(err)
		}
	}
	maps.DeleteFunc(content, func(_ string, v []byte) bool { return v == nil })
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	harms := map[string]func(data []byte) []byte{
		"gone":      func([]byte) []byte { return nil },
		"empty":     func([]byte) []byte { return []byte{} },
		"cut":       func(d []byte) []byte { return d[:random.IntN(len(d))] },
		"cut pages": func(d []byte) []byte { return d[:4096*(2+random.IntN(len(d)/4096-2))] },
		"zeroed page": func(d []byte) []byte {
			d = bytes.Clone(d)
			clear(d[4096*random.IntN(len(d)/4096):][:4096])
			return d
		},
		"noise": func(d []byte) []byte {
			d = bytes.Clone(d)
			for range 300 {
				d[random.IntN(len(d))] = byte(random.Uint32())
			}
			return d
		},
		"other": func([]byte) []byte { return bytes.Repeat([]byte("not a database"), 1000) },
	}
	for name, harm := range harms {
		for i := range 12 {
			for _, file := range []string{"memory.db", "memory-2.db"} {
				t.Run(fmt.Sprintf("%s/%d/%s", name, i, file), func(t *testing.T) {
					dir := t.TempDir()
					for _, of := range []string{"memory.db", "memory-2.db"} {
						data, err := os.ReadFile(filepath.Join(whole, of))
						if err != nil {
							t.Fatal(err)
						}
						if of == file {
							if data = harm(data); data == nil {
								continue
							}
						}
						if err := os.WriteFile(filepath.Join(dir, of), data, 0o600); err != nil {
							t.Fatal(err)
						}
					}
					for range 2 { // again, from what it was mended to
						m := memoryIn(t, dir)
						if got := m.Load(); !maps.EqualFunc(got, content, bytes.Equal) || m.Lost() {
							t.Errorf("%d values of %d, lost %v", len(got), len(content), m.Lost())
						}
						if err := m.Close(); err != nil {
							t.Fatal(err)
						}
					}
				})
			}
		}
	}
}

func TestMemoryThatIsLostTwiceSaysSo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := memoryIn(t, dir)
	if err := m.Save("desk", []byte("7")); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	m = memoryIn(t, dir)
	if m.Lost() || string(m.Load()["desk"]) != "7" {
		t.Errorf("lost %v, %q", m.Lost(), m.Load())
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"memory.db", "memory-2.db"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m = memoryIn(t, dir)
	if !m.Lost() || len(m.Load()) != 0 {
		t.Errorf("lost %v, %q", m.Lost(), m.Load())
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
}

// The power fails between the two files: the newer one holds.
func TestMemoryGoesByTheNewerFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := memoryIn(t, dir)
	if err := m.Save("desk", []byte("1")); err != nil {
		t.Fatal(err)
	}
	half := &Memory{copies: m.copies[:1], content: m.content}
	if err := half.Save("desk", []byte("2")); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	m = memoryIn(t, dir)
	if got := m.Load(); string(got["desk"]) != "2" {
		t.Errorf("it says %q", got["desk"])
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
}
