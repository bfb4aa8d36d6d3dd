package appliance

import (
	"context"
	"crypto/ecdsa"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"chot/kiosk/appliance/service"
	"chot/kiosk/bundle"
	"chot/kiosk/enrol"
	"chot/kiosk/provision"
	"chot/kiosk/published"
	"chot/kiosk/record"
	"chot/store"
	"chot/store/forward"
)

// environment is what the program takes from outside itself.
type environment struct {
	version string // of the program
	now     func() time.Time
	rand    io.Reader
	log     *slog.Logger
	logs    *service.LogTail // what was logged
	quit    func()
}

// kiosk is what must be there for the kiosk to serve: who it is, what it works by,
// and where it writes. It is built complete by openKiosk. What may come and go,
// the camera, the printer and the network among it, is built by serve.
type kiosk struct {
	environment
	config   config // as the sheet has it
	account  account
	journal  *store.Journal
	memory   *service.Memory
	data     *published.Data
	checker  *service.Checker
	releases *service.Releases
}

// account is the kiosk at the province: its identity, and the bundle that the
// province keeps for it.
type account struct {
	id     *enrol.Identity
	keeper *enrol.Keeper
	client *http.Client // speaks to the province as this kiosk
	bundle *bundle.Bundle
	loader *service.Loader
}

// openAccount opens the identity and the bundle. The error wraps [enrol.ErrNone]
// for a kiosk that has no identity.
func openAccount(c config, now func() time.Time, log *slog.Logger) (account, error) {
	id, err := enrol.Load(c.identity())
	if err != nil {
		return account{}, err
	}
	root, err := hex.DecodeString(c.Root)
	if err != nil {
		return account{}, fmt.Errorf("root in the configuration is not a SHA-256 in hexadecimal: %w", err)
	}
	keeper := enrol.NewKeeper(id)
	loader := new(service.Loader)
	b, err := bundle.Open(c.bundle(), bundle.Options{Kiosk: id.Kiosk, RootHash: root, Now: now, Accept: loader.Accept, Log: log})
	if err != nil {
		return account{}, err
	}
	if s := b.Status(); s.Err != nil {
		log.Error("bundle", "problem", string(s.Problem), "error", s.Err)
	}
	client := forward.NewHTTP(forward.NewDialer(keeper.TLS(now)))
	// The province does not redirect, least of all to where no TLS is spoken.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return account{id, keeper, client, b, loader}, nil
}

// source is the province's repository.
func (a account) source() bundle.Source {
	return bundle.Source{Client: a.client, URL: a.id.Server + "/tuf"}
}

// openKiosk opens everything that must be there for the kiosk to serve. The error
// wraps [enrol.ErrNone] for a kiosk that has no identity, and [service.ErrNoData]
// for one that has never been given its data.
func openKiosk(ctx context.Context, c config, env environment) (_ *kiosk, err error) {
	for _, dir := range []string{c.State, c.spool()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("making the kiosk's folder: %w", err)
		}
	}
	site, err := provision.LoadSite(c.State)
	if err != nil {
		return nil, err
	}
	c = c.at(site)
	// Until the journal is open, the sheet's date is what the clock cannot be behind.
	trusted := provision.NotBefore(site.Issued, env.now)
	acc, err := openAccount(c, func() time.Time { return trusted() }, env.log)
	if err != nil {
		return nil, err
	}
	data, err := acc.loader.Data(acc.bundle)
	if err != nil {
		return nil, err
	}
	journal, err := store.Open(c.journal(), store.Options{
		Kiosk: acc.id.Kiosk, SealKey: data.Province.Seal, Clock: env.now, Rand: env.rand, Log: env.log, Incident: incident,
		Quality: store.SystemClockQuality,
	})
	if err != nil {
		return nil, fmt.Errorf("opening the journal: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, journal.Close())
		}
	}()
	if !site.Issued.IsZero() {
		if err := journal.RaiseFloor(ctx, site.Issued, site.Issued); err != nil {
			return nil, err
		}
	}
	trusted = journal.Now
	memory, err := service.OpenMemory(c.State, env.now, env.log)
	if err != nil {
		return nil, err
	}
	return &kiosk{
		environment: env, config: c, account: acc, journal: journal, memory: memory, data: data,
		checker:  service.NewChecker(journal.Now, c.Unit, site.Site, data, acc.bundle.Status().Signed),
		releases: service.NewReleases(env.version),
	}, nil
}

func (k *kiosk) close() error { return errors.Join(k.memory.Close(), k.journal.Close()) }

// fetch brings the first bundle to a kiosk that was just enrolled.
func fetch(ctx context.Context, c config, env environment) error {
	site, err := provision.LoadSite(c.State)
	if err != nil {
		return err
	}
	acc, err := openAccount(c.at(site), provision.NotBefore(site.Issued, env.now), env.log)
	if err != nil {
		return err
	}
	defer acc.client.CloseIdleConnections()
	if status := acc.bundle.Update(ctx, acc.source()); status.Err != nil {
		return fmt.Errorf("fetching the first bundle: %w", status.Err)
	}
	return nil
}

// incident keeps what happened to the journal as a record of ours.
func incident(i store.Incident) (uint8, []byte) {
	var loss record.Loss
	switch i.What {
	case store.ClockJump:
		loss = record.Loss{What: "clock", Jump: int64(i.Time.Sub(i.From).Seconds())}
	case store.ClockSource:
		loss = record.Loss{What: "clock", Cause: "not synchronised"}
		if i.Synchronised {
			loss.Cause = "synchronised within " + i.MaxError.Round(time.Millisecond).String()
		}
	default:
		loss = record.Loss{What: "journal", First: i.First, Last: i.Last, Cause: i.Cause}
	}
	payload, err := record.Encode(loss)
	if err != nil { // a cause of more than 16 kB
		payload = nil
	}
	return uint8(record.KindLoss), payload
}

// receiptsUntil is until when the province vouches for the keys that it publishes.
func (k *kiosk) receiptsUntil() time.Time { return k.account.bundle.Status().Expires }

// uploader is the way to the province, which believes receipts by the keys of the
// moment.
func (k *kiosk) uploader(keys func() []*ecdsa.PublicKey) (*service.Uploader, error) {
	return service.NewUploader(service.UploaderOptions{
		Journal: k.journal, HTTP: k.account.client, Server: k.account.id.Server, Key: k.account.id.Key, Rand: k.rand,
		ReceiptKeys: keys, ReceiptsUntil: k.receiptsUntil, Metered: k.config.Metered, Ledger: k.config.spent(), Spool: k.config.spool(), Log: k.log,
	})
}
