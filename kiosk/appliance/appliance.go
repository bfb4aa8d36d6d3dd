package appliance

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"chot/kiosk/bundle"
	"chot/kiosk/checkpoint"
	"chot/kiosk/enquiry"
	"chot/kiosk/enrol"
	"chot/kiosk/policy"
	"chot/kiosk/provision"
	"chot/kiosk/record"
	"chot/kiosk/trust"
	"chot/store"
	"chot/store/forward"
)

// world is what the appliance takes from outside itself.
type world struct {
	version string // of the program
	now     func() time.Time
	rand    io.Reader
	log     *slog.Logger
	logs    *logbook // what was logged
	quit    func()
}

// appliance is all rooms, wired.
type appliance struct {
	config config
	world
	id       *enrol.Identity
	keeper   *enrol.Keeper
	trusted  func() time.Time // never behind what something signed says
	client   *http.Client     // speaks to the province as this kiosk
	bundle   *bundle.Bundle
	journal  *store.Journal
	memory   *memory
	checker  *checker
	office   *office
	releases releaser

	closers []func() error
}

// How often the province is asked for a newer bundle, and how often what a
// receipt covers is purged.
const (
	renewBundle = 30 * time.Minute
	sweep       = time.Hour
)

// open opens everything that must be there for the kiosk to serve. What may come
// and go, the camera, the printer and the network among it, is only told how to
// be found. The error wraps [enrol.ErrNone] for a kiosk that has no identity, and
// errNoData for one that has never been given its data.
func open(ctx context.Context, c config, w world) (*appliance, error) {
	a := &appliance{world: w, releases: releaser{version: w.version}}
	if err := a.open(ctx, c); err != nil {
		return nil, errors.Join(err, a.close())
	}
	return a, nil
}

func (a *appliance) open(ctx context.Context, c config) error {
	for _, dir := range []string{c.State, c.spool()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("making the kiosk's folder: %w", err)
		}
	}
	site, err := provision.LoadSite(c.State)
	if err != nil {
		return err
	}
	a.config, a.trusted = c.at(site), provision.NotBefore(site.Issued, a.now)
	if err := a.openBundle(); err != nil {
		return err
	}
	keys, err := loadProvinceKeys(a.bundle.Files())
	if err != nil {
		return fmt.Errorf("%w: %w", errNoData, err)
	}
	a.journal, err = store.Open(c.journal(), store.Options{
		Kiosk: a.id.Kiosk, SealKey: keys.seal, Clock: a.now, Rand: a.rand, Log: a.log, Incident: incident,
	})
	if err != nil {
		return fmt.Errorf("opening the journal: %w", err)
	}
	a.closers = append(a.closers, a.journal.Close)
	if !site.Issued.IsZero() {
		if err := a.journal.Witness(ctx, site.Issued); err != nil {
			return err
		}
	}
	a.trusted = a.journal.Now
	if a.memory, err = openMemory(c.memory()); err != nil {
		return err
	}
	a.closers = append(a.closers, a.memory.close)
	a.checker = newChecker(a.journal.Now, a.config.Unit)
	a.office = &office{province: &enquiry.Client{HTTP: a.client, URL: a.id.Server}}
	return a.learn()
}

func (a *appliance) close() (err error) {
	for i := len(a.closers) - 1; i >= 0; i-- {
		err = errors.Join(err, a.closers[i]())
	}
	return err
}

// errNoData means that nothing that is signed came down to this kiosk yet.
var errNoData = errors.New("this kiosk has no data from the province")

// openBundle opens the identity and the bundle that the province keeps for it.
func (a *appliance) openBundle() (err error) {
	if a.id, err = enrol.Load(a.config.identity()); err != nil {
		return err
	}
	now := func() time.Time { return a.trusted() }
	a.keeper = enrol.NewKeeper(a.id)
	a.client = forward.NewHTTP(forward.NewDialer(a.keeper.TLS(now)))
	root, err := hex.DecodeString(a.config.Root)
	if err != nil {
		return fmt.Errorf("reading the root's hash in the configuration: %w", err)
	}
	a.bundle, err = bundle.Open(a.config.bundle(), bundle.Options{Kiosk: a.id.Kiosk, RootHash: root, Now: now})
	return err
}

// fetch brings the first bundle to a kiosk that was just enrolled.
func fetch(ctx context.Context, c config, w world) error {
	site, err := provision.LoadSite(c.State)
	if err != nil {
		return err
	}
	a := &appliance{config: c.at(site), world: w, trusted: provision.NotBefore(site.Issued, w.now)}
	if err := a.openBundle(); err != nil {
		return err
	}
	defer a.client.CloseIdleConnections()
	if status := a.bundle.Update(ctx, a.source()); status.Err != nil {
		return fmt.Errorf("fetching the first bundle: %w", status.Err)
	}
	return nil
}

// source is the province's repository.
func (a *appliance) source() bundle.Source {
	return bundle.Source{Client: a.client, URL: a.id.Server + "/tuf"}
}

// learn takes over what the bundle has now. On an error the kiosk goes on with
// what it knew.
func (a *appliance) learn() error {
	files := a.bundle.Files()
	keys, err := trust.Load(files)
	if err != nil {
		return err
	}
	rules, err := policy.Load(files)
	if err != nil {
		return err
	}
	places, err := loadPlaces(files)
	if err != nil {
		return err
	}
	badges, err := loadStaff(files)
	if err != nil {
		return err
	}
	a.checker.known.Store(&knowledge{trust: keys, rules: rules, places: places, current: a.bundle.Status().Signed})
	a.office.staff.Store(badges)
	return nil
}

// incident keeps what happened to the journal as a record of ours.
func incident(i store.Incident) (uint8, []byte) {
	loss := record.Loss{What: "journal", First: i.First, Last: i.Last, Cause: i.Cause}
	if i.What == store.ClockJump {
		loss = record.Loss{What: "clock", Jump: int64(i.Time.Sub(i.From).Seconds())}
	}
	payload, err := record.Encode(loss)
	if err != nil { // a cause of more than 16 kB
		payload = nil
	}
	return uint8(record.KindLoss), payload
}

// renewed takes over a new bundle.
func (a *appliance) renewed(ctx context.Context, s bundle.Status, send func(context.Context, checkpoint.Event)) {
	if ctx.Err() != nil {
		return
	}
	if s.Err != nil {
		a.log.Warn("bundle", "problem", string(s.Problem), "error", s.Err)
	} else if err := a.journal.Witness(ctx, s.Signed); err != nil {
		a.log.Warn("bundle", "error", err)
	}
	err := a.learn()
	var setup *checkpoint.Setup
	if err == nil && s.Changed {
		setup, err = a.config.setup(a.bundle.Files(), a.id.Kiosk)
	}
	if err != nil {
		a.log.Error("the new bundle cannot be used", "error", err)
		return
	}
	if setup != nil {
		send(ctx, checkpoint.Configured{Setup: setup})
	}
}
