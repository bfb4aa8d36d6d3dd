package forward_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/hpke"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	mrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"chot/store"
	"chot/store/forward"
	"chot/store/wire"
)

const kioskName = "cho-tu-ky-1"

var sealKey = func() hpke.PrivateKey {
	key, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		panic(err)
	}
	return key
}()

// kiosk is a journal with its key.
type kiosk struct {
	name string
	path string
	j    *store.Journal
	key  *ecdsa.PrivateKey
}

func memoryDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "chot-forward-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func newKiosk(t testing.TB, p *province, name string) *kiosk {
	t.Helper()
	return reopenKiosk(t, p, filepath.Join(memoryDir(t), "journal"), name, newKey(t))
}

func reopenKiosk(t testing.TB, p *province, path, name string, key *ecdsa.PrivateKey) *kiosk {
	t.Helper()
	j, err := store.Open(path, store.Options{
		Kiosk: name, SealKey: sealKey.PublicKey(), Rand: rand.Reader, Clock: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	p.kiosks[name] = &key.PublicKey
	p.mu.Unlock()
	t.Cleanup(func() { j.Close() })
	return &kiosk{name, path, j, key}
}

func (k *kiosk) append(t testing.TB, from, n int) {
	t.Helper()
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := from + w; i < from+n; i += 8 {
				if _, err := k.j.Append(context.Background(), 1, time.Now(), fmt.Appendf(nil, "record %d", i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func (k *kiosk) forwarder(t testing.TB, p *province, n *network) *forward.Forwarder {
	t.Helper()
	f, err := forward.New(k.options(p, n))
	if err != nil {
		t.Fatal(err)
	}
	f.Hurry()
	return f
}

func (k *kiosk) options(p *province, n *network) forward.Options {
	return forward.Options{
		Journal: k.j, HTTP: n.client, URL: "https://province", Key: k.key, Keys: p.keys,
		Rand: rand.Reader, MaxBytes: 8 << 10, MaxAge: 10 * time.Millisecond,
		Log: slog.New(slog.DiscardHandler),
	}
}

// until runs the forwarder until the condition holds.
func until(t testing.TB, f *forward.Forwarder, what string, cond func() bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.Run(ctx)
	}()
	ok := false
	for range 12_000 {
		if ok = cond(); ok {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	<-done
	if !ok {
		t.Fatalf("%s did not come about; %+v", what, f.Health())
	}
}

func (k *kiosk) allCovered() bool {
	st, err := k.j.Status()
	return err == nil && st.Backlog() == 0 && st.Head.Number > 0
}

// once checks that the province holds each of n records exactly once.
func once(t testing.TB, p *province, k *kiosk, n int) {
	t.Helper()
	st, err := k.j.Status()
	if err != nil {
		t.Fatal(err)
	}
	entries := p.all(k.name, st.Journal)
	at, err := store.Verify(store.Position{Hash: store.Genesis(k.name, st.Journal)}, entries)
	if err != nil || at != st.Head {
		t.Errorf("the province's chain ends at %v, the journal's at %v: %v", at, st.Head, err)
	}
	payloads, _, err := store.NewOpener(sealKey).Open(k.name, st.Journal, nil, entries)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for i, payload := range payloads {
		if entries[i].Kind == 1 {
			seen[string(payload)]++
		}
	}
	for i := range n {
		if c := seen[fmt.Sprintf("record %d", i)]; c != 1 {
			t.Fatalf("the province has record %d %d times", i, c)
		}
	}
	if len(seen) != n {
		t.Errorf("the province has %d records, not %d", len(seen), n)
	}
}

// faulty is a connection that breaks: it is reset after some bytes, stalls,
// trickles, or swallows what is written to it.
type faulty struct {
	net.Conn
	mu    sync.Mutex
	fault int
	left  int
}

func (c *faulty) Write(b []byte) (int, error) {
	c.mu.Lock()
	c.left -= len(b)
	over, fault := c.left < 0, c.fault
	c.mu.Unlock()
	if !over {
		return c.Conn.Write(b)
	}
	switch fault {
	case 0: // reset
		c.Conn.Close()
		return 0, net.ErrClosed
	case 1: // half-open: it seems to go out
		return len(b), nil
	case 2: // stalls, then goes on
		time.Sleep(200 * time.Millisecond)
	case 3: // trickles
		for i := 0; i < len(b); i += 100 {
			time.Sleep(5 * time.Millisecond)
			if _, err := c.Conn.Write(b[i:min(i+100, len(b))]); err != nil {
				return i, err
			}
		}
		return len(b), nil
	}
	return c.Conn.Write(b)
}

// repeating is a transport that sends some requests twice, and some again much
// later.
type repeating struct {
	http.RoundTripper
	mu   sync.Mutex
	rnd  *mrand.Rand
	kept []*http.Request
}

func (r *repeating) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if req.Method == http.MethodPost {
		switch r.rnd.IntN(5) {
		case 0:
			r.repeat(req)
		case 1:
			r.kept = append(r.kept, clone(req))
		case 2:
			if len(r.kept) > 0 {
				r.repeat(r.kept[r.rnd.IntN(len(r.kept))])
			}
		}
	}
	return r.RoundTripper.RoundTrip(req)
}

func clone(req *http.Request) *http.Request {
	body, _ := req.GetBody()
	data, _ := io.ReadAll(body)
	c, _ := http.NewRequest(req.Method, req.URL.String(), bytes.NewReader(data))
	c.Header = req.Header
	return c
}

func (r *repeating) repeat(req *http.Request) {
	ctx, cancel := context.WithTimeout(context.Background(), 120*time.Millisecond)
	defer cancel()
	if resp, err := r.RoundTripper.RoundTrip(clone(req).WithContext(ctx)); err == nil {
		resp.Body.Close()
	}
}

func TestTenThousandRecordsArriveOnceOverANetworkThatFails(t *testing.T) {
	t.Parallel()
	records, seeds := 10_000, uint64(1)
	if os.Getenv("CHOT_SOAK") != "" {
		seeds = 8
	}
	for seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			p := newProvince(t)
			rnd := mrand.New(mrand.NewPCG(seed, 1))
			var mu sync.Mutex
			roll := func(n int) int {
				mu.Lock()
				defer mu.Unlock()
				return rnd.IntN(n)
			}
			var old []byte
			p.meddle = func(w http.ResponseWriter, r *http.Request, body []byte, serve func(http.ResponseWriter)) bool {
				switch roll(16) {
				case 0: // commits, and dies before it answers
					serve(discard{http.Header{}})
					panic(http.ErrAbortHandler)
				case 1: // dies before it commits
					panic(http.ErrAbortHandler)
				case 2:
					w.WriteHeader(http.StatusServiceUnavailable)
				case 3:
					w.WriteHeader(http.StatusInternalServerError)
					io.WriteString(w, "<html>proxy error</html>")
				case 4: // stalls until the client gives up
					<-r.Context().Done()
				case 5: // 200, and nothing that is a receipt
					io.WriteString(w, "login required")
				case 6: // an answer from before
					mu.Lock()
					defer mu.Unlock()
					if old == nil {
						return false
					}
					w.Write(old)
				case 7: // an answer that breaks off
					w.Header().Set("Content-Length", "200")
					w.Write([]byte{0xa7, 0x01})
					panic(http.ErrAbortHandler)
				case 8:
					rec := &recorder{discard: discard{http.Header{}}}
					serve(rec)
					mu.Lock()
					defer mu.Unlock()
					if rec.status == 0 && r.URL.Path == wire.PathBatches {
						old = rec.body
					}
					w.Write(rec.body)
				default:
					return false
				}
				return true
			}
			n := connect(t, p)
			n.wrap = func(c net.Conn) net.Conn {
				return &faulty{Conn: c, fault: roll(5), left: 3000 + roll(200_000)}
			}
			n.client.Transport = &repeating{RoundTripper: n.client.Transport, rnd: mrand.New(mrand.NewPCG(seed, 2))}
			k := newKiosk(t, p, kioskName)
			k.append(t, 0, records/2)
			f := k.forwarder(t, p, n)
			until(t, f, "half of it", k.allCovered)
			k.append(t, records/2, records-records/2)
			until(t, k.forwarder(t, p, n), "the rest", k.allCovered)
			once(t, p, k, records)
			t.Logf("%d requests", p.requests)
		})
	}
}

// discard is a response that goes nowhere.
type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

type recorder struct {
	discard
	status int
	body   []byte
}

func (r *recorder) WriteHeader(s int)           { r.status = s }
func (r *recorder) Write(b []byte) (int, error) { r.body = append(r.body, b...); return len(b), nil }
