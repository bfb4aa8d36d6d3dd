package store

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"
)

func dictionaryContent(t *testing.T) []byte {
	t.Helper()
	d, err := zstd.InspectDictionary(dictionary1)
	if err != nil {
		t.Fatal(err)
	}
	return d.Content()
}

// What is packed is read by the library as it was, whatever it is made of.
func TestWhatIsPackedIsReadByTheLibrary(t *testing.T) {
	t.Parallel()
	content := dictionaryContent(t)
	piece := rapid.OneOf(
		rapid.SliceOfN(rapid.Byte(), 1, 300), // literals
		rapid.Custom(func(t *rapid.T) []byte { // of the dictionary
			from := rapid.IntRange(0, len(content)-1).Draw(t, "from")
			return content[from : from+rapid.IntRange(1, len(content)-from).Draw(t, "length")]
		}),
		rapid.Custom(func(t *rapid.T) []byte { // of what repeats
			unit := rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(t, "unit")
			return bytes.Repeat(unit, rapid.IntRange(1, 1000).Draw(t, "times"))
		}),
	)
	rapid.Check(t, func(t *rapid.T) {
		payload := bytes.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "payload"), nil)
		payload = payload[:min(len(payload), MaxPayload)]
		packed := compress(payload)
		if len(packed) > len(payload)+1 {
			t.Errorf("%d bytes are packed into %d", len(payload), len(packed))
		}
		got, err := decompress(packed)
		if err != nil || !bytes.Equal(got, payload) {
			t.Fatalf("%d bytes are read as %d: %v", len(payload), len(got), err)
		}
	})
}

// Every length up to the largest takes its own code and bits.
func TestEveryLengthIsReadAsItWas(t *testing.T) {
	t.Parallel()
	content := dictionaryContent(t)
	random := rand.NewChaCha8([32]byte{7})
	payload := make([]byte, 0, MaxPayload)
	for _, n := range []int{0, 1, 15, 16, 17, 23, 24, 31, 32, 47, 48, 63, 64, 127, 128, 255, 256, 4095, 4096, 20000} {
		for _, m := range []int{3, 4, 5, 34, 35, 36, 42, 43, 50, 51, 66, 67, 82, 83, 98, 99, 130, 131, 258, 259, 514, 4098, 30000} {
			payload = payload[:n]
			random.Read(payload)
			payload = append(payload, content[:min(m, 5000)]...)
			payload = append(payload, bytes.Repeat(payload[len(payload)-2:], max(0, m-5000)/2)...)
			got, err := decompress(compress(payload))
			if err != nil || !bytes.Equal(got, payload) {
				t.Fatalf("%d literals and a match of %d: %v", n, m, err)
			}
		}
	}
	payload = append(payload[:0], bytes.Repeat([]byte{1}, MaxPayload)...)
	if got, err := decompress(compress(payload)); err != nil || !bytes.Equal(got, payload) {
		t.Error(err)
	}
}

func FuzzCompress(f *testing.F) {
	f.Add([]byte("Nguyễn Văn An, Nguyễn Văn An, Thôn An Bình"))
	f.Add(bytes.Repeat([]byte{0}, 70))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, payload []byte) {
		if len(payload) > MaxPayload {
			return
		}
		got, err := decompress(compress(payload))
		if err != nil || !bytes.Equal(got, payload) {
			t.Fatalf("%x is read as %x: %v", payload, got, err)
		}
	})
}
