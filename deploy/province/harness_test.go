package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/keys"
	"chot/deploy/province/internal/simulate"
	"chot/kiosk/enrol"
	"chot/store/wire"
)

// A backend is a database that the suite runs on.
type backend struct {
	name string
	// open returns the flags that name an empty database.
	open func(*testing.T) []string
}

// everywhere runs a test on both databases.
func everywhere(t *testing.T, test func(*testing.T, *server)) {
	t.Parallel()
	for _, b := range []backend{
		{"sqlite", func(*testing.T) []string { return nil }},
		{"postgres", postgres},
	} {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			test(t, start(t, t.TempDir(), b.open(t)...))
		})
	}
}

// server is a province that runs inside the test, started by its command line.
type server struct {
	t       *testing.T
	dir     string
	flags   []string
	Kiosks  string `json:"kiosks"`
	Page    string `json:"page"`
	Pin     string `json:"pin"`
	Root    string `json:"root"`
	Metrics string `json:"metrics"`
	MLLP    string `json:"mllp"`
	stop    func()
	stopped sync.Once
}

// start runs `province serve` until the test ends.
func start(t *testing.T, dir string, flags ...string) *server {
	t.Helper()
	s := &server{t: t, dir: dir, flags: append([]string{"--dir", dir}, flags...)}
	ctx, cancel := context.WithCancel(context.Background())
	out, said := io.Pipe()
	var log bytes.Buffer
	done := make(chan int, 1)
	go func() {
		args := append([]string{"serve", "--listen", "127.0.0.1:0", "--page", "127.0.0.1:0"}, s.flags...)
		status := run(ctx, args, nil, said, &log)
		said.Close()
		done <- status
	}()
	s.stop = func() {
		s.stopped.Do(func() {
			cancel()
			if status := <-done; status != 0 {
				t.Errorf("the server ended with status %d: %s", status, log.String())
			}
		})
	}
	t.Cleanup(s.stop)
	if err := json.NewDecoder(out).Decode(s); err != nil {
		cancel()
		t.Fatalf("the server did not start: %v", err)
	}
	return s
}

// command runs another command of the program beside the server, and returns
// what it says.
func (s *server) command(in string, args ...string) map[string]any {
	s.t.Helper()
	var out, errs bytes.Buffer
	if status := run(s.t.Context(), append(args, s.flags...), strings.NewReader(in), &out, &errs); status != 0 {
		s.t.Fatalf("province %s: status %d: %s", strings.Join(args, " "), status, errs.String())
	}
	said := map[string]any{}
	if err := json.Unmarshal(out.Bytes(), &said); err != nil {
		s.t.Fatalf("province %s said %q: %v", args[0], out.String(), err)
	}
	return said
}

// keys are the server's own.
func (s *server) keys() *keys.Set {
	s.t.Helper()
	set, err := keys.Open(filepath.Join(s.dir, "keys"), "", nil, time.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	return set
}

// invitation makes a token for a kiosk.
func (s *server) invitation(kiosk, area string) enrol.Invitation {
	s.t.Helper()
	said := s.command("", "token", "--kiosk", kiosk, "--site", "S1", "--area", area)
	pin, err := hex.DecodeString(said["pin"].(string))
	if err != nil {
		s.t.Fatal(err)
	}
	return enrol.Invitation{Server: s.Kiosks, Pins: [][]byte{pin}, Kiosk: kiosk, Token: said["token"].(string)}
}

// kiosk is an enrolled, simulated kiosk.
type kiosk struct {
	*simulate.Kiosk
	server *server
	id     *enrol.Identity
	client *http.Client
}

const commune = "30/298/11194"

// kiosk enrols a new one.
func (s *server) kiosk(name string) *kiosk { return s.kioskIn(name, commune) }

func (s *server) kioskIn(name, area string) *kiosk {
	s.t.Helper()
	id, err := enrol.Enrol(s.t.Context(), s.t.TempDir(), s.invitation(name, area), time.Now)
	if err != nil {
		s.t.Fatal(err)
	}
	k := &kiosk{simulate.New(name, id.Key, s.keys().Seal.PublicKey()), s, id, nil}
	k.client = newClient(s.t, id.TLS())
	return k
}

func newClient(t *testing.T, config *tls.Config) *http.Client {
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: time.Minute}
}

// send brings the entries from first to last and returns the receipt, checked.
func (k *kiosk) send(first, last int) (*wire.Receipt, error) {
	k.server.t.Helper()
	return k.carry(k.batch(first, last, time.Now()))
}

func (k *kiosk) batch(first, last int, made time.Time) []byte {
	k.server.t.Helper()
	batch, err := k.Batch(first, last, made)
	if err != nil {
		k.server.t.Fatal(err)
	}
	return batch
}

// carry brings a batch, whosever it is.
func (k *kiosk) carry(batch []byte) (*wire.Receipt, error) {
	k.server.t.Helper()
	receipt, err := simulate.Send(k.server.t.Context(), k.client, k.server.Kiosks, batch)
	if err != nil {
		return nil, err
	}
	if err := receipt.Verify([]*ecdsa.PublicKey{&k.server.keys().Receipt.PublicKey}); err != nil {
		k.server.t.Fatal(err)
	}
	return receipt, nil
}

// database opens the server's own beside it.
func (s *server) database() *bun.DB {
	s.t.Helper()
	place := filepath.Join(s.dir, "province.db")
	for i, flag := range s.flags {
		if flag == "--database" {
			place = s.flags[i+1]
		}
	}
	d, err := db.Open(s.t.Context(), place)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { d.Close() })
	return d
}
