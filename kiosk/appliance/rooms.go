package appliance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sync/errgroup"

	"chot/drivers/camera"
	"chot/drivers/thermometer"
	"chot/kiosk/bundle"
	"chot/kiosk/checkpoint"
)

// run starts the rooms and lives until the context ends or one of them fails.
func (a *appliance) run(ctx context.Context, s *stage) (err error) {
	defer func() { err = errors.Join(err, a.close()) }()
	rooms, ctx := errgroup.WithContext(ctx)

	l := newLoop(a.journal.Now, func(state checkpoint.State) { a.releases.sees(state); s.draw(state) })
	send := l.send
	s.plays(func(e checkpoint.Event) { send(ctx, e) })
	press, err := openPress(a.config.Printer, a.config.Language, a.bundle.Files, send, a.log)
	if err != nil {
		return err
	}
	a.office.ask = func(task func() checkpoint.Event) {
		rooms.Go(func() error { send(ctx, task()); return nil })
	}
	notes := &scribe{journal: a.journal, queue: make(chan checkpoint.Keep, 64), send: send, log: a.log}
	rings, aid := new(bell), new(atomic.Bool)
	barrier := &gate{ring: rings.ring, send: send, log: a.log}
	if a.config.Panel != "" {
		a.closers = append(a.closers, barrier.connect(ctx, a.config.Panel, a.journal.Now))
	}
	h := &hands{
		appliance: a, checker: a.checker, scribe: notes, memory: a.memory, press: press, office: a.office,
		gate: barrier, bell: rings, aid: aid, send: send, findStick: findStick,
		voice:  openVoice(a.config.Speaker, a.config.Sounds, send, a.journal.Now, a.log),
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
			preview: s.preview, ring: rings.ring, aid: aid}
		rooms.Go(func() error { return e.run(ctx) })
	}
	if a.config.Scanner != "" {
		m, err := newModule(a.config.Scanner, a.journal.Now)
		if err != nil {
			return err
		}
		m.send, m.ring, m.log = send, rings.ring, a.log
		rooms.Go(func() error { return m.run(ctx) })
	}
	if a.config.Thermometer != "" {
		forehead, err := thermometer.Open(a.config.Thermometer)
		if err != nil {
			return err
		}
		a.closers = append(a.closers, forehead.Halt)
		w := &warmth{sensor: forehead, send: send, now: a.journal.Now, log: a.log}
		rooms.Go(func() error { return w.run(ctx) })
	}
	rooms.Go(func() error { return h.voice.run(ctx) })
	rooms.Go(func() error { return a.watch(send).run(ctx) })
	rooms.Go(func() error { a.keeper.Run(ctx, a.journal.Now, a.log); return nil })
	rooms.Go(func() error {
		a.bundle.Run(ctx, a.source(), renewBundle, a.checker.stranger, func(s bundle.Status) { a.renewed(ctx, s, send) })
		return nil
	})
	rooms.Go(func() error { return a.carry(ctx, send) })
	rooms.Go(func() error { return a.purge(ctx) })
	if a.config.Updates {
		rooms.Go(func() error { return a.releases.run(ctx, a, findStick) })
	}
	notifyReady(a.log)
	a.log.Info("serving", "kiosk", a.id.Kiosk, "version", a.version)
	rooms.Go(func() error { return l.run(ctx, state) })
	return rooms.Wait()
}

// watch looks after the parts that nobody else reports.
func (a *appliance) watch(send func(context.Context, checkpoint.Event)) *watch {
	return &watch{
		journal: a.journal, checker: a.checker, now: a.journal.Now, wall: a.now, started: a.journal.Now(),
		since: map[checkpoint.Part]time.Time{}, send: send, log: a.log, releases: &a.releases,
	}
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

// purge deletes what the province has signed for, when its time is over.
func (a *appliance) purge(ctx context.Context) error {
	for {
		keep := a.config.Retention.Duration
		if d, err := loadDay(a.bundle.Files()); err == nil { // else: said when it came
			keep = a.config.retention(d)
		}
		n, err := a.journal.Purge(ctx, a.journal.Now().Add(-keep))
		switch {
		case err != nil && ctx.Err() == nil:
			a.log.Error("purging", "error", err)
		case n > 0:
			a.log.Info("purged", "entries", n)
		}
		if !wait(ctx, min(sweep, max(keep/4, time.Second))) {
			return nil
		}
	}
}

// notifyReady tells systemd that the kiosk is up.
func notifyReady(log *slog.Logger) {
	if _, err := daemon.SdNotify(false, daemon.SdNotifyReady); err != nil {
		log.Warn("telling systemd", "error", err)
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
