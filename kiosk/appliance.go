package main

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

	"fyne.io/fyne/v2"
	"github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sync/errgroup"

	"chot/drivers/camera"
	"chot/kiosk/bundle"
	"chot/kiosk/checkpoint"
	"chot/kiosk/enrol"
	"chot/kiosk/policy"
	"chot/kiosk/record"
	"chot/kiosk/trust"
	"chot/store"
	"chot/store/forward"
	"chot/ui"
)

// world is what the appliance takes from outside itself.
type world struct {
	now  func() time.Time
	rand io.Reader
	log  *slog.Logger
	quit func()
}

// appliance is all rooms, wired.
type appliance struct {
	config config
	world
	id      *enrol.Identity
	client  *http.Client // speaks to the province as this kiosk
	bundle  *bundle.Bundle
	journal *store.Journal
	memory  *memory
	checker *checker
	office  *office

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
// be found.
func open(ctx context.Context, c config, w world) (a *appliance, err error) {
	a = &appliance{config: c, world: w}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	if err := os.MkdirAll(c.State, 0o700); err != nil {
		return nil, fmt.Errorf("making the kiosk's folder: %w", err)
	}
	if a.id, err = enrol.Load(c.identity()); err != nil {
		return nil, err
	}
	a.client = forward.NewHTTP(a.id.TLS())
	keys, err := a.openBundle(ctx)
	if err != nil {
		return nil, err
	}
	a.journal, err = store.Open(c.journal(), store.Options{
		Kiosk: a.id.Kiosk, SealKey: keys.seal, Clock: w.now, Rand: w.rand, Log: w.log, Incident: incident,
	})
	if err != nil {
		return nil, fmt.Errorf("opening the journal: %w", err)
	}
	a.closers = append(a.closers, a.journal.Close)
	if a.memory, err = openMemory(c.memory()); err != nil {
		return nil, err
	}
	a.closers = append(a.closers, a.memory.close)
	a.checker = &checker{now: a.journal.Now, place: []string{c.Unit}}
	a.office = &office{}
	return a, a.learn()
}

func (a *appliance) close() (err error) {
	for i := len(a.closers) - 1; i >= 0; i-- {
		err = errors.Join(err, a.closers[i]())
	}
	return err
}

// openBundle opens the bundle and returns the province's keys in it. A kiosk
// that was just enrolled has none yet and fetches it first.
func (a *appliance) openBundle(ctx context.Context) (provinceKeys, error) {
	root, err := hex.DecodeString(a.config.Root)
	if err != nil {
		return provinceKeys{}, fmt.Errorf("reading the root's hash in the configuration: %w", err)
	}
	a.bundle, err = bundle.Open(a.config.bundle(), bundle.Options{Kiosk: a.id.Kiosk, RootHash: root, Now: a.now})
	if err != nil {
		return provinceKeys{}, err
	}
	keys, err := loadProvinceKeys(a.bundle.Files())
	if err == nil {
		return keys, nil
	}
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	if status := a.bundle.Update(ctx, a.source()); status.Err != nil {
		return provinceKeys{}, fmt.Errorf("fetching the first bundle: %w", status.Err)
	}
	return loadProvinceKeys(a.bundle.Files())
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
	book, err := policy.Load(files)
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
	a.checker.known.Store(&knowledge{trust: keys, book: book, places: places, current: a.bundle.Status().Signed})
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

// run starts the rooms and lives until the context ends or one of them fails.
func (a *appliance) run(ctx context.Context, window fyne.Window) (err error) {
	defer func() { err = errors.Join(err, a.close()) }()
	rooms, ctx := errgroup.WithContext(ctx)

	l := &loop{events: make(chan checkpoint.Event, 256), now: a.journal.Now, alive: feedWatchdog()}
	send := l.send
	var screen *ui.UI
	fyne.DoAndWait(func() { screen = ui.New(window, func(e checkpoint.Event) { send(ctx, e) }, ui.Options{}) })
	pictures := &album{dir: a.config.Screen.Shots, window: window, log: a.log}
	l.draw = func(s checkpoint.State) {
		screen.Render(s)
		pictures.take(s)
	}
	press, err := openPress(a.config.Printer, a.config.Language, a.bundle.Files, send, a.log)
	if err != nil {
		return err
	}
	a.office.ask = func(task func() checkpoint.Event) {
		rooms.Go(func() error { send(ctx, task()); return nil })
	}
	notes := &scribe{journal: a.journal, queue: make(chan checkpoint.Keep, 64), send: send, log: a.log}
	barrier := &gate{send: send, log: a.log}
	if a.config.Panel != "" {
		a.closers = append(a.closers, barrier.connect(ctx, a.config.Panel, a.journal.Now))
	}
	h := &hands{
		appliance: a, checker: a.checker, scribe: notes, memory: a.memory, press: press, office: a.office,
		gate:   barrier,
		signer: signer{kiosk: a.id.Kiosk, unit: a.config.Unit, key: a.id.Key, rand: a.rand, now: a.journal.Now},
		quit:   a.quit, log: a.log,
	}
	l.do = h.do
	state, err := a.firstState()
	if err != nil {
		return err
	}
	rooms.Go(func() error { return notes.run(ctx) })
	rooms.Go(func() error { return press.run(ctx) })
	rooms.Go(func() error { return press.watch(ctx, a.journal.Now) })
	if a.config.Camera != "" {
		eyes, err := camera.Open(a.config.Camera)
		if err != nil {
			return err
		}
		a.closers = append(a.closers, eyes.Halt)
		e := &eye{camera: eyes, send: send, now: a.journal.Now, log: a.log,
			preview: func(f camera.Frame) { screen.Frame(f.Pix, f.Width, f.Height, f.Stride) }}
		rooms.Go(func() error { return e.run(ctx) })
	}
	w := &watch{journal: a.journal, checker: a.checker, now: a.journal.Now, wall: a.now, started: a.journal.Now(), send: send, log: a.log}
	rooms.Go(func() error { return w.run(ctx) })
	rooms.Go(func() error {
		a.bundle.Run(ctx, a.source(), renewBundle, func(s bundle.Status) { a.renewed(ctx, s, send) })
		return nil
	})
	rooms.Go(func() error { return a.carry(ctx, send) })
	rooms.Go(func() error { return a.purge(ctx) })
	if _, err := daemon.SdNotify(false, daemon.SdNotifyReady); err != nil {
		a.log.Warn("telling systemd", "error", err)
	}
	a.log.Info("serving", "kiosk", a.id.Kiosk, "version", version)
	rooms.Go(func() error { return l.run(ctx, state) })
	return rooms.Wait()
}

// firstState is the checkpoint as it starts, with what it remembers.
func (a *appliance) firstState() (checkpoint.State, error) {
	remembered, err := a.memory.load()
	if err != nil {
		return checkpoint.State{}, err
	}
	setup, err := a.config.setup(a.bundle.Files(), a.id.Kiosk)
	if err != nil {
		return checkpoint.State{}, err
	}
	var seed [32]byte
	if _, err := io.ReadFull(a.rand, seed[:]); err != nil {
		return checkpoint.State{}, fmt.Errorf("drawing the kiosk's seed: %w", err)
	}
	return checkpoint.New(setup, a.journal.Now(), seed, remembered)
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

// purge deletes what the province has signed for, when its time is over.
func (a *appliance) purge(ctx context.Context) error {
	for {
		n, err := a.journal.Purge(ctx, a.journal.Now().Add(-a.config.Retention.Duration))
		switch {
		case err != nil && ctx.Err() == nil:
			a.log.Error("purging", "error", err)
		case n > 0:
			a.log.Info("purged", "entries", n)
		}
		if !wait(ctx, min(sweep, max(a.config.Retention.Duration/4, time.Second))) {
			return nil
		}
	}
}

// feedWatchdog returns what tells systemd that the loop lives, at most twice in
// the time that it allows.
func feedWatchdog() func() {
	limit, err := daemon.SdWatchdogEnabled(false)
	if err != nil || limit == 0 {
		return func() {}
	}
	next := time.Now()
	return func() {
		if now := time.Now(); now.After(next) {
			next = now.Add(limit / 3)
			_, _ = daemon.SdNotify(false, daemon.SdNotifyWatchdog) // unheard, systemd ends us: its purpose
		}
	}
}
