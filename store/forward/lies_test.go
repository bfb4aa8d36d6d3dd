package forward_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"chot/store"
	"chot/store/forward"
	"chot/store/wire"
)

func (k *kiosk) status(t testing.TB) store.Status {
	t.Helper()
	st, err := k.j.Status()
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// lying makes the province answer batches with what answer returns.
func (p *province) lying(answer func(b *wire.Batch) []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.meddle = func(w http.ResponseWriter, r *http.Request, body []byte, _ func(http.ResponseWriter)) bool {
		if r.URL.Path != wire.PathBatches {
			return false
		}
		b, err := wire.DecodeBatch(body)
		if err != nil {
			return false
		}
		w.Write(answer(b))
		return true
	}
}

func TestNoLieMakesAKioskBelieveThatItsEntriesAreHeld(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		lie     func(p *province, b *wire.Batch, r *wire.Receipt, key **ecdsa.PrivateKey)
		problem forward.Problem
	}{
		"a forged receipt":                {func(_ *province, _ *wire.Batch, _ *wire.Receipt, key **ecdsa.PrivateKey) { *key = newKey(t) }, forward.BadReceipt},
		"a receipt for another kiosk":     {func(_ *province, _ *wire.Batch, r *wire.Receipt, _ **ecdsa.PrivateKey) { r.Kiosk = "cho-tu-ky-2" }, forward.BadReceipt},
		"a receipt for another journal":   {func(_ *province, _ *wire.Batch, r *wire.Receipt, _ **ecdsa.PrivateKey) { r.Journal[0]++ }, forward.BadReceipt},
		"a receipt for another entry":     {func(_ *province, _ *wire.Batch, r *wire.Receipt, _ **ecdsa.PrivateKey) { r.Held.Hash[0]++ }, forward.Forked},
		"a receipt for more than written": {func(_ *province, _ *wire.Batch, r *wire.Receipt, _ **ecdsa.PrivateKey) { r.Held.Number += 1000 }, forward.Forked},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p := newProvince(t)
			n := connect(t, p)
			k := newKiosk(t, p, kioskName)
			k.append(t, 0, 20)
			p.lying(func(b *wire.Batch) []byte {
				r := &wire.Receipt{Kiosk: b.Kiosk, Journal: b.Journal, Held: b.Head(), Time: time.Now()}
				key := p.key
				c.lie(p, b, r, &key)
				data, err := r.Encode(key, rand.Reader)
				if err != nil {
					t.Error(err)
				}
				return data
			})
			f := k.forwarder(t, p, n)
			until(t, f, "the problem", func() bool { return f.Health().Problem == c.problem })
			if st := k.status(t); st.Covered.Number != 0 {
				t.Errorf("the journal believes that entries up to %d are held", st.Covered.Number)
			}
		})
	}
}

func TestAnOlderReceiptChangesNothing(t *testing.T) {
	t.Parallel()
	p := newProvince(t)
	n := connect(t, p)
	k := newKiosk(t, p, kioskName)
	k.append(t, 0, 20)
	until(t, k.forwarder(t, p, n), "all covered", k.allCovered)
	covered := k.status(t).Covered
	run, err := k.j.Batch(t.Context(), k.status(t).Journal, 5, 1)
	if err != nil {
		t.Fatal(err)
	}
	dir := memoryDir(t)
	old := wire.Receipt{Kiosk: k.name, Journal: run.Journal, Held: store.Position{Number: 5, Hash: run.Entries[0].Hash()}, Time: time.Now()}
	data, err := old.Encode(p.key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x.receipt"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := forward.Collect(t.Context(), k.j, p.keys(), farAway, dir); err != nil {
		t.Error(err)
	}
	if got := k.status(t).Covered; got != covered {
		t.Errorf("covered went from %d to %d", covered.Number, got.Number)
	}
}

func TestAClonedCardIsFoundOut(t *testing.T) {
	t.Parallel()
	p := newProvince(t)
	n := connect(t, p)
	k := newKiosk(t, p, kioskName)
	k.append(t, 0, 20)
	dir := memoryDir(t)
	path := filepath.Join(dir, "journal")
	copyJournal(t, k, path)
	clone := reopenKiosk(t, p, path, k.name, k.key)
	k.append(t, 20, 20)
	clone.append(t, 1000, 30)
	until(t, k.forwarder(t, p, n), "all covered", k.allCovered)
	f := clone.forwarder(t, p, n)
	until(t, f, "the fork", func() bool { return f.Health().Problem == forward.Forked })
	once(t, p, k, 40)
}

// copyJournal copies the file while nothing is appended.
func copyJournal(t testing.TB, k *kiosk, to string) {
	t.Helper()
	data, err := os.ReadFile(k.path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A province that was restored from an older copy says what it has; the kiosk
// sends what it still keeps and owns up to what it has purged.
func TestARestoredProvinceGetsWhatIsStillKept(t *testing.T) {
	t.Parallel()
	p := newProvince(t)
	n := connect(t, p)
	k := newKiosk(t, p, kioskName)
	k.append(t, 0, 100)
	until(t, k.forwarder(t, p, n), "all covered", k.allCovered)
	st := k.status(t)
	p.mu.Lock()
	at := held{k.name, st.Journal}
	p.held[at] = p.held[at][:50]
	p.mu.Unlock()
	k.append(t, 100, 10)
	until(t, k.forwarder(t, p, n), "all covered", k.allCovered)
	once(t, p, k, 110)
}

func TestAllWaysAtOnceDeliverOnce(t *testing.T) {
	t.Parallel()
	p := newProvince(t)
	n := connect(t, p)
	k, neighbour := newKiosk(t, p, kioskName), newKiosk(t, p, "cho-tu-ky-2")
	k.append(t, 0, 500)
	stick, spool := memoryDir(t), memoryDir(t)
	// On a stick, to the province and back.
	if entries, err := forward.Export(t.Context(), k.j, k.key, rand.Reader, stick); err != nil || entries < 500 {
		t.Fatalf("%d entries: %v", entries, err)
	}
	k.append(t, 500, 100)
	// The same stick by a neighbour, and a series of codes off the screen.
	if done, err := forward.Exchange(stick, spool, neighbour.name); err != nil || done.Batches == 0 {
		t.Fatalf("%+v: %v", done, err)
	}
	run, err := k.j.Batch(t.Context(), k.status(t).Journal, 500, 4000)
	if err != nil {
		t.Fatal(err)
	}
	b := wire.Batch{Kiosk: run.Kiosk, Journal: run.Journal, Made: time.Now(), Entries: run.Entries}
	data, err := b.Encode(k.key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := wire.Codes(data, 500)
	if err != nil {
		t.Fatal(err)
	}
	var series wire.Series
	for _, text := range texts {
		got, err := series.Add(text)
		if err == nil && got != nil {
			_, err = forward.Accept(spool, got)
		}
		if err != nil || got != nil && !bytes.Equal(got, data) {
			t.Fatalf("the series is another batch: %v", err)
		}
	}
	o := neighbour.options(p, n)
	o.Spool = spool
	neighbour.append(t, 0, 10)
	f, err := forward.New(o)
	if err != nil {
		t.Fatal(err)
	}
	f.Hurry()
	until(t, f, "the neighbour's batches", func() bool {
		left, _ := filepath.Glob(filepath.Join(spool, "*.batch"))
		return len(left) == 0 && neighbour.allCovered()
	})
	c := &forward.Client{HTTP: n.client, URL: "https://province"}
	if _, err := forward.Deliver(t.Context(), c, stick); err != nil {
		t.Fatal(err)
	}
	until(t, k.forwarder(t, p, n), "the rest over the network", k.allCovered)
	if done, err := forward.Exchange(stick, spool, neighbour.name); err != nil || done.Returned != 1 {
		t.Errorf("%+v: %v", done, err)
	}
	if got, err := forward.Collect(t.Context(), k.j, p.keys(), farAway, stick); err != nil || got != 1 {
		t.Errorf("%d receipts: %v", got, err)
	}
	once(t, p, k, 600)
	once(t, p, neighbour, 10)
}

func TestAnErasureOrderIsObeyedAndProven(t *testing.T) {
	t.Parallel()
	p := newProvince(t)
	n := connect(t, p)
	k := newKiosk(t, p, kioskName)
	k.append(t, 0, 20)
	until(t, k.forwarder(t, p, n), "all covered", k.allCovered)
	st := k.status(t)
	order := wire.Erasure{Kiosk: k.name, Journal: st.Journal, Numbers: []uint64{7, 8}, Time: time.Now()}
	good, err := order.Encode(p.key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	order.Numbers = []uint64{9}
	forged, err := order.Encode(newKey(t), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	p.orders = [][]byte{forged, good}
	p.mu.Unlock()
	until(t, k.forwarder(t, p, n), "the proof", func() bool {
		all := p.all(k.name, st.Journal)
		return all[len(all)-1].Kind == forward.KindErasure
	})
	run, err := k.j.Batch(context.Background(), st.Journal, 1, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range run.Entries {
		if erased := e.Number == 7 || e.Number == 8; (e.Sealed == nil) != erased {
			t.Errorf("entry %d is erased: %t", e.Number, e.Sealed == nil)
		}
	}
}

func TestTheDaysBytesAreKeptOverARestart(t *testing.T) {
	t.Parallel()
	p := newProvince(t)
	n := connect(t, p)
	k := newKiosk(t, p, kioskName)
	k.append(t, 0, 10_000)
	o := k.options(p, n)
	o.Daily, o.Ledger = 300_000, filepath.Join(memoryDir(t), "spent.json")
	for _, daily := range []int64{160_000, 300_000, 300_000} {
		o.Daily = daily
		f, err := forward.New(o)
		if err != nil {
			t.Fatal(err)
		}
		f.Hurry()
		until(t, f, "the end of the budget", func() bool { return f.Health().Problem == forward.OverBudget })
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if spent := n.up + n.down; spent > o.Daily {
		t.Errorf("%d bytes went over a link that may take %d a day", spent, o.Daily)
	}
	if st := k.status(t); st.Waiting() == 0 || st.Covered.Number == 0 {
		t.Errorf("%d wait, %d are covered", st.Waiting(), st.Covered.Number)
	}
}
