// Package kioskapi is the kiosks' side of the server: HTTP over TLS with the
// province's own certificate authority.
//
// Client certificates are asked for and not demanded by the TLS layer, because a
// kiosk that enrols has none yet: the enrolment paths, the way down (whose files
// are signed) and /healthz are open to any client, everything under /v1/batches,
// /v1/receipt and /v1/erasures needs a certificate of a kiosk that is not
// revoked. A certificate that has expired is good for its own renewal alone, see
// [API.Returning]. Officers' pages are on a listener of their own: a browser is never
// asked for a certificate, and a firewall can keep the two apart.
package kioskapi

import (
	"context"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/fleet"
	"chot/deploy/province/internal/intake"
	"chot/deploy/province/internal/keys"
	"chot/deploy/province/internal/person"
	"chot/store"
	"chot/store/wire"
)

// API serves the operations of kiosks.
type API struct {
	DB      *bun.DB
	Kiosks  *fleet.Register
	Intake  *intake.Intake
	Keys    *keys.Set
	Metrics *Metrics
	Now     func() time.Time
	Log     *slog.Logger
	// Slots bounds how many batches are worked on at once.
	Slots chan struct{}

	inHand inHand
}

// patience is how long a batch waits for a slot before the kiosk is told to retry.
const patience = 20 * time.Second

// Bounds of batches that are arriving. One kiosk has several only when it brings
// its neighbours', and a stalled upload takes what has arrived of it.
const (
	maxOfKiosk   = 4        // batches at once over one kiosk's connections
	maxArriving  = 96 << 20 // bytes of all that are arriving or wait for a slot
	uploadWithin = time.Minute
)

// inHand counts the batches that are arriving.
type inHand struct {
	mu     sync.Mutex
	kiosks map[string]int
	bytes  atomic.Int64
}

// enter counts a batch of a kiosk and says whether it may come in; leave must
// follow then.
func (h *inHand) enter(kiosk string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.kiosks == nil {
		h.kiosks = map[string]int{}
	}
	if h.kiosks[kiosk] >= maxOfKiosk {
		return false
	}
	h.kiosks[kiosk]++
	return true
}

func (h *inHand) leave(kiosk string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.kiosks[kiosk]--; h.kiosks[kiosk] <= 0 {
		delete(h.kiosks, kiosk)
	}
}

// arriving counts the bytes of a batch as they arrive.
type arriving struct {
	io.Reader
	all  *atomic.Int64
	mine int64
}

func (a *arriving) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	a.mine += int64(n)
	if a.all.Add(int64(n)) > maxArriving {
		return n, &wire.Error{Code: wire.Busy, Text: "too many batches arrive at once"}
	}
	return n, err
}

// TLS is the listener's configuration. Its session tickets are those of the day.
func TLS(server *keys.Server, set *keys.Set, now func() time.Time) *tls.Config {
	config := &tls.Config{
		MinVersion: tls.VersionTLS13, GetCertificate: server.Certificate, NextProtos: []string{"h2", "http/1.1"},
		// Not VerifyClientCertIfGiven: it would end the handshake of a kiosk that was off
		// for longer than its certificate holds, which could then never renew it.
		ClientAuth: tls.RequestClientCert, ClientCAs: set.CA.Pool(),
		VerifyConnection: issuedBy(set.CA.Certificate),
	}
	days := &days{config: config.Clone(), set: set, now: now}
	config.GetConfigForClient = days.today
	return config
}

// issuedBy refuses connections with a client certificate that the authority did not
// issue to a kiosk. Whether it holds at the time is judged for each request: a
// connection, or the session that is resumed, may outlive it.
func issuedBy(authority *x509.Certificate) func(tls.ConnectionState) error {
	return func(c tls.ConnectionState) error {
		if len(c.PeerCertificates) == 0 {
			return nil
		}
		cert := c.PeerCertificates[0]
		if err := cert.CheckSignatureFrom(authority); err != nil {
			return fmt.Errorf("checking the kiosk's certificate: %w", err)
		}
		if !slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageClientAuth) {
			return errors.New("the client's certificate is not a kiosk's")
		}
		return nil
	}
}

// days has the configuration of each day, which its tickets differ in.
type days struct {
	set *keys.Set
	now func() time.Time

	mu     sync.Mutex
	day    int64 // since 1970
	config *tls.Config
}

func (d *days) today(*tls.ClientHelloInfo) (*tls.Config, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	if day := now.Unix() / (24 * 60 * 60); day != d.day {
		tickets, err := d.set.Tickets(now)
		if err != nil {
			return nil, err
		}
		d.config = d.config.Clone() // connections of yesterday still have theirs
		d.config.SetSessionTicketKeys(tickets)
		d.day = day
	}
	return d.config, nil
}

// Register adds the kiosks' operations to mux.
func (a *API) Register(mux *http.ServeMux) {
	mux.HandleFunc("POST "+wire.PathBatches, a.kiosk(a.batch))
	mux.HandleFunc("GET "+wire.PathReceipt, a.kiosk(a.receipt))
	mux.HandleFunc("GET "+wire.PathErasures, a.kiosk(a.erasures))
	mux.HandleFunc("GET "+wire.PathClock, a.kiosk(a.clock))
}

// Grace is how long after its certificate has expired a kiosk may still renew it, with
// the same key and unless it was revoked: a kiosk that stood in a store for a season
// comes back without a technician.
const Grace = 2 * 365 * 24 * time.Hour

// Peer returns the kiosk that a request comes from.
func (a *API) Peer(r *http.Request) (db.Kiosk, error) { return a.peer(r, 0) }

// Returning is Peer for the renewal of a certificate, which may have expired, but not
// longer ago than [Grace].
func (a *API) Returning(r *http.Request) (db.Kiosk, error) { return a.peer(r, Grace) }

func (a *API) peer(r *http.Request, grace time.Duration) (db.Kiosk, error) {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return db.Kiosk{}, &wire.Error{Code: wire.Unknown, Text: "a kiosk's certificate is needed"}
	}
	// Unavailable, for the kiosk is to come again: it renews by itself.
	if cert := r.TLS.PeerCertificates[0]; a.Now().After(cert.NotAfter.Add(grace)) {
		return db.Kiosk{}, &wire.Error{Code: wire.Unavailable, Text: "the kiosk's certificate expired on " + cert.NotAfter.UTC().Format(time.DateOnly)}
	}
	return a.Kiosks.Admit(r.Context(), r.TLS.PeerCertificates[0])
}

// kiosk wraps an operation of kiosks that are welcome.
func (a *API) kiosk(do func(db.Kiosk, http.ResponseWriter, *http.Request) ([]byte, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		kiosk, err := a.Peer(r)
		var body []byte
		if err == nil {
			body, err = do(kiosk, w, r)
		}
		if err != nil {
			a.fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", wire.ContentType)
		w.Write(body)
	}
}

// fail answers with an error of the protocol. Any other error is internal: the
// kiosk is told to retry.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	var refused *wire.Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &refused):
	case errors.As(err, &tooLarge):
		refused = &wire.Error{Code: wire.TooLarge, Limit: wire.MaxBatch}
	default:
		if r.Context().Err() == nil {
			a.Log.Error("a kiosk's request failed", "path", r.URL.Path, "error", err)
		}
		refused = &wire.Error{Code: wire.Unavailable, Text: "come back later"}
	}
	if refused.Code == wire.TooLarge {
		refused.Limit = wire.MaxBatch
	}
	if refused.Code == wire.Busy || refused.Code == wire.Unavailable {
		w.Header().Set("Retry-After", "10")
	}
	w.Header().Set("Content-Type", wire.ContentType)
	w.WriteHeader(refused.Status())
	w.Write(refused.Encode())
}

func (a *API) batch(kiosk db.Kiosk, w http.ResponseWriter, r *http.Request) (receipt []byte, err error) {
	began, data := a.Now(), []byte(nil)
	defer func() { a.Metrics.batch(a.Now().Sub(began), len(data), err) }()
	if r.ContentLength > wire.MaxBatch {
		return nil, &wire.Error{Code: wire.TooLarge}
	}
	if !a.inHand.enter(kiosk.ID) {
		return nil, &wire.Error{Code: wire.Busy, Text: "too many batches of this kiosk at once"}
	}
	defer a.inHand.leave(kiosk.ID)
	// It is read before it takes a slot: a kiosk on a weak link, or one that stalls,
	// keeps no other waiting.
	if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadWithin)); err != nil {
		return nil, err
	}
	body := &arriving{Reader: http.MaxBytesReader(w, r.Body, wire.MaxBatch), all: &a.inHand.bytes}
	defer func() { body.all.Add(-body.mine) }()
	data, err = io.ReadAll(body)
	var tooLarge *http.MaxBytesError
	var refused *wire.Error
	switch {
	case errors.As(err, &tooLarge), errors.As(err, &refused):
		return nil, err
	case err != nil:
		return nil, &wire.Error{Code: wire.Malformed, Text: "the batch did not arrive whole"}
	}
	wait, stop := context.WithTimeout(r.Context(), patience)
	defer stop()
	select {
	case a.Slots <- struct{}{}:
		defer func() { <-a.Slots }()
	case <-wait.Done():
		return nil, &wire.Error{Code: wire.Busy, Text: "too many batches at once"}
	}
	key, _ := r.TLS.PeerCertificates[0].PublicKey.(*ecdsa.PublicKey) // nil, which verifies nothing, for another kind
	return a.Intake.Take(r.Context(), intake.Carrier{Kiosk: kiosk, Key: key}, data)
}

func (a *API) receipt(_ db.Kiosk, _ http.ResponseWriter, r *http.Request) ([]byte, error) {
	q := r.URL.Query()
	id, err := journalID(q.Get("journal"))
	if err != nil {
		return nil, err
	}
	return a.Intake.Receipt(r.Context(), q.Get("kiosk"), id)
}

func (a *API) erasures(_ db.Kiosk, _ http.ResponseWriter, r *http.Request) ([]byte, error) {
	orders, err := person.Orders(r.Context(), a.DB, a.Keys.Receipt, r.URL.Query().Get("kiosk"), a.Now())
	if err != nil {
		return nil, err
	}
	return cbor.Marshal(orders)
}

func (a *API) clock(_ db.Kiosk, _ http.ResponseWriter, r *http.Request) ([]byte, error) {
	return fleet.Clock(r.Context(), a.DB, a.Keys.Receipt, r.URL.Query().Get("kiosk"))
}

func journalID(text string) (id store.ID, err error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(id) {
		return id, &wire.Error{Code: wire.Malformed, Text: "the journal is not 32 hexadecimal digits"}
	}
	return store.ID(raw), nil
}
