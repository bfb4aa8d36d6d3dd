package appliance

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sync/errgroup"

	"chot/drivers/camera"
	"chot/drivers/printer"
	"chot/drivers/thermometer"
	"chot/kiosk/appliance/device"
	"chot/kiosk/appliance/display"
	"chot/kiosk/appliance/parts"
	"chot/kiosk/appliance/selftest"
	"chot/kiosk/appliance/service"
	"chot/kiosk/bundle"
	"chot/kiosk/checkpoint"
	"chot/kiosk/enquiry"
	"chot/kiosk/published"
	"chot/kiosk/sampling"
	"chot/kiosk/staff"
	"chot/store/forward"
	"chot/ui"
	"chot/ui/catalog"
)

// serve builds every device and service of a kiosk, runs them, and lives until the
// context ends or one of them fails.
func (k *kiosk) serve(ctx context.Context, screen *display.Display) (err error) {
	closing := []func() error{k.close}
	defer func() {
		for i := len(closing) - 1; i >= 0; i-- {
			err = errors.Join(err, closing[i]())
		}
	}()
	group, ctx := errgroup.WithContext(ctx)
	run := func(part func(context.Context) error) { group.Go(func() error { return part(ctx) }) }

	// What devices and services share.
	events := newEvents()
	tracker := parts.NewTracker(events.send, k.journal.Now)
	host := device.Host{Send: events.send, Tell: tracker.Tell, Now: k.journal.Now, Log: k.log}
	waiter := new(device.PartWaiter)
	background := func(task func() checkpoint.Event) {
		group.Go(func() error { events.send(ctx, task()); return nil })
	}

	// Services.
	fitted := k.config.fitted(k.account.id.Kiosk)
	data := service.NewBundle(service.BundleOptions{
		Bundle: k.account.bundle, Loader: k.account.loader, Province: k.account.source(), Data: k.data, RaiseFloor: k.journal.RaiseFloor, Log: k.log,
		Learned: func(ctx context.Context, data *published.Data, s bundle.Status) {
			k.checker.Learn(data, s.Signed)
			if s.Changed {
				events.send(ctx, checkpoint.Configured{Setup: data.Setup(fitted)})
			}
		},
	})
	receiptKeys := func() []*ecdsa.PublicKey { return data.Data().Province.Receipt }
	uploader, err := k.uploader(receiptKeys)
	if err != nil {
		return err
	}
	writer := service.NewJournalWriter(k.journal, k.memory, events.send, tracker.Mark, k.log)
	monitor := service.NewHealthMonitor(service.HealthOptions{
		Append: writer.Append, Status: k.journal.Status, Checker: k.checker, Releases: k.releases, Bundle: k.account.bundle.Status, Tell: tracker.Tell, Wrong: tracker.Wrong,
		Now: k.journal.Now, Wall: k.now, Log: k.log,
	})
	id := k.account.id

	// Devices.
	printQueue, err := device.NewPrintQueue(host, k.config.printer(), func() printer.Layouts { return data.Data().Layouts })
	if err != nil {
		return err
	}
	panel := device.OpenPanel(ctx, host, k.config.Panel, waiter)
	closing = append(closing, panel.Halt)
	voice := device.NewVoice(host, k.config.Speaker, k.config.Sounds)
	measureFocus := func(bool) {}
	if k.config.Camera != "" {
		opened, err := camera.Open(k.config.Camera)
		if err != nil {
			return err
		}
		closing = append(closing, opened.Halt)
		c := device.NewCamera(host, opened, screen.Preview, waiter)
		measureFocus = c.MeasureFocus
		run(c.Run)
	}
	if k.config.Scanner != "" {
		spec, err := device.ParseScanner(k.config.Scanner)
		if err != nil {
			return err
		}
		run(device.NewScanner(host, spec, waiter).Run)
	}
	if k.config.Thermometer != "" {
		sensor, err := thermometer.Open(k.config.Thermometer)
		if err != nil {
			return err
		}
		closing = append(closing, sensor.Halt)
		run(device.NewThermometer(host, sensor).Run)
	}

	// The checkpoint, and who carries out its actions.
	execute := newExecutor(executes{
		checker: k.checker, journal: writer, printer: printQueue, panel: panel, voice: voice,
		signer:  service.Signer{Kiosk: id.Kiosk, Unit: k.config.Unit, Key: id.Key, Rand: k.rand, Now: k.journal.Now, Log: k.log},
		staff:   service.NewStaff(func() staff.List { return data.Data().Staff }, background),
		lookUps: service.NewLookUps(&enquiry.Client{HTTP: k.account.client, URL: id.Server}, background, k.log),
		series: service.NewSeries(service.SeriesOptions{
			Kiosk: id.Kiosk, Journal: k.journal, Key: id.Key, Rand: k.rand, Spool: k.config.spool(), Background: background, Log: k.log,
		}),
		stick: service.NewStick(service.StickOptions{
			Kiosk: id.Kiosk, Journal: k.journal, Key: id.Key, Rand: k.rand, Now: k.journal.Now,
			Province: &forward.Client{HTTP: k.account.client, URL: id.Server}, ReceiptKeys: receiptKeys, ReceiptsUntil: k.receiptsUntil,
			Update: data.Update, Logs: k.logs, Find: service.FindStick, Background: background, Log: k.log,
		}),
		selfTest: selftest.New(k.tests(panel, voice, printQueue, waiter), background, k.log),
		focus:    measureFocus, quit: k.quit, log: k.log,
	})
	state, err := k.firstState(fitted)
	if err != nil {
		return err
	}
	screen.Listen(func(e checkpoint.Event) { events.send(ctx, e) })
	checkpointLoop := loop{
		events: events, now: k.journal.Now, begin: writer.Step, do: execute.do, seen: screen.Shown,
		alive: newWatchdog(k.log, vital{"journal", writer.Stalled}, vital{"display", screen.Hung}),
		draw:  func(s checkpoint.State) { k.releases.Saw(s); screen.Draw(s) },
	}

	run(tracker.Run)
	run(writer.Run)
	run(writer.Watch)
	run(screen.Watch)
	run(printQueue.Run)
	run(printQueue.Watch)
	run(voice.Run)
	run(monitor.Run)
	run(func(ctx context.Context) error { k.account.keeper.Run(ctx, k.journal.Now, k.log); return nil })
	run(func(ctx context.Context) error { return data.Run(ctx, k.checker.UnknownIssuer()) })
	run(func(ctx context.Context) error { return uploader.Run(ctx, tracker.Tell, events.send) })
	run(func(ctx context.Context) error {
		keep := func() time.Duration { return data.Data().Checkpoint.Keep(fitted.Retention) }
		return service.Purge(ctx, k.journal, keep, k.log)
	})
	if k.config.Updates {
		run(func(ctx context.Context) error {
			return k.releases.Run(ctx, service.ReleaseSources{
				State: k.config.State, Bundle: k.account.bundle, Province: k.account.source(),
				FindStick: service.FindStick, Now: k.journal.Now, Log: k.log,
			})
		})
	}
	notifyReady(k.log)
	k.log.Info("serving", "kiosk", id.Kiosk, "version", k.version)
	run(func(ctx context.Context) error { return checkpointLoop.run(ctx, state) })
	return group.Wait()
}

// firstState is the checkpoint as it starts, with what it remembers.
func (k *kiosk) firstState(fitted published.Fitted) (checkpoint.State, error) {
	remembered, err := k.remembered()
	if err != nil {
		return checkpoint.State{}, err
	}
	var seed [32]byte
	if _, err := io.ReadFull(k.rand, seed[:]); err != nil {
		return checkpoint.State{}, fmt.Errorf("drawing the kiosk's seed: %w", err)
	}
	return checkpoint.New(k.data.Setup(fitted), k.journal.Now(), seed, remembered)
}

// remembered is what the kiosk saved. One that lost it counts tubes on from where
// its journal says that no number was given yet.
func (k *kiosk) remembered() (map[string][]byte, error) {
	if k.memory.Lost() {
		status, err := k.journal.Status()
		if err != nil {
			return nil, fmt.Errorf("looking at the journal: %w", err)
		}
		if written := status.Head.Number; written > 0 {
			k.log.Warn("the kiosk's memory is lost: tubes are numbered on by the journal", "entries", written)
			if err := k.memory.Save(sampling.Recover(k.journal.Now(), written)); err != nil {
				return nil, err
			}
		}
	}
	return k.memory.Load(), nil
}

// tests are the tests of the parts that are fitted.
func (k *kiosk) tests(panel *device.Panel, voice *device.Voice, queue *device.PrintQueue, waiter *device.PartWaiter) map[checkpoint.Part]selftest.Test {
	c := k.config
	all := map[checkpoint.Part]selftest.Test{
		checkpoint.PartNetwork: selftest.Network,
		checkpoint.PartServer:  selftest.Server(k.account.client, k.account.id.Server),
		checkpoint.PartJournal: selftest.Journal(c.journal()),
	}
	fitted := func(setting string, part checkpoint.Part, test selftest.Test) {
		if setting != "" {
			all[part] = test
		}
	}
	fitted(c.Camera, checkpoint.PartCamera, selftest.Await(waiter, checkpoint.PartCamera))
	fitted(c.Scanner, checkpoint.PartScanner, selftest.Await(waiter, checkpoint.PartScanner))
	fitted(c.Panel, checkpoint.PartButton, selftest.Await(waiter, checkpoint.PartButton))
	fitted(c.Panel, checkpoint.PartLamp, panel.TestLamp)
	fitted(c.Panel, checkpoint.PartBuzzer, panel.TestBuzzer)
	fitted(c.Panel, checkpoint.PartBarrier, panel.TestBarrier)
	fitted(c.Speaker, checkpoint.PartSpeaker, voice.Test)
	fitted(c.Printer.Port, checkpoint.PartPrinter, func(ctx context.Context) (string, error) {
		return queue.Test(ctx, k.account.id.Kiosk)
	})
	fitted(c.Thermometer, checkpoint.PartThermometer, func(ctx context.Context) (string, error) {
		return device.TestThermometer(ctx, c.Thermometer)
	})
	return all
}

// fitted is what this kiosk has, for its checkpoint.
func (c config) fitted(name string) published.Fitted {
	return published.Fitted{
		Kiosk: name, Unit: c.Unit, Languages: languages(c.Language), Rows: ui.Rows,
		Printer: c.Printer.Port != "", Labels: c.printer().Labels(),
		Barrier: c.Panel != "", Thermometer: c.Thermometer != "", Retention: c.Retention.Duration,
	}
}

func (c config) printer() device.Printing {
	return device.Printing{Port: c.Printer.Port, Language: c.Printer.Language, DPI: c.Printer.DPI, Media: c.Printer.Media, Words: c.Language}
}

// languages lists the codes of the screen's languages, the first one first.
func languages(first string) []string {
	codes := []string{first}
	for _, code := range catalog.Codes() {
		if code != first {
			codes = append(codes, code)
		}
	}
	return codes
}
