package scanner

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"chot/deploy/testbed/publicdata"
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
		got := collect(t, NewSerial("test", &wire{c.reads}, Framing{}, fixed))
		if strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// The framing that modules put around a code, each in a read of its own, in pieces
// of one byte, and twice in a row: the text is always the card's.
func TestFramingIsNotTheCard(t *testing.T) {
	t.Parallel()
	const card = "030185000017|141000017|Nguyễn Thị Thử|05091985|Nữ|Thôn Mẫu, Tứ Kỳ|10052021"
	shiftJIS := "\x83e\x83X\x83g" // テスト
	for _, c := range []struct {
		name, sent string
		framing    Framing
		want       string
		kind       Symbology
	}{
		{"nothing", card, Framing{}, card, ""},
		{"CR LF", card + "\r\n", Framing{}, card, ""},
		{"STX and ETX", "\x02" + card + "\x03\r", Framing{}, card, ""},
		{"STX and ETX alone", "\x02" + card + "\x03", Framing{}, card, ""},
		{"a NUL", card + "\x00", Framing{}, card, ""},
		{"EOT", card + "\x04", Framing{}, card, ""},
		{"VT", "\x0b" + card + "\x0b\r", Framing{}, card, ""},
		{"a tab, as forms are filled with", card + "\t", Framing{}, card, ""},
		{"a byte order mark", "\xef\xbb\xbf" + card + "\n", Framing{}, card, ""},
		{"AIM of QR", "]Q1" + card + "\r", Framing{}, card, QR},
		{"AIM of Code 128", "]C0TK01-0323001\r", Framing{}, "TK01-0323001", Code128},
		{"AIM of Data Matrix", "]d1TK01-0323001\r", Framing{}, "TK01-0323001", DataMatrix},
		{"AIM of EAN", "]E08935049500011\r", Framing{}, "8935049500011", ""},
		{"AIM within STX and ETX", "\x02]Q1" + card + "\x03", Framing{}, card, QR},
		{"an ECI of UTF-8", `\000026` + card + "\r", Framing{}, card, ""},
		{"AIM and an ECI", `]Q2\000026` + card + "\r", Framing{}, card, QR},
		{"AIM that escapes a backslash", `]Q2a\\b` + "\r", Framing{}, `a\b`, QR},
		{"AIM that escapes none", `]Q1a\\b` + "\r", Framing{}, `a\\b`, QR},
		{"an ECI of Latin-1", "\\000003caf\xe9\r", Framing{}, "café", ""},
		{"an ECI of Latin-1 before UTF-8", `\000003` + card + "\r", Framing{}, card, ""},
		{"an ECI of Shift JIS", `\000020` + shiftJIS + "\r", Framing{}, "テスト", ""},
		{"an ECI that is not known", "\\000899caf\xe9\r", Framing{}, "café", ""},
		{"two ECIs", `\000003a` + `\000026` + "ễ\r", Framing{}, "aễ", ""},
		{"a backslash that is no ECI", `\00002x` + "\r", Framing{}, `\00002x`, ""},
		{"a bracket that is no AIM", "]1" + card + "\r", Framing{}, "]1" + card, ""},
		{"what the module is set to", "Q:" + card + "##\r", Framing{Prefix: "Q:", Suffix: "##"}, card, ""},
		{"what it is set to, within STX and ETX", "\x02Q:" + card + "##\x03", Framing{Prefix: "Q:", Suffix: "##"}, card, ""},
		{"what it is set to, not there", card + "\r", Framing{Prefix: "Q:", Suffix: "##"}, card, ""},
		{"a certificate that ends in a blank", "HC1:6BF \r", Framing{}, "HC1:6BF ", ""},
	} {
		single := make([]string, len(c.sent))
		for i := range single {
			single[i] = c.sent[i : i+1]
		}
		want := sighted{c.want, c.kind}
		for how, try := range map[string]struct {
			reads []string
			want  []sighted
		}{
			"at once":  {[]string{c.sent, ""}, []sighted{want}},
			"by bytes": {append(single, ""), []sighted{want}},
			"twice":    {[]string{c.sent, "", c.sent, ""}, []sighted{want, want}},
		} {
			var got []sighted
			m := NewSerial("test", &wire{try.reads}, c.framing, fixed)
			code, err := m.Next(t.Context())
			for ; err == nil; code, err = m.Next(t.Context()) {
				got = append(got, sighted{code.Text, code.Symbology})
			}
			if !errors.Is(err, io.EOF) || !slices.Equal(got, try.want) {
				t.Errorf("%s, %s: read %q, %v; want %q", c.name, how, got, err, try.want)
			}
		}
	}
}

type sighted struct {
	text string
	kind Symbology
}

// The bytes of the public test data, as modules really sent them.
func TestReportedModules(t *testing.T) {
	t.Parallel()
	folder := publicdata.Folder(t, "reports/scanner-modules")
	const card = "030185000017|141000017|Nguyễn Thị Thử|05091985|Nữ|Thôn Mẫu, Tứ Kỳ, Hải Dương|10052021" // as the card has it
	for _, file := range []string{"serial-eci.bin", "serial-stx-etx.bin"} {
		data, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		if got := collect(t, NewSerial("test", &wire{[]string{string(data)}}, Framing{}, fixed)); !slices.Equal(got, []string{card}) {
			t.Errorf("%s: %q", file, got)
		}
	}
}

// FuzzFraming holds that nothing a module sends makes a code that is framed, or
// none, and that what is sent without framing is the text.
func FuzzFraming(f *testing.F) {
	for _, s := range []string{"", "abc", "]Q2\\000026x", "\\000020\x83", "\x02a\x03", "]", "\\"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		text, _, _ := Framing{}.unframe([]byte(sent))
		if !utf8.ValidString(text) || text != trimControls(text) {
			t.Fatalf("%q gives %q", sent, text)
		}
		plain := utf8.ValidString(sent) && trimControls(sent) == sent && !strings.HasPrefix(sent, "]") && !strings.HasPrefix(sent, `\`)
		if plain && text != sent {
			t.Fatalf("%q gives %q", sent, text)
		}
	})
}

func TestSerialModuleStopsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := NewSerial("test", &wire{[]string{""}}, Framing{}, fixed).Next(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// typed is the events of a US keyboard that types a text; a number in braces is
// typed as an Alt code, a letter behind ^ with Ctrl.
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
	inside, control := false, false
	for _, r := range text {
		switch {
		case r == '^':
			event(keyLeftCtrl, keyPressed)
			control = true
			continue
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
					if control {
						event(keyLeftCtrl, keyReleased)
						control = false
					}
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
		{"^bHC1:ABC^c\n", "HC1:ABC"}, // STX and ETX as Ctrl+B, Ctrl+C
		{"^bHC1:ABC^c^bxyz^c", "HC1:ABC;xyz"},
		{"{2}HC1:ABC{3}{0}\n", "HC1:ABC"},
		{"]Q1HC1:ABC\n", "HC1:ABC"},
		{"\\000026Nguy{7877}n\n", "Nguyễn"},
		{"HC1:ABC##\n", "HC1:ABC"},
		{"##\nabc\n", "abc"},
	} {
		got := collect(t, newKeyboard("test", keyFile{bytes.NewReader(typed(c.keys))}, Framing{Suffix: "##"}, fixed))
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
	if got := collect(t, newKeyboard("test", keyFile{bytes.NewReader(events)}, Framing{}, fixed)); !slices.Equal(got, []string{"first", "third"}) {
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
	k := newKeyboard("test", r, Framing{}, fixed)
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
		m := newKeyboard("fuzz", keyFile{bytes.NewReader(events)}, Framing{}, fixed)
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
