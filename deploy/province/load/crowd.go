package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/est"
	"chot/deploy/province/internal/keys"
	"chot/deploy/province/internal/simulate"
	"chot/kiosk/record"
	"chot/store/forward"
	"chot/store/wire"
)

// crowd is the kiosks, each with its batch ready.
type crowd struct {
	members []member
	receipt *ecdsa.PublicKey
}

type member struct {
	dialer  *forward.Dialer
	batch   []byte
	last    uint64
	receipt []byte
}

// enrol makes the server's folder and puts the kiosks on its register.
func (c *cli) enrol(ctx context.Context, p *place) (*crowd, error) {
	set, err := keys.Open(filepath.Join(p.dir, "keys"), "Load", rand.Reader, time.Now())
	if err != nil {
		return nil, err
	}
	d, err := db.Open(ctx, p.server)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	all := &crowd{members: make([]member, c.Kiosks), receipt: &set.Receipt.PublicKey}
	roots := set.CA.Pool()
	kiosks, certificates := make([]db.Kiosk, c.Kiosks), make([]db.Certificate, c.Kiosks)
	var work errgroup.Group
	work.SetLimit(4)
	for i := range c.Kiosks {
		work.Go(func() error {
			name := fmt.Sprintf("kiosk-%05d", i)
			kiosks[i] = db.Kiosk{ID: name, Site: "S", Area: db.Area(fmt.Sprintf("30/298/%05d", 11000+i%23)), Role: "checkpoint", Made: db.At(time.Now())}
			m, cert, err := c.member(name, set, roots)
			if err != nil {
				return err
			}
			all.members[i] = m
			certificates[i] = db.Certificate{
				Serial: est.Serial(cert), Kiosk: name, Public: cert.RawSubjectPublicKeyInfo, DER: cert.Raw,
				NotBefore: db.At(cert.NotBefore), NotAfter: db.At(cert.NotAfter),
			}
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	return all, errors.Join(db.Insert(ctx, d, kiosks), db.Insert(ctx, d, certificates))
}

// member makes a kiosk's certificate and its batch: a day's visits, and what else
// a checkpoint records.
func (c *cli) member(name string, set *keys.Set, roots *x509.CertPool) (member, *x509.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return member{}, nil, err
	}
	cert, err := set.CA.IssueKiosk(name, &key.PublicKey, rand.Reader, time.Now())
	if err != nil {
		return member{}, nil, err
	}
	k := simulate.New(name, key, set.Seal.PublicKey())
	at, rnd := time.Now().Add(-time.Hour), mrand.New(mrand.NewPCG(1, binary.BigEndian.Uint64(k.Journal[:])))
	for i := range c.Records {
		at = at.Add(10 * time.Second)
		var body record.Body = visit(rnd)
		if i%10 == 9 {
			body = record.Declaration{
				Number: fmt.Sprintf("%s-%04d", name, i), Form: "health/2026-01", Level: 1,
				Person: record.Person{Name: "Nguyễn Thị Thử", Birth: 1960 + i%40, Sex: record.Female, Nationality: "VN",
					Document: fmt.Sprintf("0301%08d", i), Phone: fmt.Sprintf("09%08d", i), Address: record.Address{Unit: "11194", Set: "2022", Line: "Thôn Thử"}},
			}
		}
		if err := k.Add(at, body); err != nil {
			return member{}, nil, err
		}
	}
	batch, err := k.Batch(1, len(k.Entries), time.Now())
	dialer := forward.NewDialer(&tls.Config{
		RootCAs: roots, Certificates: []tls.Certificate{{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert}},
	})
	dialer.Patience = 5 * time.Minute
	return member{dialer: dialer, batch: batch, last: uint64(len(k.Entries))}, cert, err
}

// visit makes one of the visits that a day brings.
func visit(rnd *mrand.Rand) record.Visit {
	verdict := verdicts[rnd.IntN(len(verdicts))]
	return record.Visit{
		Direction: record.In + record.Direction(rnd.IntN(2)), Family: families[rnd.IntN(len(families))],
		Level: verdict.level, Reasons: []record.Reason{verdict.reason}, Rules: "2026-11-01", Temperature: 358 + rnd.IntN(20),
	}
}

var families = []string{"eu-dcc", "who-ddcc", "declaration", "manual"}

var verdicts = []struct {
	level  record.Level
	reason record.Reason
}{
	{1, record.Reason{Code: "dose-complete", Rule: "VR-VN-0001"}},
	{1, record.Reason{Code: "test-negative", Rule: "TR-VN-0001"}},
	{2, record.Reason{Code: "dose-due", Rule: "VR-VN-0003"}},
}

// outcome is how it went for the crowd.
type outcome struct {
	mu      sync.Mutex
	batches []time.Duration // from the first try to the receipt
	retries int
}

// goAway has each kiosk connect to the server, as it did in the days before, and
// lose its connection.
func (all *crowd) goAway(ctx context.Context, server *url.URL) error {
	var everybody errgroup.Group
	everybody.SetLimit(16)
	for _, m := range all.members {
		everybody.Go(func() error {
			_, err := ask(ctx, m.dialer, http.MethodGet, server.JoinPath("/healthz"), nil)
			return err
		})
	}
	return everybody.Wait()
}

// comeBack lets all kiosks connect at once. Each tries until it has its receipt.
func (all *crowd) comeBack(ctx context.Context, server *url.URL) (*outcome, error) {
	o, to := &outcome{}, server.JoinPath(wire.PathBatches)
	var everybody errgroup.Group
	for i := range all.members {
		everybody.Go(func() error {
			began, retries := time.Now(), 0
			m := &all.members[i]
			for {
				var err error
				if m.receipt, err = ask(ctx, m.dialer, http.MethodPost, to, m.batch); err == nil {
					break
				}
				var refused *wire.Error
				if ctx.Err() != nil || errors.As(err, &refused) && refused.Code != wire.Busy && refused.Code != wire.Unavailable {
					return fmt.Errorf("kiosk %d: %w", i, err)
				}
				if retries++; retries > 100 {
					return fmt.Errorf("kiosk %d gave up: %w", i, err)
				}
				time.Sleep(time.Second)
			}
			o.mu.Lock()
			defer o.mu.Unlock()
			o.batches, o.retries = append(o.batches, time.Since(began)), o.retries+retries
			return nil
		})
	}
	return o, everybody.Wait()
}

// check says whether each kiosk has the receipt for all that it sent.
func (all *crowd) check() error {
	for i := range all.members {
		m := &all.members[i]
		receipt, err := wire.DecodeReceipt(m.receipt)
		if err == nil {
			err = receipt.Verify([]*ecdsa.PublicKey{all.receipt})
		}
		if err == nil && receipt.Held.Number != m.last {
			err = fmt.Errorf("it is for %d, not %d", receipt.Held.Number, m.last)
		}
		if err != nil {
			return fmt.Errorf("the receipt of kiosk %d: %w", i, err)
		}
	}
	return nil
}
