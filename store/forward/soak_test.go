package forward_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/hpke"
	"crypto/rand"
	"crypto/x509"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	mrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"chot/kiosk/bundle"
	"chot/kiosk/enrol"
	"chot/store"
	"chot/store/forward"

	_ "modernc.org/sqlite"
)

// The faults are made here rather than by a proxy such as toxiproxy: that works
// on bytes, and neither repeats nor reorders requests, nor knows when a server
// has committed and not yet answered.

// serving is a province as a process of its own, on a port that stays.
type serving struct {
	t    *testing.T
	bin  string
	dir  string
	port int
	cmd  *exec.Cmd
	said struct{ Kiosks, Pin, Root string }
}

func (s *serving) start() {
	s.t.Helper()
	s.cmd = exec.Command(s.bin, "serve", "--dir", s.dir, "--listen", fmt.Sprintf("127.0.0.1:%d", s.port), "--page", "127.0.0.1:0")
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &s.said)
	}
	if err != nil {
		s.t.Fatalf("the province does not start: %v", err)
	}
}

func (s *serving) kill() {
	s.cmd.Process.Kill()
	s.cmd.Wait()
}

// enrol makes a kiosk of the province's, with its journal and whom it believes a
// receipt.
func (s *serving) enrol(name string) (*enrol.Identity, *store.Journal, []*ecdsa.PublicKey) {
	s.t.Helper()
	out, err := exec.Command(s.bin, "token", "--dir", s.dir, "--kiosk", name, "--site", "S1", "--area", "30/298/11194").Output()
	var invited struct{ Token string }
	if err == nil {
		err = json.Unmarshal(out, &invited)
	}
	var pin, root []byte
	if err == nil {
		pin, err = hex.DecodeString(s.said.Pin)
	}
	if err == nil {
		root, err = hex.DecodeString(s.said.Root)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	dir := memoryDir(s.t)
	id, err := enrol.Enrol(s.t.Context(), dir, enrol.Invitation{
		Server: s.said.Kiosks, Pins: [][]byte{pin}, Kiosk: name, Token: invited.Token,
	}, time.Now)
	if err != nil {
		s.t.Fatal(err)
	}
	b, err := bundle.Open(filepath.Join(dir, "bundle"), bundle.Options{Kiosk: name, RootHash: root, Now: time.Now})
	if err != nil {
		s.t.Fatal(err)
	}
	if status := b.Update(s.t.Context(), bundle.Source{Client: forward.NewHTTP(forward.NewDialer(id.TLS())), URL: id.Server + "/tuf"}); status.Err != nil {
		s.t.Fatal(status.Err)
	}
	text, err := fs.ReadFile(b.Files(), "receipt-keys.json")
	if err != nil {
		s.t.Fatal(err)
	}
	var keys struct {
		Receipt []struct{ SPKI []byte }
		Seal    []struct{ Public []byte }
	}
	if err := json.Unmarshal(text, &keys); err != nil {
		s.t.Fatal(err)
	}
	seal, err := hpke.MLKEM768X25519().NewPublicKey(keys.Seal[0].Public)
	if err != nil {
		s.t.Fatal(err)
	}
	public, err := x509.ParsePKIXPublicKey(keys.Receipt[0].SPKI)
	if err != nil {
		s.t.Fatal(err)
	}
	j, err := store.Open(filepath.Join(dir, "journal"), store.Options{Kiosk: name, SealKey: seal, Rand: rand.Reader, Clock: time.Now})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { j.Close() })
	return id, j, []*ecdsa.PublicKey{public.(*ecdsa.PublicKey)}
}

// The real province, killed again and again in the middle of its work, behind a
// network that resets, stalls, swallows, trickles, repeats and reorders: of
// 10,000 records it holds each once. make soak-store runs it.
func TestTheRealProvinceHoldsTenThousandRecordsOnce(t *testing.T) {
	if os.Getenv("CHOT_SOAK") == "" {
		t.Skip("skipped: make soak-store runs it")
	}
	const records = 10_000
	bin := filepath.Join(t.TempDir(), "province")
	if out, err := exec.Command("go", "build", "-o", bin, "chot/deploy/province").CombinedOutput(); err != nil {
		t.Fatalf("building the province: %v\n%s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &serving{t: t, bin: bin, dir: t.TempDir(), port: l.Addr().(*net.TCPAddr).Port}
	l.Close()
	s.start()
	defer s.kill()
	id, j, keys := s.enrol(kioskName)

	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := mrand.New(mrand.NewPCG(seed, 3))
	var mu sync.Mutex
	roll := func(n int) int {
		mu.Lock()
		defer mu.Unlock()
		return rnd.IntN(n)
	}
	dialer := forward.NewDialer(id.TLS())
	below := dialer.Dial
	dialer.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := below(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &faulty{Conn: c, fault: roll(5), left: 3000 + roll(200_000)}, nil
	}
	client := forward.NewHTTP(dialer)
	transport := client.Transport.(*http.Transport)
	transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: time.Second, PingTimeout: time.Second}
	client.Transport = &repeating{RoundTripper: transport, rnd: mrand.New(mrand.NewPCG(seed, 4))}
	f, err := forward.New(forward.Options{
		Journal: j, HTTP: client, URL: id.Server, Key: id.Key, Rand: rand.Reader,
		Keys:     func() []*ecdsa.PublicKey { return keys },
		MaxBytes: 4 << 10, MaxAge: 10 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	f.Hurry()

	kills := 0
	ctx, stop := context.WithCancel(t.Context())
	var work sync.WaitGroup
	work.Go(func() { f.Run(ctx) })
	k := &kiosk{name: kioskName, j: j}
	for part := range 20 {
		k.append(t, part*records/20, records/20)
		time.Sleep(time.Duration(roll(1500)) * time.Millisecond)
		s.kill() // it may have committed what it has not answered yet
		kills++
		s.start()
	}
	start := time.Now()
	for ; !k.allCovered(); time.Sleep(50 * time.Millisecond) {
		if time.Since(start) > 5*time.Minute {
			t.Fatalf("entries still wait: %+v", f.Health())
		}
	}
	stop()
	work.Wait()
	s.kill()

	st, err := j.Status()
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.dir, "province.db")+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var entries, numbers, visits int
	if err := db.QueryRow(`SELECT COUNT(*), COUNT(DISTINCT number), SUM(kind = 1) FROM entries WHERE journal = ?`, st.Journal[:]).Scan(&entries, &numbers, &visits); err != nil {
		t.Fatal(err)
	}
	if uint64(entries) != st.Head.Number || numbers != entries || visits != records {
		t.Errorf("the province holds %d entries under %d numbers, %d of them records; the journal ends at %d", entries, numbers, visits, st.Head.Number)
	}
	t.Logf("%d records, each once, over %d kills of the province", visits, kills)
}
