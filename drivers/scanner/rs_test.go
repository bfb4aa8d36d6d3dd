package scanner

import (
	"bytes"
	"testing"

	"github.com/makiuchi-d/gozxing/common/reedsolomon"
	"pgregory.net/rapid"
)

// Whatever gozxing's encoder wrote comes back as long as twice the errors and
// the erasures together do not exceed the check symbols.
func TestReedSolomonCorrectsErrorsAndErasures(t *testing.T) {
	t.Parallel()
	enc := reedsolomon.NewReedSolomonEncoder(reedsolomon.GenericGF_QR_CODE_FIELD_256)
	rapid.Check(t, func(t *rapid.T) {
		check := rapid.IntRange(4, 30).Draw(t, "check symbols")
		data := rapid.SliceOfN(rapid.Byte(), 1, 100).Draw(t, "data")
		ints := make([]int, len(data)+check)
		for i, b := range data {
			ints[i] = int(b)
		}
		if err := enc.Encode(ints, check); err != nil {
			t.Fatal(err)
		}
		want := make([]byte, len(ints))
		for i, v := range ints {
			want[i] = byte(v)
		}
		erasures := rapid.IntRange(0, check).Draw(t, "erasures")
		errors := rapid.IntRange(0, (check-erasures)/2).Draw(t, "errors")
		if erasures+errors > len(want) {
			t.Skip()
		}
		places := rapid.Permutation(indices(len(want))).Draw(t, "places")
		got := bytes.Clone(want)
		for i := range erasures + errors {
			got[places[i]] ^= byte(rapid.IntRange(1, 255).Draw(t, "damage"))
		}
		var rs reedSolomon
		rs.syndromes(got, check)
		wrong, ok := rs.correct(got, check, 0, places[:erasures])
		if !ok || !bytes.Equal(got, want) || wrong != errors {
			t.Fatalf("%d erasures, %d errors of %d check symbols: ok %v, %d wrong", erasures, errors, check, ok, wrong)
		}
	})
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
