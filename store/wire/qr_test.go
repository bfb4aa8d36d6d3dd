package wire_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	mrand "math/rand/v2"
	"testing"

	"chot/store"
	"chot/store/wire"
)

func TestSeriesOfCodesComesTogetherInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 100, 5000, 50_000} {
		data := make([]byte, size)
		rand.Read(data)
		texts, err := wire.Codes(data, 1200)
		if err != nil {
			t.Fatal(err)
		}
		order := mrand.Perm(len(texts))
		var s wire.Series
		for i, k := range append(order[:len(order)/2:len(order)/2], order...) { // half of them twice
			if len(texts[k]) > 1200 {
				t.Errorf("a code of %d characters", len(texts[k]))
			}
			got, err := s.Add(texts[k])
			if err != nil {
				t.Fatal(err)
			}
			if got != nil {
				if !bytes.Equal(got, data) {
					t.Error("another batch came together")
				}
				if missing, _ := s.Missing(); missing != 0 || i < len(texts)-1 {
					t.Errorf("complete after %d of %d codes", i+1, len(texts))
				}
				break
			}
		}
	}
	if _, err := wire.Codes(make([]byte, 1<<20), 300); err == nil {
		t.Error("a megabyte fits into a series")
	}
	for _, bad := range []string{"", "HC1:6BF", "CHOT1/", "CHOT1/00000000/0/1/AA", "CHOT1/00000000/1/999999/AA", "CHOT1/00000000/2/1/AA", "CHOT1/00000000/1/1/a!"} {
		if _, err := new(wire.Series).Add(bad); !errors.Is(err, wire.ErrNoCode) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzDecodeBatch(f *testing.F) {
	key := newKey(f)
	st, entries := journal(f, 3)
	b := wire.Batch{Kiosk: st.Kiosk, Journal: st.Journal, Made: noon, Entries: entries}
	data, err := b.Encode(key, rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := wire.DecodeBatch(data)
		if err != nil {
			return
		}
		head, err := store.Verify(b.Before(), b.Entries)
		if err != nil || head != b.Head() {
			t.Fatalf("what was decoded is no chain up to %v: %v", b.Head(), err)
		}
		if _, err := b.After(b.Before(), nil); err != nil && b.Before().Number > 0 {
			t.Errorf("it does not follow what it follows: %v", err)
		}
	})
}

func FuzzDecodeOthers(f *testing.F) {
	f.Add([]byte{0xa0})
	f.Add([]byte("0123ABCD/1/1/GEZDGNBV"))
	key := newKey(f)
	receipt, err := (&wire.Receipt{Kiosk: "cho-tu-ky-1", Held: store.Position{Number: 7}, Time: noon}).Encode(key, rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	erasure, err := (&wire.Erasure{Kiosk: "cho-tu-ky-1", Numbers: []uint64{7, 8}, Time: noon}).Encode(key, rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(receipt)
	f.Add(erasure)
	f.Add((&wire.Error{Code: wire.Gap, Have: store.Position{Number: 7}}).Encode())
	f.Fuzz(func(_ *testing.T, data []byte) {
		wire.DecodeReceipt(data)
		wire.DecodeErasure(data)
		wire.DecodeError(data)
		new(wire.Series).Add("CHOT1/" + string(data))
	})
}
