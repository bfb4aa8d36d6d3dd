package update

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"chot/kiosk/bundle"
)

// System is the machine with its two root file systems.
type System interface {
	// Install writes a release to the root that is not running and makes it the
	// one to start from. The release's own signature is checked.
	Install(ctx context.Context, path string) error
	// Confirm says that the running root is good.
	Confirm(ctx context.Context) error
	// Back makes the other root the one to start from.
	Back(ctx context.Context) error
	// Restart starts the machine again.
	Restart(ctx context.Context) error
}

// Probation is how long a release must run before it is confirmed.
const Probation = time.Minute

// pace is how often it is looked for a release.
const pace = time.Minute

// Updater keeps the program current. All fields are required.
type Updater struct {
	Version string // that is running
	Arch    string // as Go and Debian call it
	Memory  string // file that outlives restarts
	System  System
	Offered func() []bundle.File
	Fetch   func(context.Context, bundle.File) (path string, err error)
	Idle    func() bool      // the kiosk is free
	Now     func() time.Time // in the zone that windows are meant in
	Failed  func(Failure)    // told of the last release that did not last
	Log     *slog.Logger
}

// Run judges the last update, confirms the running release when its probation is
// over, and installs what is offered, until the context ends. An error means that
// the kiosk's own disk failed.
func (u *Updater) Run(ctx context.Context) error {
	if err := u.started(); err != nil {
		return err
	}
	if !wait(ctx, Probation) {
		return nil
	}
	for confirmed := false; ; {
		var err error
		if !confirmed { // nothing is installed in the place of the one to come back to
			err = u.confirm(ctx)
			confirmed = err == nil
		}
		if confirmed {
			err = u.step(ctx)
		}
		if err != nil && ctx.Err() == nil {
			u.Log.Error("updating", "confirmed", confirmed, "error", err)
		}
		if !wait(ctx, pace) {
			return nil
		}
	}
}

func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// started takes down that the release on trial runs, or that it did not last.
func (u *Updater) started() error {
	m, err := recall(u.Memory)
	if err != nil {
		u.Log.Warn("the last update", "error", err) // a torn file: as if there was none
		return m.keep(u.Memory)
	}
	switch {
	case m.Trying == u.Version:
		m.Started = true
	case m.Trying != "":
		why := NotStarted
		if m.Started {
			why = NotHealthy
		}
		m.fail(m.Trying, why, u.Now())
		u.Log.Error("the new release did not last", "version", m.Trying, "why", why)
		m.Trying, m.Started = "", false
	default:
		u.tell(m)
		return nil
	}
	u.tell(m)
	return m.keep(u.Memory)
}

func (m *memory) fail(version, why string, at time.Time) {
	if !m.failed(version) {
		m.Failed = append(m.Failed, Failure{version, why, at.UTC()})
	}
}

func (u *Updater) tell(m memory) {
	if n := len(m.Failed); n > 0 && newer(m.Failed[n-1].Version, u.Version) {
		u.Failed(m.Failed[n-1])
	}
}

// confirm makes the running release the one that the machine comes back to.
func (u *Updater) confirm(ctx context.Context) error {
	if err := u.System.Confirm(ctx); err != nil {
		return fmt.Errorf("confirming the running release: %w", err)
	}
	m, err := recall(u.Memory)
	if err != nil {
		return err
	}
	if m.Trying != u.Version {
		return nil
	}
	u.Log.Info("the new release is confirmed", "version", u.Version)
	m.Trying, m.Started = "", false
	return m.keep(u.Memory)
}

// step installs what is offered, if anything is and now is the time.
func (u *Updater) step(ctx context.Context) error {
	m, err := recall(u.Memory)
	if err != nil {
		return err
	}
	next, back := choose(releases(u.Offered(), u.Arch), u.Version, m.failed)
	switch {
	case next.version == "" && back:
		if m.failed(u.Version) || !u.Idle() { // what was left for lasted no longer: better this than none
			return nil
		}
		u.Log.Warn("the running release was halted, going back", "version", u.Version)
		m.fail(u.Version, NotHealthy, u.Now())
		if err := m.keep(u.Memory); err != nil {
			return err
		}
		if err := u.System.Back(ctx); err != nil {
			return err
		}
		return u.System.Restart(ctx)
	case next.version == "":
		return nil
	}
	place, err := u.Fetch(ctx, next.File)
	if err != nil {
		return err
	}
	if !within(next.Window, u.Now()) || !u.Idle() {
		return nil
	}
	u.Log.Info("installing", "version", next.version, "instead of", u.Version)
	if err := u.System.Install(ctx, place); err != nil {
		if ctx.Err() != nil {
			return err
		}
		m.fail(next.version, NotInstalled, u.Now())
		u.tell(m)
		return fmt.Errorf("installing %s: %w", next.version, errors.Join(err, m.keep(u.Memory)))
	}
	m.Trying, m.Started = next.version, false
	if err := m.keep(u.Memory); err != nil {
		return err
	}
	for !u.Idle() { // a visitor came while it was written
		if !wait(ctx, time.Second) {
			return nil
		}
	}
	return u.System.Restart(ctx)
}
