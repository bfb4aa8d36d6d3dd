package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"chot/deploy/province/internal/keys"
	"chot/deploy/province/internal/simulate"
	"chot/store/wire"
)

// endless is a body without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestCertificatesThatAreNotOurs(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	k := s.kiosk("hall-1")
	k.visits(1)
	batch := k.batch(1, 2, time.Now())
	foreign, err := keys.Open(t.TempDir()+"/keys", "Elsewhere", rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := foreign.CA.IssueKiosk("hall-1", &key.PublicKey, rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	expired, err := s.keys().CA.IssueKiosk("hall-1", &key.PublicKey, rand.Reader, time.Now().Add(-10000*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	unlisted, err := s.keys().CA.IssueKiosk("hall-1", &key.PublicKey, rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "hall-1"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{
		"another authority's": theirs.Raw, "an expired one": expired.Raw, "one signed by itself": der,
		"one that is not on the register": unlisted.Raw, "none": nil,
	} {
		t.Run(name, func(t *testing.T) {
			config := &tls.Config{RootCAs: s.keys().CA.Pool()}
			if raw != nil {
				config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
					return &tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, nil
				}
			}
			_, err := simulate.Send(t.Context(), newClient(t, config), s.Kiosks, batch)
			var refused *wire.Error
			want := wire.Unknown
			if name == "an expired one" {
				want = wire.Unavailable // the kiosk renews it and comes again
			}
			if err == nil || errors.As(err, &refused) && refused.Code != want {
				t.Errorf("answered %v", err)
			}
		})
	}
	s.holds(k, 0)
}

func TestBodiesWithoutEnd(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	k := s.kiosk("hall-1")
	o := s.officer("tinh", "province", "30")
	const form = "application/x-www-form-urlencoded"
	for _, c := range []struct {
		name   string
		client *http.Client
		url    string
		kind   string
		length int64
	}{
		{"a batch that says so", k.client, s.Kiosks + wire.PathBatches, wire.ContentType, 1 << 30},
		{"a batch that does not", k.client, s.Kiosks + wire.PathBatches, wire.ContentType, -1},
		{"an enrolment", k.client, s.Kiosks + "/.well-known/est/simplereenroll", "application/pkcs10", -1},
		{"metadata", k.client, s.Kiosks + "/v1/publish/targets", "application/json", -1},
		{"a log-in", s.stranger().client, s.Page + "/login", form, -1},
		{"a search", o.client, s.Page + "/people", form, 1 << 30},
		{"an API log-in", s.stranger().client, s.Page + "/api/v1/session", "application/json", -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.url, io.LimitReader(endless{}, 1<<30))
			if err != nil {
				t.Fatal(err)
			}
			r.ContentLength = c.length
			r.Header.Set("Content-Type", c.kind)
			answer, err := c.client.Do(r)
			if err != nil {
				return // cut off: as good
			}
			defer answer.Body.Close()
			if answer.StatusCode < 400 {
				t.Errorf("answered %s", answer.Status)
			}
		})
	}
	k.visits(1)
	k.sendAll()
}

// dial opens a connection of the kiosk's to the server.
func dial(t *testing.T, s *server, k *kiosk) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(s.Kiosks, "https://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return handshake(t, k, c)
}

func handshake(t *testing.T, k *kiosk, c net.Conn) net.Conn {
	t.Helper()
	config := k.id.TLS()
	config.ServerName = "127.0.0.1"
	secure := tls.Client(c, config)
	if err := secure.Handshake(); err != nil {
		t.Fatal(err)
	}
	return secure
}

// Connections that say nothing, or little by little, do not keep others out.
func TestSlowClientsKeepNobodyOut(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	k := s.kiosk("hall-1")
	address := strings.TrimPrefix(s.Kiosks, "https://")
	for i := range 100 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		if i%2 == 0 {
			continue // not even a handshake
		}
		secure := handshake(t, k, c)
		if _, err := fmt.Fprintf(secure, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Le", wire.PathBatches); err != nil {
			t.Fatal(err)
		}
	}
	k.visits(3)
	k.sendAll()
	s.holds(k, 4)
}

func TestMalformedRequests(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	k := s.kiosk("hall-1")
	k.visits(3)
	good := k.batch(1, 4, time.Now())
	for i := range good {
		if i%23 != 0 {
			continue
		}
		bad := bytes.Clone(good)
		bad[i] ^= 0x20
		_, err := k.carry(bad)
		var refused *wire.Error
		if !errors.As(err, &refused) {
			t.Fatalf("byte %d changed: answered %v", i, err)
		}
	}
	for _, path := range []string{
		"/v1/receipt", "/v1/receipt?kiosk=hall-1&journal=zz", "/v1/receipt?journal=" + strings.Repeat("00", 16),
		"/v1/batches", "/tuf/../keys/ca.pem", "/tuf/%2e%2e/keys/ca.pem", "/tuf/staged/targets.json", "/tuf/", "/.well-known/est/serverkeygen", "//", "/\x7f",
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Kiosks, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.URL.Path, r.URL.RawQuery, _ = strings.Cut(path, "?")
		answer, err := k.client.Do(r)
		if err != nil {
			continue // not even sent, or cut off
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode < 400 {
			t.Errorf("GET %s: %s, %q, %v", path, answer.Status, body, err)
		}
	}
	s.holds(k, 0)
}
