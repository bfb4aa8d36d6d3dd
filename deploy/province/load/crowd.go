package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
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
	client *http.Client
	batch  []byte
	last   uint64
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
	at := time.Now().Add(-time.Hour)
	for i := range c.Records {
		at = at.Add(10 * time.Second)
		var body record.Body = record.Visit{
			Direction: record.In, Family: "eu-dcc", Level: record.Level(1 + i%3/2),
			Reasons: []record.Reason{{Code: "dose-complete", Rule: "VR-VN-0001"}}, Rules: "2026-11-01", Heat: 362 + i%10,
		}
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
	client := forward.NewHTTP(dialer)
	client.Timeout = dialer.Patience
	return member{client, batch, uint64(len(k.Entries))}, cert, err
}

// outcome is how it went for the crowd.
type outcome struct {
	mu      sync.Mutex
	batches []time.Duration // from the first try to the receipt
	retries int
}

// goAway has each kiosk connect to the server, as it did in the days before, and
// lose its connection.
func (all *crowd) goAway(ctx context.Context, server string) error {
	var everybody errgroup.Group
	everybody.SetLimit(16)
	for _, m := range all.members {
		everybody.Go(func() error {
			defer m.client.CloseIdleConnections()
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, server+"/healthz", nil)
			if err != nil {
				return err
			}
			answer, err := m.client.Do(r)
			if err != nil {
				return err
			}
			_, err = io.Copy(io.Discard, answer.Body)
			return errors.Join(err, answer.Body.Close())
		})
	}
	return everybody.Wait()
}

// comeBack lets all kiosks connect at once. Each tries until it has its receipt.
func (all *crowd) comeBack(ctx context.Context, server string) (*outcome, error) {
	o := &outcome{}
	var everybody errgroup.Group
	for i := range all.members {
		everybody.Go(func() error {
			defer all.members[i].client.CloseIdleConnections()
			began, retries := time.Now(), 0
			for {
				err := all.deliver(ctx, server, &all.members[i])
				if err == nil {
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

func (all *crowd) deliver(ctx context.Context, server string, m *member) error {
	receipt, err := simulate.Send(ctx, m.client, server, m.batch)
	if err != nil {
		return err
	}
	if err := receipt.Verify([]*ecdsa.PublicKey{all.receipt}); err != nil {
		return err
	}
	if receipt.Held.Number != m.last {
		return fmt.Errorf("the receipt is for %d, not %d", receipt.Held.Number, m.last)
	}
	return nil
}
