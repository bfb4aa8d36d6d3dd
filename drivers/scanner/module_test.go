package scanner

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// wire plays back what a module sends, a read at a time; an empty one is a
// pause.
type wire struct{ reads []string }

func (w *wire) Read(p []byte) (int, error) {
	if len(w.reads) == 0 {
		return 0, io.EOF
	}
	n := copy(p, w.reads[0])
	w.reads = w.reads[1:]
	return n, nil
}
func (w *wire) Close() error { return nil }

func fixed() time.Time { return time.Unix(1700000000, 0) }

func collect(t *testing.T, m Module) (texts []string) {
	t.Helper()
	for {
		c, err := m.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return texts
		}
		if err != nil {
			t.Fatal(err)
		}
		if c.Time != fixed() {
			t.Errorf("%q came at %v", c.Text, c.Time)
		}
		texts = append(texts, c.Text)
	}
}

func TestSerialModuleSplitsItsBytesIntoCodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		reads []string
		want  []string
	}{
		{"CR LF", []string{"HC1:ABC\r\nxyz\r\n"}, []string{"HC1:ABC", "xyz"}},
		{"CR, in pieces", []string{"HC", "1:ABC", "\r", "x\r"}, []string{"HC1:ABC", "x"}},
		{"a pause", []string{"abc", "def", "", "gh", ""}, []string{"abcdef", "gh"}},
		{"empty lines", []string{"\r\n\r\na\n\n", ""}, []string{"a"}},
		{"Vietnamese", []string{"Nguyễn Thị Ánh\r"}, []string{"Nguyễn Thị Ánh"}},
		{"a character in two reads", []string{"Nguy\xe1\xbb", "\x85n\r"}, []string{"Nguyễn"}},
		{"Latin-1", []string{"caf\xe9\r"}, []string{"café"}},
	} {
		got := collect(t, NewSerial("test", &wire{c.reads}, fixed))
		if strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestSerialModuleStopsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := NewSerial("test", &wire{[]string{""}}, fixed).Next(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// typed is the events of a US keyboard that types a text; a number in braces is
// typed as an Alt code.
func typed(text string) []byte {
	var b bytes.Buffer
	event := func(code uint16, value int32) {
		b.Write(make([]byte, eventSize-8))
		binary.Write(&b, binary.NativeEndian, struct {
			Type, Code uint16
			Value      int32
		}{eventKey, code, value})
		b.Write(make([]byte, eventSize)) // EV_SYN
	}
	key := func(code uint16) {
		event(code, keyPressed)
		event(code, keyReleased)
	}
	pad := map[rune]uint16{'0': 82, '1': 79, '2': 80, '3': 81, '4': 75, '5': 76, '6': 77, '7': 71, '8': 72, '9': 73}
	inside := false
	for _, r := range text {
		switch {
		case r == '{':
			event(keyLeftAlt, keyPressed)
			inside = true
		case r == '}':
			event(keyLeftAlt, keyReleased)
			inside = false
		case inside:
			key(pad[r])
		case r == '\n':
			key(keyEnter)
		default:
			for code, pair := range usLayout {
				if code >= 55 && code != 57 {
					continue // the keypad
				}
				if pair[0] == r {
					key(code)
					break
				}
				if pair[1] == r {
					event(keyLeftShift, keyPressed)
					key(code)
					event(keyLeftShift, keyReleased)
					break
				}
			}
		}
	}
	return b.Bytes()
}

type keyFile struct{ io.Reader }

func (keyFile) Close() error                    { return nil }
func (keyFile) SetReadDeadline(time.Time) error { return nil }

func TestKeyboardScanner(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ keys, want string }{
		{"HC1:6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5 N2FBBRW1*70\n", "HC1:6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5 N2FBBRW1*70"},
		{"a|b~C\\_{}\nsecond\n", "a|b~C\\_;second"},
		{"Nguy{7877}n\n", "Nguyễn"},             // Unicode
		{"Nguy{225}{187}{133}n\n", "Nguyễn"},    // UTF-8, a byte each
		{"Nguy{0225}{0187}{0133}n\n", "Nguyễn"}, // the same with a leading zero
		{"caf{0233}\n", "café"},                 // Windows-1252
		{"{0128} 5\n", "€ 5"},
	} {
		got := collect(t, newKeyboard("test", keyFile{bytes.NewReader(typed(c.keys))}, fixed))
		if strings.Join(got, ";") != c.want {
			t.Errorf("%q: %q, want %q", c.keys, got, c.want)
		}
	}
}

// The kernel drops events that come faster than they are read, and says so: what
// was being typed is no code, the next one is.
func TestKeyboardScannerLosesKeys(t *testing.T) {
	t.Parallel()
	hole := make([]byte, eventSize)
	binary.NativeEndian.PutUint16(hole[eventSize-6:], dropped)
	events := slices.Concat(typed("first\nK07-0"), hole, typed("7\nthird\n"))
	if got := collect(t, newKeyboard("test", keyFile{bytes.NewReader(events)}, fixed)); !slices.Equal(got, []string{"first", "third"}) {
		t.Errorf("read %q", got)
	}
}

// A pipe stands for the device: its reads wait, and end with the context or with
// a pause.
func TestKeyboardScannerWaits(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	k := newKeyboard("test", r, fixed)
	defer k.Halt()
	if _, err := w.Write(typed("no enter")); err != nil {
		t.Fatal(err)
	}
	if c, err := k.Next(context.Background()); err != nil || c.Text != "no enter" {
		t.Errorf("after a pause: %q, %v", c.Text, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if _, err := k.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("after the context's end: %v", err)
	}
}

func FuzzKeys(f *testing.F) {
	f.Add(typed("HC1:A{233}\n"))
	f.Add([]byte{0, 1, 2})
	f.Fuzz(func(t *testing.T, events []byte) {
		m := newKeyboard("fuzz", keyFile{bytes.NewReader(events)}, fixed)
		for {
			c, err := m.Next(context.Background())
			if err != nil {
				return
			}
			if c.Text == "" || len(c.Text) > 4*longest {
				t.Errorf("%q", c.Text)
			}
		}
	})
}
