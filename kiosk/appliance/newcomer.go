package appliance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"chot/drivers/camera"
	"chot/drivers/printer"
	"chot/kiosk/checkpoint"
	"chot/kiosk/enrol"
	"chot/kiosk/provision"
	"chot/kiosk/record"
	"chot/ui"
)

// newcomer is a kiosk without an identity, or without the data that belongs to
// it: it shows the set-up screen, and becomes an appliance.
type newcomer struct {
	config config
	world
	keys    provision.Keys
	network provision.Network
	send    func(context.Context, checkpoint.Event)
	ask     func(func())
	done    func() // ends the set-up

	refused []record.Record // sheets, to be reported under the identity that comes
	made    *appliance
}

// setUp runs the set-up until there is an appliance, which is opened and has
// reported in. It is nil where the context ended first.
func setUp(ctx context.Context, c config, w world, s *stage) (*appliance, error) {
	n := &newcomer{config: c, world: w, network: provision.NetworkManager{}}
	if c.Sheets != "" {
		var err error
		if n.keys, err = provision.LoadKeys(c.Sheets); err != nil {
			return nil, err
		}
	}
	inner, done := context.WithCancel(ctx)
	defer done()
	rooms, inner := errgroup.WithContext(inner)
	l := newLoop(w.now, s.draw)
	n.send, n.done = l.send, done
	n.ask = func(task func()) { rooms.Go(func() error { task(); return nil }) }
	l.do = n.do
	s.plays(func(e checkpoint.Event) { l.send(inner, e) })
	state, err := n.firstState()
	if err != nil {
		return nil, err
	}
	if c.Camera != "" {
		eyes, err := camera.Open(c.Camera)
		if err != nil {
			return nil, err
		}
		e := &eye{camera: eyes, send: l.send, now: w.now, log: w.log, preview: s.preview, ring: new(bell).ring, aid: new(atomic.Bool)}
		rooms.Go(func() error { return errors.Join(e.run(inner), eyes.Halt()) })
	}
	if n.enrolled() {
		rooms.Go(func() error { n.goOn(inner); return nil })
	}
	notifyReady(w.log)
	w.log.Info("waiting for a provisioning sheet", "version", w.version)
	rooms.Go(func() error { return l.run(inner, state) })
	err = rooms.Wait()
	if n.made != nil && (err != nil || ctx.Err() != nil) {
		return nil, errors.Join(err, n.made.close())
	}
	return n.made, err
}

func (n *newcomer) enrolled() bool {
	_, err := enrol.Load(n.config.identity())
	return err == nil
}

func (n *newcomer) firstState() (checkpoint.State, error) {
	times := checkpoint.DefaultTimes()
	return checkpoint.New(&checkpoint.Setup{
		Languages: languages(n.config.Language), Rows: ui.Rows, Times: times, Enrolled: n.enrolled(),
	}, n.now(), [32]byte{}, nil)
}

// do carries out what the set-up screen asks for.
func (n *newcomer) do(ctx context.Context, action checkpoint.Action) []checkpoint.Event {
	switch a := action.(type) {
	case checkpoint.Check:
		return []checkpoint.Event{n.check(a)}
	case checkpoint.Keep: // there is no journal yet
		if len(n.refused) < 100 {
			n.refused = append(n.refused, a.Record)
		}
	case checkpoint.ProvisionBy:
		refused := slices.Clone(n.refused)
		n.ask(func() { n.provision(ctx, a.Sheet, refused) })
	case checkpoint.Serve:
		n.done()
	}
	return nil
}

// check reads a sheet; nothing else is read yet.
func (n *newcomer) check(a checkpoint.Check) checkpoint.Event {
	sheet, err := provision.Read(a.Texts[0], n.keys, n.now())
	if err != nil {
		return checkpoint.Unreadable{ID: a.ID, Problem: "unreadable"}
	}
	return checkpoint.SheetRead{
		ID: a.ID, Number: sheet.Number, Kiosk: sheet.Kiosk, Site: sheet.Site, Server: sheet.Server, Key: sheet.Key,
		Signed: sheet.Known, Problem: string(sheet.Problem),
	}
}

// provision makes an appliance of a sheet, and tells how far it is.
func (n *newcomer) provision(ctx context.Context, sheet string, refused []record.Record) {
	p := &provision.Provisioner{State: n.config.State, Keys: n.keys, Network: n.network, Now: n.now, Log: n.log}
	_, err := p.Run(ctx, sheet, func(s provision.Stage) {
		n.send(ctx, checkpoint.ProvisionMoved{Stage: checkpoint.ProvisionStage(s)})
	})
	if err == nil {
		err = n.begin(ctx, refused)
	}
	if err != nil && ctx.Err() == nil {
		n.log.Error("the kiosk was not set up", "error", err)
		n.send(ctx, checkpoint.ProvisionMoved{Problem: setUpProblem(err)})
	}
}

func setUpProblem(err error) string {
	var problem *provision.Error
	if errors.As(err, &problem) {
		return string(problem.Problem)
	}
	return "bundle"
}

// goOn tries to get what is missing until it comes: the power failed in the
// middle of a set-up.
func (n *newcomer) goOn(ctx context.Context) {
	for {
		err := n.begin(ctx, nil)
		if err == nil || ctx.Err() != nil {
			return
		}
		n.log.Warn("the kiosk is not set up yet", "error", err)
		n.send(ctx, checkpoint.ProvisionMoved{Stage: checkpoint.Fetching, Problem: setUpProblem(err)})
		if !wait(ctx, 5*time.Second) {
			return
		}
	}
}

// begin opens an appliance that has its identity, tests it and reports in.
func (n *newcomer) begin(ctx context.Context, refused []record.Record) error {
	n.send(ctx, checkpoint.ProvisionMoved{Stage: checkpoint.Fetching})
	within, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	if err := fetch(within, n.config, n.world); err != nil {
		return err
	}
	a, err := open(ctx, n.config, n.world)
	if err != nil {
		return err
	}
	n.send(ctx, checkpoint.ProvisionMoved{Stage: checkpoint.Testing})
	parts, err := a.reportIn(ctx, refused)
	if err != nil {
		return errors.Join(err, a.close())
	}
	n.made = a
	n.send(ctx, checkpoint.ProvisionMoved{Stage: checkpoint.Ready, Parts: parts})
	return nil
}

// reportIn tests the parts, writes down how each is, and brings that to the
// province. A province that does not take it is a part that fails, no reason not
// to serve.
func (a *appliance) reportIn(ctx context.Context, refused []record.Record) ([]checkpoint.DeviceChanged, error) {
	var parts []checkpoint.DeviceChanged
	w := a.watch(func(_ context.Context, e checkpoint.Event) {
		if part, ok := e.(checkpoint.DeviceChanged); ok {
			parts = append(parts, part)
		}
	})
	if a.config.Camera != "" {
		w.send(ctx, checkpoint.DeviceChanged{Part: checkpoint.PartCamera, Value: a.config.Camera})
	}
	if a.config.Printer.Port != "" {
		w.send(ctx, a.tryPrinter(ctx))
	}
	status, err := a.journal.Status()
	w.look(ctx, status, err)
	if err != nil {
		return nil, fmt.Errorf("looking at the journal: %w", err)
	}
	for _, r := range refused {
		payload, err := record.Encode(r.Body)
		if err != nil {
			return nil, fmt.Errorf("reporting a refused sheet: %w", err)
		}
		if _, err := a.journal.Append(ctx, uint8(r.Body.Kind()), r.Time, payload); err != nil {
			return nil, fmt.Errorf("reporting a refused sheet: %w", err)
		}
	}
	var conditions []checkpoint.Condition
	for _, p := range parts {
		conditions = append(conditions, p.Conditions...)
	}
	if err := w.report(ctx, status, conditions); err != nil {
		return nil, fmt.Errorf("reporting in: %w", err)
	}
	return append(parts, a.deliver(ctx)), nil
}

func (a *appliance) tryPrinter(ctx context.Context) checkpoint.DeviceChanged {
	changed := checkpoint.DeviceChanged{Part: checkpoint.PartPrinter, Value: a.config.Printer.Port}
	ctx, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	problem := "offline"
	if p, err := printer.Open(a.config.Printer.Port, a.config.Printer.Language); err == nil {
		status, err := p.Status(ctx)
		if problem = status.Problem(); err != nil {
			a.log.Warn("printer", "problem", problem, "error", err)
		}
	}
	if problem != "" {
		changed.Conditions = []checkpoint.Condition{{Code: "printer-" + problem, Severity: checkpoint.Warning, Since: a.journal.Now()}}
	}
	return changed
}

// deliver forwards until the province has signed for everything, for half a
// minute at most.
func (a *appliance) deliver(ctx context.Context) checkpoint.DeviceChanged {
	f, err := a.forwarder()
	if err != nil {
		a.log.Error("reporting in", "error", err)
		return checkpoint.DeviceChanged{Part: checkpoint.PartServer, Value: a.id.Server}
	}
	ctx, stop := context.WithTimeout(ctx, 30*time.Second)
	defer stop()
	ran := make(chan struct{})
	go func() {
		defer close(ran)
		_ = f.Run(ctx) // how it went, its health says
	}()
	for wait(ctx, 100*time.Millisecond) {
		if h := f.Health(); h.Backlog == 0 {
			break
		}
	}
	part := a.serverPart(f.Health())
	stop()
	<-ran
	return part
}
