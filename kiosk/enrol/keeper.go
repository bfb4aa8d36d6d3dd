package enrol

import (
	"context"
	"crypto/tls"
	"log/slog"
	"sync/atomic"
	"time"
)

// Keeper keeps an identity's certificate from expiring while the kiosk runs.
type Keeper struct{ id atomic.Pointer[Identity] }

// NewKeeper keeps an identity.
func NewKeeper(id *Identity) *Keeper {
	k := new(Keeper)
	k.id.Store(id)
	return k
}

// TLS is the configuration of a client that speaks to the province as this kiosk,
// with the newest certificate. Certificates are judged by the kiosk's trusted
// clock: the system's may not have been set yet.
func (k *Keeper) TLS(now func() time.Time) *tls.Config {
	config := k.id.Load().TLS()
	config.Time = now
	config.Certificates = nil
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		return &k.id.Load().TLS().Certificates[0], nil
	}
	return config
}

// How often Run looks whether the certificate is due. An hour's retries are left
// in a third of its life.
const lookDue = time.Hour

// Run renews the certificate whenever it is due, until the context ends.
func (k *Keeper) Run(ctx context.Context, now func() time.Time, log *slog.Logger) {
	for {
		if id := k.id.Load(); id.Due(now()) {
			switch next, err := id.Renew(ctx, now); {
			case err == nil:
				k.id.Store(next)
				log.Info("the certificate was renewed", "until", next.Certificate.NotAfter)
			case ctx.Err() == nil:
				log.Warn("the certificate was not renewed", "until", id.Certificate.NotAfter, "error", err)
			}
		}
		timer := time.NewTimer(lookDue)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}
