package store_test

import (
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"chot/kiosk/record"
	"chot/store"

	"github.com/klauspost/compress/dict"
	"github.com/klauspost/compress/zstd"
)

var train = flag.Bool("train", false, "train the dictionary again and write it")

// The dictionary is trained on samples of the records, not on real ones. A new
// one needs a new file and a new way of packing: kiosks keep what they sealed.
func TestTrainDictionary(t *testing.T) {
	if !*train {
		t.Skip("skipped: the dictionary is trained by go generate")
	}
	_, payloads := encoded(t, 1, 4000, sample)
	d, err := dict.BuildZstdDict(payloads, dict.Options{
		MaxDictSize: 12 << 10, HashBytes: 6, ZstdDictID: 1, ZstdLevel: zstd.SpeedBestCompression,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("dictionary1.zdict", d, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestATypicalCheckInTakesAtMost160BytesSealed(t *testing.T) {
	t.Parallel()
	for what, make := range map[string]func(*rand.Rand) record.Body{
		"visit": sampleVisit, "declaration": sampleDeclaration, "day's mix": sample,
	} {
		_, payloads := encoded(t, 2, 2000, make) // other people than it was trained on
		sizes, raw := []int{}, 0
		for _, p := range payloads {
			sizes, raw = append(sizes, store.SealedSize(p)), raw+len(p)
		}
		slices.Sort(sizes)
		sum := 0
		for _, s := range sizes {
			sum += s
		}
		n := len(sizes)
		t.Logf("%s: encoded %d, sealed: mean %d, median %d, 95%% %d, largest %d bytes", what, raw/n, sum/n, sizes[n/2], sizes[n*95/100], sizes[n-1])
		if sizes[n/2] > 160 {
			t.Errorf("a typical %s takes %d bytes sealed", what, sizes[n/2])
		}
	}
}

func BenchmarkCompress(b *testing.B) {
	_, payloads := encoded(b, 3, 1000, sample)
	i := 0
	for b.Loop() {
		store.SealedSize(payloads[i%len(payloads)])
		i++
	}
}
