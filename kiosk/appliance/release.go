package appliance

import (
	"context"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"time"

	"chot/kiosk/bundle"
	"chot/kiosk/checkpoint"
	"chot/kiosk/update"
)

// releaser is the room that keeps the program itself current, on a machine that
// has two root file systems.
type releaser struct {
	version string                         // the one that runs
	idle    atomic.Bool                    // nobody stands before the kiosk
	failed  atomic.Pointer[update.Failure] // of a release that is newer than this one
}

// sees notes whether anybody is at the kiosk.
func (r *releaser) sees(s checkpoint.State) {
	_, idle := s.View.(checkpoint.Idle)
	r.idle.Store(idle)
}

// fault is what is wrong with the program, as a condition of the part version.
func (r *releaser) fault() string {
	if f := r.failed.Load(); f != nil {
		return "version-" + f.Why
	}
	return ""
}

// value is the running version, and the one that did not last.
func (r *releaser) value() string {
	if f := r.failed.Load(); f != nil {
		return r.version + " (" + f.Version + ": " + f.Why + ")"
	}
	return r.version
}

func (r *releaser) run(ctx context.Context, a *appliance, findStick func() (string, error)) error {
	u := &update.Updater{
		Version: r.version, Arch: runtime.GOARCH, Memory: filepath.Join(a.config.State, "update.json"),
		System: update.RAUC{}, Offered: a.bundle.Releases, Idle: r.idle.Load, Log: a.log,
		Now: func() time.Time { return a.journal.Now().In(time.Local) },
		Fetch: func(ctx context.Context, f bundle.File) (string, error) {
			return fetchRelease(ctx, a.bundle, findStick, a.source(), f)
		},
		Failed: func(f update.Failure) { r.failed.Store(&f) },
	}
	return u.Run(ctx)
}

// releaseFetcher is a [bundle.Bundle].
type releaseFetcher interface {
	Fetch(context.Context, bundle.Source, bundle.File) (string, error)
}

// fetchRelease takes a release from a stick that has it, else from the province.
func fetchRelease(ctx context.Context, b releaseFetcher, findStick func() (string, error), province bundle.Source, f bundle.File) (string, error) {
	if dir, err := findStick(); err == nil {
		if place, err := b.Fetch(ctx, bundle.Stick(filepath.Join(dir, "tuf")), f); err == nil {
			return place, nil
		}
	}
	return b.Fetch(ctx, province, f)
}
