package base45_test

import (
	"bytes"
	"fmt"
	"testing"

	"chot/kiosk/credential/base45"

	"pgregory.net/rapid"
)

// The examples of RFC 9285, sections 4.3 and 4.4.
func TestExamplesOfTheRFC(t *testing.T) {
	t.Parallel()
	for plain, text := range map[string]string{
		"":         "",
		"AB":       "BB8",
		"Hello!!":  "%69 VD92EX0",
		"base-45":  "UJCLQE7W581",
		"ietf!":    "QED8WEX0",
		"\xff\xff": "FGW",
		"\xff":     "U5",
		"\x00":     "00",
		"\x00\x00": "000",
	} {
		if got := string(base45.AppendEncode(nil, []byte(plain))); got != text {
			t.Errorf("encoding %q: %q, want %q", plain, got, text)
		}
		if got, err := base45.AppendDecode(nil, text); err != nil || string(got) != plain {
			t.Errorf("decoding %q: %q, %v, want %q", text, got, err, plain)
		}
	}
}

func TestWhatIsNoBase45(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"one dangling character":      "BB80",
		"more than two bytes hold":    "GGW",
		"the greatest three":          ":::",
		"more than one byte holds":    "V5",
		"the greatest two":            "::",
		"lower case":                  "bb8",
		"a character beyond ASCII":    "BB\xff",
		"a character in first place":  "!00",
		"a character in second place": "0!0",
		"a character in third place":  "00!",
		"a character in the last two": "0000!",
		"a line end":                  "BB8\n\n",
	} {
		if got, err := base45.AppendDecode(nil, text); err == nil {
			t.Errorf("%s: %q decoded to %q", name, text, got)
		}
	}
}

func TestThereAndBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		text := base45.AppendEncode(nil, plain)
		if len(text) != base45.EncodedLen(len(plain)) || base45.DecodedLen(len(text)) != len(plain) {
			t.Fatalf("%d bytes took %d characters", len(plain), len(text))
		}
		back, err := base45.AppendDecode(nil, text)
		if err != nil || !bytes.Equal(back, plain) {
			t.Fatalf("%x came back as %x, %v", plain, back, err)
		}
	})
}

// FuzzDecode holds that no two texts decode to the same bytes.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"", "BB8", "%69 VD92EX0", "GGW", "U5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		plain, err := base45.AppendDecode(nil, text)
		if err != nil {
			return
		}
		if back := string(base45.AppendEncode(nil, plain)); back != text {
			t.Fatalf("%q decoded to %x, which encodes to %q", text, plain, back)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	text := string(base45.AppendEncode(nil, bytes.Repeat([]byte{0x78, 0x9c, 0xbb}, 150)))
	buf := make([]byte, 0, base45.DecodedLen(len(text)))
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := base45.AppendDecode(buf, text); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleAppendDecode() {
	plain, err := base45.AppendDecode(nil, "QED8WEX0")
	fmt.Println(string(plain), err)
	// Output: ietf! <nil>
}
