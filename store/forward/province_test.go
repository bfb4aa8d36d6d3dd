package forward_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"chot/store"
	"chot/store/wire"

	"github.com/fxamacker/cbor/v2"
)

// province is a small server by the description of the protocol: it holds what
// it is sent in memory and counts how often it has taken each entry.
type province struct {
	key *ecdsa.PrivateKey

	mu       sync.Mutex
	kiosks   map[string]*ecdsa.PublicKey
	held     map[held][]store.Entry
	lost     map[held]map[uint64]bool
	requests int
	orders   [][]byte
	clock    []byte // statement about a clock, if any

	clockAsked bool
	// meddle, where set, does something wrong and reports that it has answered.
	meddle func(w http.ResponseWriter, r *http.Request, body []byte, serve func(http.ResponseWriter)) bool
}

type held struct {
	kiosk   string
	journal store.ID
}

func newProvince(t testing.TB) *province {
	return &province{
		key: newKey(t), kiosks: map[string]*ecdsa.PublicKey{},
		held: map[held][]store.Entry{}, lost: map[held]map[uint64]bool{},
	}
}

func (p *province) keys() []*ecdsa.PublicKey { return []*ecdsa.PublicKey{&p.key.PublicKey} }

func (p *province) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.MaxBatch))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	p.mu.Lock()
	p.requests++
	meddle := p.meddle
	p.mu.Unlock()
	serve := func(w http.ResponseWriter) { p.serve(w, r, body) }
	if meddle == nil || !meddle(w, r, body, serve) {
		serve(w)
	}
}

func (p *province) serve(w http.ResponseWriter, r *http.Request, body []byte) {
	data, err := p.answer(r, body)
	w.Header().Set("Content-Type", wire.ContentType)
	var refused *wire.Error
	if errors.As(err, &refused) {
		w.WriteHeader(refused.Status())
		data = refused.Encode()
	} else if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
	w.Write(data)
}

func (p *province) answer(r *http.Request, body []byte) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch r.URL.Path {
	case wire.PathClock:
		p.clockAsked = true
		if p.clock == nil {
			return nil, &wire.Error{Code: wire.None}
		}
		return p.clock, nil
	case wire.PathErasures:
		return cbor.Marshal(p.orders)
	case wire.PathBatches:
		return p.take(body)
	}
	return nil, &wire.Error{Code: wire.None}
}

func (p *province) take(body []byte) ([]byte, error) {
	b, err := wire.DecodeBatch(body)
	if err != nil {
		return nil, err
	}
	key, ok := p.kiosks[b.Kiosk]
	if !ok {
		return nil, &wire.Error{Code: wire.Unknown}
	}
	if err := b.Verify(key); err != nil {
		return nil, err
	}
	at := held{b.Kiosk, b.Journal}
	have := store.Position{}
	if n := len(p.held[at]); n > 0 {
		last := p.held[at][n-1]
		have = store.Position{Number: last.Number, Hash: last.Hash()}
	}
	fresh, err := b.After(have, func(number uint64) (store.Hash, error) {
		for _, e := range p.held[at] {
			if e.Number == number {
				return e.Hash(), nil
			}
		}
		return store.Hash{}, errors.New("not held")
	})
	if err != nil {
		return nil, err
	}
	p.held[at] = append(p.held[at], fresh...)
	return p.receipt(at)
}

func (p *province) receipt(at held) ([]byte, error) {
	last := p.held[at][len(p.held[at])-1]
	r := wire.Receipt{
		Kiosk: at.kiosk, Journal: at.journal, Time: time.Now(),
		Held: store.Position{Number: last.Number, Hash: last.Hash()},
	}
	return r.Encode(p.key, rand.Reader)
}

// all returns the entries that are held of a journal.
func (p *province) all(kiosk string, journal store.ID) []store.Entry {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]store.Entry(nil), p.held[held{kiosk, journal}]...)
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// farAway is the end of the validity of receipt keys in the tests.
var farAway = time.Now().Add(10 * 365 * 24 * time.Hour)

// network connects clients to a server by HTTP/2 over mutual TLS on the loopback.
type network struct {
	listener net.Listener
	server   *http.Server
	client   *http.Client
	done     chan struct{}
	// wrap, where set, meddles with the client's end of each connection.
	wrap func(net.Conn) net.Conn

	mu   sync.Mutex
	up   int64 // bytes from the client
	down int64
}

func connect(t testing.TB, h http.Handler) *network {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &network{listener: l, done: make(chan struct{})}
	ca := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "province"}, DNSNames: []string{"province"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(10000 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &ca.PublicKey, ca)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	cert := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: ca, Leaf: leaf}
	n.server = &http.Server{Handler: h, TLSConfig: &tls.Config{
		Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
		NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS13,
	}, ErrorLog: log.New(io.Discard, "", 0)}
	n.client = &http.Client{Transport: &http.Transport{
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{cert}, ServerName: "province"},
		DialContext:       n.dial,
		HTTP2:             &http.HTTP2Config{SendPingTimeout: 100 * time.Millisecond, PingTimeout: 100 * time.Millisecond},
	}}
	go func() {
		defer close(n.done)
		n.server.ServeTLS(l, "", "")
	}()
	t.Cleanup(n.stop)
	return n
}

func (n *network) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	near, err := new(net.Dialer).DialContext(ctx, network, n.listener.Addr().String())
	if err != nil {
		return nil, err
	}
	var c net.Conn = &counted{Conn: near, n: n}
	if n.wrap != nil {
		c = n.wrap(c)
	}
	return c, nil
}

// counted counts the bytes of a connection.
type counted struct {
	net.Conn
	n *network
}

func (c *counted) Read(b []byte) (int, error) {
	k, err := c.Conn.Read(b)
	c.n.mu.Lock()
	c.n.down += int64(k)
	c.n.mu.Unlock()
	return k, err
}

func (c *counted) Write(b []byte) (int, error) {
	k, err := c.Conn.Write(b)
	c.n.mu.Lock()
	c.n.up += int64(k)
	c.n.mu.Unlock()
	return k, err
}

func (n *network) stop() {
	n.client.CloseIdleConnections()
	n.server.Close()
	<-n.done
}
