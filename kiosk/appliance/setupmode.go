package appliance

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"chot/drivers/camera"
	"chot/kiosk/appliance/device"
	"chot/kiosk/appliance/display"
	"chot/kiosk/appliance/parts"
	"chot/kiosk/appliance/service"
	"chot/kiosk/appliance/setup"
	"chot/kiosk/checkpoint"
	"chot/kiosk/provision"
	"chot/kiosk/record"
	"chot/ui"
)

// setUp runs the set-up mode until the kiosk is made, open and has reported in. It
// is nil if the context ended first.
func setUp(ctx context.Context, c config, env environment, screen *display.Display) (*kiosk, error) {
	var keys provision.Keys
	if c.Sheets != "" {
		var err error
		if keys, err = provision.LoadKeys(c.Sheets); err != nil {
			return nil, err
		}
	}
	inner, done := context.WithCancel(ctx)
	defer done()
	group, inner := errgroup.WithContext(inner)
	events := newEvents()
	var made *kiosk
	mode := setup.New(setup.Options{
		State: c.State, Keys: keys, Network: provision.NetworkManager{}, Languages: languages(c.Language), Rows: ui.Rows,
		Now: env.now, Log: env.log, Send: events.send, Done: done,
		Background: func(task func()) { group.Go(func() error { task(); return nil }) },
		Begin: func(ctx context.Context, refused []record.Record, stage func(checkpoint.ProvisionStage)) (found []checkpoint.DeviceChanged, err error) {
			made, found, err = begin(ctx, c, env, refused, stage)
			return found, err
		},
	})
	state, err := mode.FirstState()
	if err != nil {
		return nil, err
	}
	screen.Listen(func(e checkpoint.Event) { events.send(inner, e) })
	if c.Camera != "" {
		opened, err := camera.Open(c.Camera)
		if err != nil {
			return nil, err
		}
		tracker := parts.NewTracker(events.send, env.now)
		host := device.Host{Send: events.send, Tell: tracker.Tell, Now: env.now, Log: env.log}
		eyes := device.NewCamera(host, opened, screen.Preview, new(device.PartWaiter))
		group.Go(func() error { return errors.Join(eyes.Run(inner), opened.Halt()) })
	}
	if mode.Enrolled() {
		group.Go(func() error { mode.Resume(inner); return nil })
	}
	notifyReady(env.log)
	env.log.Info("waiting for a provisioning sheet", "version", env.version)
	setupLoop := loop{
		events: events, now: env.now, begin: func() {}, do: mode.Do, draw: screen.Draw,
		seen: screen.Shown, alive: newWatchdog(env.log, vital{"display", screen.Hung}),
	}
	group.Go(func() error { return screen.Watch(inner) })
	group.Go(func() error { return setupLoop.run(inner, state) })
	err = group.Wait()
	if made != nil && (err != nil || ctx.Err() != nil) {
		return nil, errors.Join(err, made.close())
	}
	return made, err
}

// begin makes the kiosk of an identity that is there, and reports in.
func begin(ctx context.Context, c config, env environment, refused []record.Record, stage func(checkpoint.ProvisionStage)) (*kiosk, []checkpoint.DeviceChanged, error) {
	within, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	if err := fetch(within, c, env); err != nil {
		return nil, nil, err
	}
	k, err := openKiosk(ctx, c, env)
	if err != nil {
		return nil, nil, err
	}
	stage(checkpoint.Testing)
	found, err := k.reportIn(ctx, refused)
	if err != nil {
		return nil, nil, errors.Join(err, k.close())
	}
	return k, found, nil
}

// How long a printer is waited for, and the province, when a kiosk reports in.
const (
	probeLimit   = 5 * time.Second
	deliverLimit = 30 * time.Second
)

// reportIn tests the parts, writes down how each is, and brings that to the
// province. A province that does not take it is a part that fails, no reason not
// to serve.
func (k *kiosk) reportIn(ctx context.Context, refused []record.Record) (found []checkpoint.DeviceChanged, err error) {
	tracker := parts.NewTracker(func(_ context.Context, e checkpoint.Event) {
		found = append(found, e.(checkpoint.DeviceChanged))
	}, k.journal.Now)
	host := device.Host{Send: func(context.Context, checkpoint.Event) {}, Tell: tracker.Tell, Now: k.journal.Now, Log: k.log}
	if k.config.Camera != "" {
		tracker.Tell(ctx, parts.State{Part: checkpoint.PartCamera, Value: k.config.Camera})
	}
	if k.config.Printer.Port != "" {
		within, stop := context.WithTimeout(ctx, probeLimit)
		defer stop()
		device.ProbePrinter(within, host, k.config.printer())
	}
	monitor := service.NewHealthMonitor(service.HealthOptions{
		Append: k.journal.Append, Status: k.journal.Status, Checker: k.checker, Releases: k.releases, Bundle: k.account.bundle.Status, Tell: tracker.Tell, Wrong: tracker.Wrong,
		Now: k.journal.Now, Wall: k.now, Log: k.log,
	})
	status, err := monitor.Look(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range refused {
		payload, err := record.Encode(r.Body)
		if err != nil {
			return nil, fmt.Errorf("reporting a refused sheet: %w", err)
		}
		if _, err := k.journal.Append(ctx, uint8(r.Body.Kind()), r.Time, payload); err != nil {
			return nil, fmt.Errorf("reporting a refused sheet: %w", err)
		}
	}
	if err := monitor.Report(ctx, status); err != nil {
		return nil, fmt.Errorf("reporting in: %w", err)
	}
	uploader, err := k.uploader(func() []*ecdsa.PublicKey { return k.data.Province.Receipt })
	if err != nil {
		return nil, err
	}
	uploader.Deliver(ctx, deliverLimit, tracker.Tell)
	return found, nil
}
