package store_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"chot/store"
	"chot/store/forward"
	"chot/store/wire"

	"golang.org/x/sys/unix"
)

// TestFigures measures the journal against what the machine can do, each figure
// as a ratio within this run. `make bench-store` runs it.
func TestFigures(t *testing.T) {
	if os.Getenv("CHOT_BENCH") == "" {
		t.Skip("skipped: make bench-store runs it")
	}
	kinds, payloads := encoded(t, 9, 5000, sample)
	t.Run("append", func(t *testing.T) { figureAppend(t, kinds, payloads) })
	t.Run("group", func(t *testing.T) { figureGroup(t, kinds, payloads) })
	t.Run("disk", func(t *testing.T) { figureDisk(t, kinds, payloads) })
	t.Run("million", func(t *testing.T) { figureMillion(t, kinds, payloads) })
	t.Run("wire", func(t *testing.T) { figureWire(t, kinds, payloads) })
}

// figure prints a line of the table and fails where the bound is not kept.
func figure(t *testing.T, what string, got, most, least float64) {
	t.Helper()
	bound, ok := fmt.Sprintf("at most %g", most), got <= most
	if least > 0 {
		bound, ok = fmt.Sprintf("at least %g", least), got >= least
	}
	fmt.Printf("FIGURE %-66s %8.3f  (%s)\n", what, got, bound)
	if !ok {
		t.Errorf("%s: %.3f, not %s", what, got, bound)
	}
}

func benchOptions() store.Options {
	o := options()
	o.Clock = time.Now
	return o
}

// fill appends n records by many at once, each some time after the one before.
func fill(t testing.TB, j *store.Journal, kinds []uint8, payloads [][]byte, n, workers int) {
	t.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for range workers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				at := start.Add(time.Duration(i) * 20 * time.Second)
				if _, err := j.Append(context.Background(), kinds[i%len(kinds)], at, payloads[i%len(payloads)]); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// figureAppend takes turns between an append and two raw writes, each synced, of
// as many pages as the append writes: those that changed, then the meta page.
func figureAppend(t *testing.T, kinds []uint8, payloads [][]byte) {
	dir := t.TempDir()
	j := open(t, filepath.Join(dir, "journal"), benchOptions())
	fill(t, j, kinds, payloads, 2000, 64)
	raw, err := os.Create(filepath.Join(dir, "raw"))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	// As large as the journal, written through: neither allocates.
	if _, err := raw.Write(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	raw.Sync()
	appended := 0
	durably := func() {
		if _, err := j.Append(context.Background(), kinds[appended], time.Now(), payloads[appended]); err != nil {
			t.Fatal(err)
		}
		appended++
	}
	var writes []float64
	for range 101 {
		before := writeCalls(t)
		durably()
		writes = append(writes, float64(writeCalls(t)-before))
	}
	pages := int(median(writes)) - 1
	page := make([]byte, 4096)
	var raws, appends []float64
	for i := range 1200 {
		start := time.Now()
		for k := range pages {
			raw.WriteAt(page, int64(8+(4*i+7*k)%200)*4096)
		}
		unix.Fdatasync(int(raw.Fd()))
		raw.WriteAt(page, int64(i%2)*4096)
		unix.Fdatasync(int(raw.Fd()))
		raws = append(raws, float64(time.Since(start)))
		start = time.Now()
		durably()
		appends = append(appends, float64(time.Since(start)))
	}
	t.Logf("%d pages and the meta page: raw %s, append %s", pages, time.Duration(median(raws)), time.Duration(median(appends)))
	figure(t, "one durable append ÷ raw write + fdatasync, twice", median(appends)/median(raws), 1.2, 0)
}

// writeCalls counts the write calls of this process.
func writeCalls(t *testing.T) (calls int) {
	t.Helper()
	text, err := os.ReadFile("/proc/self/io")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "syscw: ")
	if _, err := fmt.Sscan(after, &calls); err != nil {
		t.Fatal(err)
	}
	return calls
}

func median(v []float64) float64 {
	v = slices.Clone(v)
	slices.Sort(v)
	return v[len(v)/2]
}

func figureGroup(t *testing.T, kinds []uint8, payloads [][]byte) {
	j := open(t, filepath.Join(t.TempDir(), "journal"), benchOptions())
	rate := func(workers int, d time.Duration) float64 {
		var n atomic.Int64
		var wg sync.WaitGroup
		start := time.Now()
		for w := range workers {
			wg.Go(func() {
				for i := w; time.Since(start) < d; i++ {
					if _, err := j.Append(context.Background(), kinds[i%len(kinds)], time.Now(), payloads[i%len(payloads)]); err != nil {
						t.Error(err)
						return
					}
					n.Add(1)
				}
			})
		}
		wg.Wait()
		return float64(n.Load()) / time.Since(start).Seconds()
	}
	rate(64, time.Second)
	var ratios, ones, manies []float64
	for range 15 { // in turns, because a disk has slow seconds
		one, many := rate(1, 300*time.Millisecond), rate(64, 300*time.Millisecond)
		ratios, ones, manies = append(ratios, many/one), append(ones, one), append(manies, many)
	}
	t.Logf("one appender %.0f a second, 64 appenders %.0f", median(ones), median(manies))
	figure(t, "64 concurrent appends per second ÷ one appender's", median(ratios), 0, 20)
}

// sealedBytes is the sum of the sealed payloads of a journal.
func sealedBytes(t testing.TB, path string) (sum, n float64) {
	t.Helper()
	i, err := store.Inspect(path)
	if err != nil {
		t.Fatal(err)
	}
	for e, err := range i.Entries(i.Chains[0].Journal) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind != store.KindSegment {
			sum, n = sum+float64(len(e.Sealed)), n+1
		}
	}
	return sum, n
}

func figureDisk(t *testing.T, kinds []uint8, payloads [][]byte) {
	path := filepath.Join(t.TempDir(), "journal")
	j := open(t, path, benchOptions())
	fill(t, j, kinds, payloads, 100_000, 64)
	j.Close()
	var st syscall.Stat_t
	if err := syscall.Stat(path, &st); err != nil {
		t.Fatal(err)
	}
	sealed, n := sealedBytes(t, path)
	t.Logf("%.0f records of %.1f bytes sealed; file of %d bytes, %d on the disk", n, sealed/n, st.Size, st.Blocks*512)
	figure(t, "bytes on disk per record ÷ sealed size, after 100,000 records", float64(max(st.Size, st.Blocks*512))/sealed, 1.6, 0)
}

func figureMillion(t *testing.T, kinds []uint8, payloads [][]byte) {
	dir := t.TempDir()
	full, empty := filepath.Join(dir, "full"), filepath.Join(dir, "empty")
	o := benchOptions()
	store.NoSync(&o) // only while it is filled
	j, err := store.Open(full, o)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, j, kinds, payloads, 1_000_000, 64)
	j.Close()
	if j, err = store.Open(empty, benchOptions()); err != nil {
		t.Fatal(err)
	}
	j.Close()
	syscall.Sync()

	var opens, opensEmpty, firsts []float64
	for range 21 {
		for path, times := range map[string]*[]float64{full: &opens, empty: &opensEmpty} {
			start := time.Now()
			j, err := store.Open(path, benchOptions())
			if err != nil {
				t.Fatal(err)
			}
			*times = append(*times, float64(time.Since(start)))
			if path == full {
				if _, err := j.Append(context.Background(), 1, time.Now(), []byte("first")); err != nil {
					t.Fatal(err)
				}
				firsts = append(firsts, float64(time.Since(start)))
			}
			j.Close()
		}
	}
	t.Logf("open: empty %s, with 1,000,000 entries %s, with the first append %s",
		time.Duration(median(opensEmpty)), time.Duration(median(opens)), time.Duration(median(firsts)))
	figure(t, "open with 1,000,000 entries and append durably, milliseconds", median(firsts)/1e6, 50, 0)
	figure(t, "open with 1,000,000 entries ÷ an empty one's", median(opens)/median(opensEmpty), 4, 0)

	var more []float64
	for range 3 {
		a, b := resident(t, full), resident(t, empty)
		t.Logf("resident: %.1f MB with 1,000,000 entries, %.1f MB empty", a, b)
		more = append(more, a-b)
	}
	figure(t, "resident memory with 1,000,000 entries waiting, over empty, MB", math.Max(0, median(more)), 16, 0)
}

// resident is the memory in MB of a process that works on a journal.
func resident(t *testing.T, path string) float64 {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CHOT_RESIDENT="+path)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	mb, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return mb
}

// printResident opens a journal, appends, reads batches, as a kiosk does that
// forwards, and prints its resident memory.
func printResident(path string) {
	j, err := store.Open(path, benchOptions())
	exitOn(err)
	st, err := j.Status()
	exitOn(err)
	for i := range 100 {
		_, err := j.Append(context.Background(), 1, time.Now(), fmt.Appendf(nil, "record %d", i))
		exitOn(err)
	}
	for i := range uint64(50) {
		_, err := j.Batch(context.Background(), st.Journal, 1+i*500, 48<<10)
		exitOn(err)
	}
	text, err := os.ReadFile("/proc/self/status")
	exitOn(err)
	for line := range strings.Lines(string(text)) {
		if kb, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, err := strconv.ParseFloat(strings.Fields(kb)[0], 64)
			exitOn(err)
			fmt.Println(n / 1024)
		}
	}
	exitOn(j.Close())
}

// metered counts what goes through connections.
type metered struct {
	net.Conn
	bytes *atomic.Int64
}

func (m metered) Read(b []byte) (int, error) {
	n, err := m.Conn.Read(b)
	m.bytes.Add(int64(n))
	return n, err
}

func (m metered) Write(b []byte) (int, error) {
	n, err := m.Conn.Write(b)
	m.bytes.Add(int64(n))
	return n, err
}

// figureWire forwards 20,000 records over one connection: the TLS handshake, HTTP/2, signatures,
// receipts and segments are all counted, in both directions.
func figureWire(t *testing.T, kinds []uint8, payloads [][]byte) {
	path := filepath.Join(t.TempDir(), "journal")
	o := benchOptions()
	store.NoSync(&o) // only bytes are measured
	j := open(t, path, o)
	fill(t, j, kinds, payloads, 20_000, 1) // in the order of their times, as they come
	sealed, n := sealedBytes(t, path)
	key, receiptKey := newKey(t), newKey(t)
	var bytes, batches atomic.Int64
	var have store.Position
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		if r.URL.Path != wire.PathBatches {
			w.Write([]byte{0x80})
			return
		}
		b, err := wire.DecodeBatch(data)
		if err != nil || b.Verify(&key.PublicKey) != nil {
			t.Error(err)
			return
		}
		batches.Add(1)
		have = b.Head()
		receipt := wire.Receipt{Kiosk: b.Kiosk, Journal: b.Journal, Held: have, Time: time.Now()}
		data, _ = receipt.Encode(receiptKey, rand.Reader)
		w.Header().Set("Content-Type", wire.ContentType)
		w.Write(data)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	dialer := forward.NewDialer(server.Client().Transport.(*http.Transport).TLSClientConfig)
	below := dialer.Dial
	dialer.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := below(ctx, network, addr)
		return metered{c, &bytes}, err
	}
	f, err := forward.New(forward.Options{
		Journal: j, HTTP: forward.NewHTTP(dialer), URL: server.URL, Key: key, Rand: rand.Reader,
		Keys:     func() []*ecdsa.PublicKey { return []*ecdsa.PublicKey{&receiptKey.PublicKey} },
		MaxBytes: int(500 * sealed / n), MaxAge: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { f.Run(ctx) })
	for st, _ := j.Status(); st.Waiting() > 0; st, _ = j.Status() {
		time.Sleep(20 * time.Millisecond)
	}
	cancel()
	wg.Wait()
	t.Logf("%.0f records of %.1f bytes sealed in %d batches: %d bytes", n, sealed/n, batches.Load(), bytes.Load())
	figure(t, "bytes on the wire per record in batches of 500 ÷ sealed size", float64(bytes.Load())/sealed, 1.1, 0)
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
