package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"chot/deploy/province/tufpublish"
	"chot/kiosk/record"
	"chot/store/wire"
)

// What the server's unit allows it (chot-province.service).
const (
	unitMemoryMax = 512 << 20
	unitGoLimit   = "GOMEMLIMIT=400MiB"
)

// attackFor is how long each attack lasts.
const attackFor = 8 * time.Second

// startProcess runs the built server as a process of its own, as its unit does.
func startProcess(t *testing.T, program string) (s *server, pid int) {
	t.Helper()
	s = &server{t: t, dir: t.TempDir()}
	s.flags = []string{"--dir", s.dir}
	cmd := exec.CommandContext(t.Context(), program, append([]string{"serve", "--listen", "127.0.0.1:0", "--page", "127.0.0.1:0"}, s.flags...)...)
	cmd.Env = append(os.Environ(), unitGoLimit)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 15 * time.Second
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Wait(); err != nil && t.Failed() {
			t.Logf("the server ended: %v: %.4000s", err, log.String())
		}
	})
	if err := json.NewDecoder(out).Decode(s); err != nil {
		t.Fatalf("the server did not start: %v", err)
	}
	return s, cmd.Process.Pid
}

// peak returns the process's highest resident memory since the last call, in bytes
// (proc_pid_status(5), proc_pid_clear_refs(5)).
func peak(t *testing.T, pid int) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	kib, err := strconv.ParseInt(strings.TrimSpace(after[:max(strings.Index(after, "kB"), 0)]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0); err != nil {
		t.Fatal(err)
	}
	return kib << 10
}

// attacker is a host with an address of its own, that knows a kiosk's key.
type attacker struct {
	s      *server
	k      *kiosk
	dialer net.Dialer
	ended  <-chan struct{}
}

func (a *attacker) client(config *tls.Config) *http.Client {
	return &http.Client{Timeout: attackFor, Transport: &http.Transport{TLSClientConfig: config, DialContext: a.dialer.DialContext}}
}

// until calls do from some goroutines over and over, until the attack ends, and
// returns how often it did.
func (a *attacker) until(parallel int, do func()) int {
	var all sync.WaitGroup
	counts := make([]int, parallel)
	for i := range parallel {
		all.Go(func() {
			for {
				select {
				case <-a.ended:
					return
				default:
					do()
					counts[i]++
				}
			}
		})
	}
	all.Wait()
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}

// hold opens connections, says one thing after the other and holds them. A connection that
// the server does not take is not counted.
func (a *attacker) hold(n int, secure bool, say ...string) int {
	var held []net.Conn
	for i := range n {
		c, err := a.dialer.Dial("tcp", strings.TrimPrefix(a.s.Kiosks, "https://"))
		if err != nil {
			continue
		}
		c.SetDeadline(time.Now().Add(attackFor))
		held = append(held, c)
		if secure {
			config := a.k.id.TLS()
			config.ServerName = "127.0.0.1"
			c = tls.Client(c, config)
		}
		if len(say) > 0 {
			io.WriteString(c, say[i%len(say)])
		}
		select {
		case <-a.ended:
		default:
			continue
		}
		break
	}
	<-a.ended
	for _, c := range held {
		c.Close()
	}
	return len(held)
}

func (a *attacker) post(client *http.Client, address, kind string, body io.Reader) {
	answer, err := client.Post(address, kind, body)
	if err == nil {
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
	}
}

// TestResourceAttacks prints what the server holds out: each attack on the resources
// of a real server process under its unit's memory limit, with eight honest kiosks
// that must all be served throughout. It runs for a minute and a half: make attack.
func TestResourceAttacks(t *testing.T) {
	program := os.Getenv("CHOT_ATTACK")
	if program == "" {
		t.Skip("CHOT_ATTACK names no server: make attack")
	}
	s, pid := startProcess(t, program)
	var good []*kiosk
	for n := range 8 {
		good = append(good, s.kiosk(fmt.Sprintf("good-%d", n)))
	}
	thief := s.kiosk("stolen")
	enc, err := zstd.NewWriter(nil, zstd.WithSingleSegment(true), zstd.WithEncoderCRC(false))
	if err != nil {
		t.Fatal(err)
	}
	zeros := append([]byte{1}, enc.EncodeAll(make([]byte, 16<<10), nil)[4:]...)
	var bombs [][]byte // each of a journal of its own: one that was taken is not opened again
	for range 16 {
		k := thief.twin()
		for range 4000 {
			if err := k.AddPacked(time.Now(), 1, zeros); err != nil {
				t.Fatal(err)
			}
		}
		bombs = append(bombs, k.batch(1, 4001, time.Now()))
	}
	stall := func(method, path string, length int) string {
		return fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\nx", method, path, wire.ContentType, length)
	}
	fmt.Println("| attack | connections or tries | peak memory, MiB | batches served | latency ms: median, 99th, worst | failed |")
	fmt.Println("|---|---|---|---|---|---|")
	for _, c := range []struct {
		name string
		run  func(*attacker) int
	}{
		{"none", func(a *attacker) int { <-a.ended; return 0 }},
		{"silent connections of one address", func(a *attacker) int { return a.hold(1000, false) }},
		{"TLS handshakes, eight at a time", func(a *attacker) int {
			return a.until(8, func() {
				client := a.client(a.k.id.TLS())
				a.post(client, a.s.Kiosks+"/healthz", "text/plain", nil)
				client.CloseIdleConnections()
			})
		}},
		{"stalled batches of one kiosk", func(a *attacker) int { return a.hold(150, true, stall("POST", wire.PathBatches, 1<<20)) }},
		{"unsigned batches of 10 MB", func(a *attacker) int {
			junk, client := make([]byte, wire.MaxBatch-1), a.client(a.k.id.TLS())
			return a.until(8, func() { a.post(client, a.s.Kiosks+wire.PathBatches, wire.ContentType, bytes.NewReader(junk)) })
		}},
		{"batches that open to 62 MiB", func(a *attacker) int {
			client, next := a.client(a.k.id.TLS()), atomic.Int64{}
			return a.until(8, func() {
				bomb := bombs[int(next.Add(1))%len(bombs)]
				a.post(client, a.s.Kiosks+wire.PathBatches, wire.ContentType, bytes.NewReader(bomb))
			})
		}},
		{"root and target uploads of a stranger", func(a *attacker) int {
			return a.hold(120, true, stall("POST", tufpublish.RootPath, 10<<20), stall("POST", tufpublish.UploadPath, 5<<20))
		}},
		{"guesses of a password, sixty at a time", func(a *attacker) int {
			config := a.k.id.TLS()
			client := a.client(config)
			return a.until(60, func() {
				a.post(client, a.s.Page+"/login", "application/x-www-form-urlencoded", strings.NewReader(url.Values{"name": {"admin"}, "password": {"sai sai sai"}}.Encode()))
			})
		}},
	} {
		ended := make(chan struct{})
		a := &attacker{s: s, k: thief, dialer: net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}, ended: ended}
		peak(t, pid)
		tries := make(chan int, 1)
		go func() { tries <- c.run(a) }()
		took, failed := serveThroughout(good)
		close(ended)
		n, memory := <-tries, peak(t, pid)
		slices.Sort(took)
		at := func(percent int) int64 {
			if len(took) == 0 {
				return -1
			}
			return took[(len(took)-1)*percent/100].Milliseconds()
		}
		fmt.Printf("| %s | %d | %d | %d | %d, %d, %d | %d |\n", c.name, n, memory>>20, len(took), at(50), at(99), at(100), failed)
		if failed > 0 || len(took) < len(good) {
			t.Errorf("%s: %d batches of honest kiosks failed, %d were served", c.name, failed, len(took))
		}
		if memory > unitMemoryMax {
			t.Errorf("%s: the server had %d MiB, its unit allows %d", c.name, memory>>20, unitMemoryMax>>20)
		}
	}
}

// serveThroughout has honest kiosks send a batch of ten visits every tenth of a
// second, and returns how long each took and how many failed.
func serveThroughout(good []*kiosk) (took []time.Duration, failed int) {
	var all sync.WaitGroup
	var mu sync.Mutex
	until := time.Now().Add(attackFor)
	for _, k := range good {
		all.Go(func() {
			for time.Now().Before(until) {
				first := len(k.Entries) + 1
				for range 10 {
					if err := k.Add(time.Now(), record.Visit{Direction: record.In, Family: "eu-dcc", Level: 1}); err != nil {
						panic(err) // a record that is always the same
					}
				}
				began := time.Now()
				_, err := k.send(first, len(k.Entries))
				mu.Lock()
				if err == nil {
					took = append(took, time.Since(began))
				} else {
					failed++
					k.server.t.Logf("%s: %v", k.Name, err)
				}
				mu.Unlock()
				time.Sleep(100 * time.Millisecond)
			}
		})
	}
	all.Wait()
	return took, failed
}
