// Package setup is the set-up mode: a kiosk without an identity, or without the
// data that belongs to it, asks for the provisioning sheet and becomes a kiosk
// that serves.
package setup

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"chot/kiosk/appliance/pause"
	"chot/kiosk/checkpoint"
	"chot/kiosk/enrol"
	"chot/kiosk/provision"
	"chot/kiosk/record"
)

// Options are what the set-up mode needs.
type Options struct {
	State     string         // the kiosk's folder
	Keys      provision.Keys // that sheets must be signed with; none: the technician compares
	Network   provision.Network
	Languages []string // of the screen, the first one first
	Rows      int      // lines of a list that fit the screen
	Now       func() time.Time
	Log       *slog.Logger
	Send      func(context.Context, checkpoint.Event)

	// Begin makes the kiosk of an identity that is there: fetches its data, tests
	// its parts and reports in, with the sheets that were refused before. It tells
	// the stages that it reaches, and returns how the parts are.
	Begin func(ctx context.Context, refused []record.Record, stage func(checkpoint.ProvisionStage)) ([]checkpoint.DeviceChanged, error)
	// Background runs a task that may wait.
	Background func(task func())
	// Done is called when the technician has the kiosk serve.
	Done func()
}

// maxRefused bounds the refused sheets that are kept for the journal to come.
const maxRefused = 100

// Mode is the set-up mode. Its actions are carried out by one goroutine.
type Mode struct {
	o       Options
	refused []record.Record // sheets, to be reported under the identity that comes
}

// New makes the mode.
func New(o Options) *Mode { return &Mode{o: o} }

// Enrolled reports whether the kiosk has an identity and lacks its data alone.
func (m *Mode) Enrolled() bool {
	_, err := enrol.Load(provision.Identity(m.o.State))
	return err == nil
}

// FirstState is the set-up screen.
func (m *Mode) FirstState() (checkpoint.State, error) {
	return checkpoint.New(&checkpoint.Setup{
		Languages: m.o.Languages, Rows: m.o.Rows, Times: checkpoint.DefaultTimes(), Enrolled: m.Enrolled(),
	}, m.o.Now(), [32]byte{}, nil)
}

// Do carries out what the set-up screen asks for.
func (m *Mode) Do(ctx context.Context, action checkpoint.Action) []checkpoint.Event {
	switch a := action.(type) {
	case checkpoint.Check:
		return []checkpoint.Event{m.check(a)}
	case checkpoint.Keep: // there is no journal yet
		if len(m.refused) < maxRefused {
			m.refused = append(m.refused, a.Record)
		}
	case checkpoint.ProvisionBy:
		refused := slices.Clone(m.refused)
		m.o.Background(func() { m.provision(ctx, a.Sheet, refused) })
	case checkpoint.Serve:
		m.o.Done()
	}
	return nil
}

// check reads a sheet; nothing else is read yet.
func (m *Mode) check(a checkpoint.Check) checkpoint.Event {
	sheet, err := provision.Read(a.Texts[0], m.o.Keys, m.o.Now())
	if err != nil {
		return checkpoint.Unreadable{ID: a.ID, Problem: "unreadable"}
	}
	return checkpoint.SheetRead{
		ID: a.ID, Number: sheet.Number, Kiosk: sheet.Kiosk, Site: sheet.Site, Server: sheet.Server, Key: sheet.Key,
		Signed: sheet.Known, Problem: string(sheet.Problem),
	}
}

// provision makes a kiosk of a sheet, and tells how far it is.
func (m *Mode) provision(ctx context.Context, sheet string, refused []record.Record) {
	p := &provision.Provisioner{State: m.o.State, Keys: m.o.Keys, Network: m.o.Network, Now: m.o.Now, Log: m.o.Log}
	_, err := p.Run(ctx, sheet, func(s provision.Stage) { m.reached(ctx, checkpoint.ProvisionStage(s)) })
	if err == nil {
		err = m.begin(ctx, refused)
	}
	if err != nil && ctx.Err() == nil {
		m.o.Log.Error("the kiosk was not set up", "error", err)
		m.o.Send(ctx, checkpoint.ProvisionMoved{Problem: problem(err)})
	}
}

func (m *Mode) reached(ctx context.Context, s checkpoint.ProvisionStage) {
	m.o.Send(ctx, checkpoint.ProvisionMoved{Stage: s})
}

func problem(err error) string {
	var problem *provision.Error
	if errors.As(err, &problem) {
		return string(problem.Problem)
	}
	return "bundle"
}

// retryInterval is how often a kiosk that was interrupted tries again.
const retryInterval = 5 * time.Second

// Resume tries to get what is missing until it comes: the power failed in the
// middle of a set-up.
func (m *Mode) Resume(ctx context.Context) {
	for {
		err := m.begin(ctx, nil)
		if err == nil || ctx.Err() != nil {
			return
		}
		m.o.Log.Warn("the kiosk is not set up yet", "error", err)
		m.o.Send(ctx, checkpoint.ProvisionMoved{Stage: checkpoint.Fetching, Problem: problem(err)})
		if !pause.For(ctx, retryInterval) {
			return
		}
	}
}

// begin makes the kiosk and shows how its parts are.
func (m *Mode) begin(ctx context.Context, refused []record.Record) error {
	m.reached(ctx, checkpoint.Fetching)
	found, err := m.o.Begin(ctx, refused, func(s checkpoint.ProvisionStage) { m.reached(ctx, s) })
	if err != nil {
		return err
	}
	m.o.Send(ctx, checkpoint.ProvisionMoved{Stage: checkpoint.Ready, Parts: found})
	return nil
}
