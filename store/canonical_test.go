package store

import (
	"bytes"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What is encoded by hand is what the canonical encoder makes of it.
func TestHandwrittenEncodingsAreCanonical(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var journal ID
		copy(journal[:], rapid.SliceOfN(rapid.Byte(), len(journal), len(journal)).Draw(t, "journal"))
		kiosk := rapid.StringN(1, 64, 200).Draw(t, "kiosk")
		e := Entry{
			Number: rapid.Uint64Range(1, 1<<numberBits).Draw(t, "number"),
			Time:   time.UnixMilli(rapid.Int64Range(0, maxMilli).Draw(t, "time")),
			Kind:   rapid.Byte().Draw(t, "kind"),
			Prev:   hashOf(kiosk), Digest: hashOf(journal[:]),
		}
		got := associated(kiosk, journal, e.Number, e.Time, e.Kind)
		if want := encode([]any{kiosk, journal[:], e.Number, e.Time.UnixMilli(), e.Kind}); !bytes.Equal(got, want) {
			t.Errorf("associated data %x, not %x", got, want)
		}
		if want := hashOf([]any{e.Number, e.Time.UnixMilli(), e.Kind, e.Prev[:], e.Digest[:]}); e.Hash() != want {
			t.Errorf("hash %s, not %s", e.Hash(), want)
		}
		here := Position{e.Number, e.Prev}
		st := &state{Kiosk: kiosk, High: e.Time, Erased: [][]byte{journal[:]}, Chains: []Chain{
			{Journal: journal, Base: here, Covered: here, Head: here, Lost: []Span{{1, e.Number}}},
			{Journal: journal, Head: here, place: uint16(e.Kind), receipt: e.Digest[:]},
		}}
		data := st.encode()
		data = data[:len(data)-checkLen]
		var stored storedState
		if err := strict.Unmarshal(data, &stored); err != nil || !bytes.Equal(encode(stored), data) {
			t.Errorf("state %x is not canonical: %v", data, err)
		}
	})
}
