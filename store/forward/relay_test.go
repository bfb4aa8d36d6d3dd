package forward_test

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"chot/store/forward"
	"chot/store/wire"
)

// files are the names in a directory, sorted.
func files(t testing.TB, dir string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		names = append(names, f.Name())
	}
	return names
}

// A neighbour's batch that the province refuses stays in the spool and holds up
// no other.
func TestARefusedBatchOfANeighbourHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	p := newProvince(t)
	n := connect(t, p)
	spool := memoryDir(t)
	var refused, delivered []string
	// The names are in the order in which the spool is read.
	for _, c := range []struct {
		name    string
		refuses func(k *kiosk)
	}{
		{"neighbour-1", func(k *kiosk) { k.key = newKey(t) }}, // signed by another key
		{"neighbour-2", nil},
		{"neighbour-3", func(*kiosk) { delete(p.kiosks, "neighbour-3") }}, // not enrolled
		{"neighbour-4", nil},
	} {
		k := newKiosk(t, p, c.name)
		k.append(t, 0, 5)
		if c.refuses != nil {
			p.mu.Lock()
			c.refuses(k)
			p.mu.Unlock()
		}
		before := files(t, spool)
		if _, err := forward.Export(t.Context(), k.j, k.key, rand.Reader, spool); err != nil {
			t.Fatal(err)
		}
		for _, name := range files(t, spool) {
			switch {
			case slices.Contains(before, name):
			case c.refuses != nil:
				refused = append(refused, name)
			default:
				delivered = append(delivered, c.name+"_"+k.status(t).Journal.String()+".receipt")
			}
		}
	}
	k := newKiosk(t, p, kioskName)
	k.append(t, 0, 5)
	o := k.options(p, n)
	o.Spool = spool
	f, err := forward.New(o)
	if err != nil {
		t.Fatal(err)
	}
	f.Hurry()
	want := slices.Sorted(slices.Values(append(refused, delivered...)))
	until(t, f, "receipts in place of the good batches", func() bool { return slices.Equal(files(t, spool), want) && k.allCovered() })
	if problem := f.Health().Problem; problem != "" {
		t.Errorf("a neighbour's batch is the kiosk's own problem: %s", problem)
	}
	for _, name := range delivered {
		raw, err := os.ReadFile(filepath.Join(spool, name))
		if err != nil {
			t.Fatal(err)
		}
		r, err := wire.DecodeReceipt(raw)
		if err == nil {
			err = r.Verify(p.keys())
		}
		if err != nil || r.Held.Number != 6 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// A province that lost everything is sent everything that is kept, from the first
// entry or from what was purged on.
func TestAnEmptyProvinceIsSentEverythingAgain(t *testing.T) {
	t.Parallel()
	p := newProvince(t)
	n := connect(t, p)
	k := newKiosk(t, p, kioskName)
	k.append(t, 0, 30)
	until(t, k.forwarder(t, p, n), "all covered", k.allCovered)
	st := k.status(t)
	p.mu.Lock()
	clear(p.held)
	p.mu.Unlock()
	k.append(t, 30, 1)
	until(t, k.forwarder(t, p, n), "all covered", k.allCovered)
	once(t, p, k, 31)
	if got := p.all(k.name, st.Journal); got[0].Number != 1 {
		t.Errorf("the province's first entry is %d", got[0].Number)
	}
}

// What was purged meanwhile is owned up to as lost, and the rest is sent.
func TestAnEmptyProvinceIsToldWhatWasPurged(t *testing.T) {
	t.Parallel()
	p := newProvince(t)
	n := connect(t, p)
	k := newKiosk(t, p, kioskName)
	hourAgo := time.Now().Add(-time.Hour)
	for i := range 30 {
		if _, err := k.j.Append(t.Context(), 1, hourAgo.Add(time.Duration(i)*time.Second), []byte("record")); err != nil {
			t.Fatal(err)
		}
	}
	until(t, k.forwarder(t, p, n), "all covered", k.allCovered)
	st := k.status(t)
	if _, err := k.j.Purge(t.Context(), hourAgo.Add(10*time.Second)); err != nil {
		t.Fatal(err)
	}
	base := k.status(t).Base.Number
	if base == 0 || base == st.Head.Number {
		t.Fatalf("purged to %d of %d", base, st.Head.Number)
	}
	p.mu.Lock()
	clear(p.held)
	p.mu.Unlock()
	k.append(t, 30, 1)
	until(t, k.forwarder(t, p, n), "all covered", k.allCovered)
	got := p.all(k.name, st.Journal)
	if got[0].Number != base+1 || got[len(got)-1].Number != k.status(t).Head.Number || len(got) != int(k.status(t).Head.Number-base) {
		t.Errorf("the province has %d entries, %d to %d, not %d to %d", len(got), got[0].Number, got[len(got)-1].Number, base+1, k.status(t).Head.Number)
	}
}
