package scanner

import (
	"fmt"
	"slices"
	"testing"
	"time"

	qr "github.com/skip2/go-qrcode"

	"chot/drivers/camera"
)

// joined pushes parts of a message through a series and returns what comes out.
func joined(contents []string, order []int, gap time.Duration) (out []Code) {
	var p parts
	at := fixed()
	parity := 0
	for _, c := range contents {
		for i := range len(c) {
			parity ^= int(c[i])
		}
	}
	for _, i := range order {
		at = at.Add(gap)
		if c, ok := p.join(Code{part: part{index: i, total: len(contents), parity: parity, raw: []byte(contents[i])}}, at); ok {
			out = append(out, c)
		}
	}
	return out
}

func TestStructuredAppendJoinsAcrossFrames(t *testing.T) {
	t.Parallel()
	// The second part begins amid the character ễ.
	message := "Nguyễn Thị Ánh, 079123456789"
	pieces := []string{message[:5], message[5:12], message[12:]}
	for _, c := range []struct {
		name  string
		order []int
		gap   time.Duration
		want  bool
	}{
		{"in order", []int{0, 1, 2}, 33 * time.Millisecond, true},
		{"backwards", []int{2, 1, 0}, time.Second, true},
		{"one seen again and again", []int{1, 1, 1, 0, 1, 2}, 33 * time.Millisecond, true},
		{"one missing", []int{0, 2, 0, 2}, time.Second, false},
		{"too slow", []int{0, 1, 2}, keeps + time.Second, false},
	} {
		got := joined(pieces, c.order, c.gap)
		if c.want != (len(got) > 0) {
			t.Errorf("%s: %d codes", c.name, len(got))
			continue
		}
		if c.want && (got[0].Text != message || string(got[0].Bytes) != message) {
			t.Errorf("%s: %q", c.name, got[0].Text)
		}
	}
}

func TestStructuredAppendKeepsTwoMessagesApart(t *testing.T) {
	t.Parallel()
	var p parts
	at := fixed()
	send := func(index, parity int, raw string) (Code, bool) {
		at = at.Add(time.Second)
		return p.join(Code{part: part{index: index, total: 2, parity: parity, raw: []byte(raw)}}, at)
	}
	send(0, 1, "old ")
	if c, ok := send(1, 2, "part"); ok {
		t.Errorf("parts of two messages gave %q", c.Text)
	}
	if c, ok := send(0, 2, "new "); !ok || c.Text != "new part" {
		t.Errorf("%q, %v", c.Text, ok)
	}
}

// A code says which bytes, not which characters.
func TestBytesBecomeTheTextThatWasMeant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, bytes, text string }{
		{"composed Vietnamese", "Nguyễn Thị Ánh", "Nguyễn Thị Ánh"},
		{"decomposed Vietnamese", "Nguye\u0302\u0303n Thi\u0323 A\u0301nh", "Nguye\u0302\u0303n Thi\u0323 A\u0301nh"},
		{"Latin-1", "caf\xe9 cr\xe8me", "café crème"},
	} {
		codes := New(Options{Symbologies: []Symbology{QR}}).Still(scene(t, 400, 400, shown{c.bytes, 200, 200, 6}))
		if len(codes) != 1 || codes[0].Text != c.text || string(codes[0].Bytes) != c.bytes {
			t.Errorf("%s: %+v", c.name, codes)
		}
	}
	binary := "\x00\x01\xff\xfe\x80\x81"
	codes := New(Options{Symbologies: []Symbology{QR}}).Still(scene(t, 400, 400, shown{binary, 200, 200, 6}))
	if len(codes) != 1 || string(codes[0].Bytes) != binary {
		t.Errorf("raw bytes: %+v", codes)
	}
}

func inverted(f camera.Frame) camera.Frame {
	f.Pix = slices.Clone(f.Pix)
	for i, v := range f.Pix {
		f.Pix[i] = 255 - v
	}
	return f
}

func mirrored(f camera.Frame) camera.Frame {
	f.Pix = slices.Clone(f.Pix)
	for y := range f.Height {
		slices.Reverse(f.Pix[y*f.Stride : y*f.Stride+f.Width])
	}
	return f
}

func TestMirroredAndInvertedCodes(t *testing.T) {
	t.Parallel()
	const text = "https://example.vn/khai-bao?ma=30298"
	plain := scene(t, 640, 480, shown{text, 320, 240, 5})
	for name, f := range map[string]camera.Frame{
		"mirrored":              mirrored(plain),
		"inverted":              inverted(plain),
		"mirrored and inverted": mirrored(inverted(plain)),
	} {
		f.Time = fixed()
		if codes := New(Options{}).Still(f); len(codes) != 1 || codes[0].Text != text {
			t.Errorf("still, %s: %v", name, codes)
		}
		if codes, _ := NewStream(Options{Now: clock()}).Push(f); len(codes) != 1 || codes[0].Text != text {
			t.Errorf("stream, %s: %v", name, codes)
		}
	}
}

// However long a stream has been looking at nothing, a code that can be read is
// an event with its first frame or the one after: in frames, so the clock of the
// machine does not matter.
func TestACodeThatComesIsAnEventWithinAFrame(t *testing.T) {
	t.Parallel()
	empty := scene(t, 640, 480)
	for idle := range 6 {
		rate := 15 + 15*(idle&1) // frames a second
		s := NewStream(Options{Now: clock()})
		at := fixed()
		push := func(f camera.Frame) int {
			at = at.Add(time.Second / time.Duration(rate))
			f.Time = at
			codes, _ := s.Push(f)
			return len(codes)
		}
		for range idle {
			if push(empty) > 0 {
				t.Fatal("a code in an empty scene")
			}
		}
		code := scene(t, 640, 480, shown{fmt.Sprint("visitor ", idle), 200 + 40*idle, 200, 4})
		if push(code)+push(code) != 1 {
			t.Errorf("%d frames a second, after %d empty ones: no event within two frames", rate, idle)
		}
	}
}

// The budget ends a frame's work wherever it stands: a clock that jumps past it
// at any look leaves at most the steps already begun.
func TestABudgetHolds(t *testing.T) {
	t.Parallel()
	code, err := qr.New("a code hidden under stripes, which no decoder reads", qr.Low)
	if err != nil {
		t.Fatal(err)
	}
	m := code.Bitmap()
	f := scene(t, 640, 480)
	for y := range len(m) * 8 {
		for x := range len(m) * 8 {
			dark := m[y/8][x/8]
			if cx, cy := x/8, y/8; cx > 14 && cy > 14 {
				dark = (x/8*7+y/8*13)%5 < 2
			}
			if dark {
				f.Pix[(40+y)*f.Stride+100+x] = 40
			}
		}
	}
	for look := range 6 {
		at := fixed()
		looks, after := 0, 0
		s := NewStream(Options{Now: func() time.Time {
			if looks++; looks > look+1 {
				after++
				at = at.Add(time.Second)
			}
			return at
		}})
		f.Time = fixed()
		s.Push(f)
		if after > 12 {
			t.Errorf("late from look %d on: %d more looks at the clock", look, after)
		}
	}
}
