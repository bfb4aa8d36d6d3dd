package wire_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hpke"
	"crypto/rand"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"chot/store"
	"chot/store/wire"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// journal returns n entries of a journal, the first of which begins a segment.
func journal(t testing.TB, n int) (store.Status, []store.Entry) {
	t.Helper()
	seal, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	j, err := store.Open(filepath.Join(t.TempDir(), "journal"), store.Options{
		Kiosk: "cho-tu-ky-1", SealKey: seal.PublicKey(), Rand: rand.Reader, Clock: func() time.Time { return noon },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	for i := range n - 1 {
		if _, err := j.Append(context.Background(), 1, noon.Add(time.Duration(i)*time.Second), []byte("hello")); err != nil {
			t.Fatal(err)
		}
	}
	st, err := j.Status()
	if err != nil {
		t.Fatal(err)
	}
	run, err := j.Batch(context.Background(), st.Journal, 1, wire.MaxBatch)
	if err != nil {
		t.Fatal(err)
	}
	return st, run.Entries
}

func TestBatchIsTakenOnceInAnyOrder(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	st, entries := journal(t, 20)
	other, forked := journal(t, 20)
	position := func(n uint64) store.Position {
		if n == 0 {
			return store.Position{}
		}
		return store.Position{Number: n, Hash: entries[n-1].Hash()}
	}
	hashAt := func(n uint64) (store.Hash, error) { return entries[n-1].Hash(), nil }
	for _, c := range []struct {
		what        string
		first, last int
		lost        uint64
		have        uint64
		fresh       int
		code        wire.Code
	}{
		{what: "the first batch", first: 1, last: 10, have: 0, fresh: 10},
		{what: "the next batch", first: 11, last: 20, have: 10, fresh: 10},
		{what: "a repeat", first: 1, last: 10, have: 10, fresh: 0},
		{what: "an old batch", first: 3, last: 7, have: 20, fresh: 0},
		{what: "an overlap", first: 5, last: 15, have: 10, fresh: 5},
		{what: "a gap", first: 12, last: 15, have: 10, code: wire.Gap},
		{what: "a declared loss", first: 12, last: 15, lost: 1, have: 10, fresh: 4},
		{what: "a larger loss than was needed", first: 12, last: 15, lost: 5, have: 10, fresh: 4},
		{what: "a smaller loss than is missing", first: 15, last: 16, lost: 2, have: 10, code: wire.Gap},
	} {
		b := wire.Batch{Kiosk: st.Kiosk, Journal: st.Journal, Lost: c.lost, Made: noon, Entries: entries[c.first-1 : c.last]}
		data, err := b.Encode(key, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		got, err := wire.DecodeBatch(data)
		if err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		if err := got.Verify(&key.PublicKey); err != nil {
			t.Errorf("%s: %v", c.what, err)
		}
		if err := got.Verify(&newKey(t).PublicKey); err == nil {
			t.Errorf("%s: another key verifies", c.what)
		}
		fresh, err := got.After(position(c.have), hashAt)
		var refused *wire.Error
		switch {
		case c.code == "" && err != nil:
			t.Errorf("%s: %v", c.what, err)
		case c.code != "" && (!errors.As(err, &refused) || refused.Code != c.code || refused.Have != position(c.have)):
			t.Errorf("%s: %v, not %s", c.what, err, c.code)
		case len(fresh) != c.fresh:
			t.Errorf("%s: %d new entries, not %d", c.what, len(fresh), c.fresh)
		}
	}
	for _, have := range []uint64{0, 5, 10, 15} {
		b := wire.Batch{Kiosk: other.Kiosk, Journal: st.Journal, Made: noon, Entries: forked[:10]}
		var refused *wire.Error
		if _, err := b.After(position(have), hashAt); !errors.As(err, &refused) || refused.Code != wire.Fork {
			t.Errorf("a cloned card's batch where %d are held: %v", have, err)
		}
	}
}

func TestReceiptHoldsForItsKeyOnly(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	r := wire.Receipt{Kiosk: "k", Journal: store.ID{1}, Held: store.Position{Number: 7, Hash: store.Hash{9}}, Time: noon}
	data, err := r.Encode(key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	got, err := wire.DecodeReceipt(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Verify([]*ecdsa.PublicKey{&newKey(t).PublicKey, &key.PublicKey}); err != nil {
		t.Error(err)
	}
	if got.Held != r.Held || got.Kiosk != r.Kiosk || got.Journal != r.Journal || !got.Time.Equal(r.Time) {
		t.Errorf("%+v became %+v", r, got)
	}
	if err := got.Verify([]*ecdsa.PublicKey{&newKey(t).PublicKey}); !errors.Is(err, wire.ErrSignature) {
		t.Errorf("verified by another key: %v", err)
	}
	got.Held.Number++
	if err := got.Verify([]*ecdsa.PublicKey{&key.PublicKey}); !errors.Is(err, wire.ErrSignature) {
		t.Errorf("verified with another number: %v", err)
	}
}
