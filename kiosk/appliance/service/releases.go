package service

import (
	"context"
	"log/slog"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"time"

	"chot/kiosk/bundle"
	"chot/kiosk/checkpoint"
	"chot/kiosk/condition"
	"chot/kiosk/update"
)

// Releases keeps the program itself current, on a machine that has two root file
// systems.
type Releases struct {
	version string                         // the one that runs
	idle    atomic.Bool                    // no visitor stands before the kiosk
	failed  atomic.Pointer[update.Failure] // of a release that is newer than this one
}

// NewReleases makes it for a program of a version.
func NewReleases(version string) *Releases { return &Releases{version: version} }

// Saw notes whether a visitor is at the kiosk.
func (r *Releases) Saw(s checkpoint.State) {
	_, idle := s.View.(checkpoint.Idle)
	r.idle.Store(idle)
}

// wrong is what is wrong with the program.
func (r *Releases) wrong() []*condition.Condition {
	if f := r.failed.Load(); f != nil {
		return []*condition.Condition{condition.Of("version", f.Why)}
	}
	return nil
}

// value is the running version, and the one that did not last.
func (r *Releases) value() string {
	if f := r.failed.Load(); f != nil {
		return r.version + " (" + f.Version + ": " + f.Why + ")"
	}
	return r.version
}

// ReleaseSources are where releases come from.
type ReleaseSources struct {
	State     string // folder where the updater remembers what it tried
	Bundle    *bundle.Bundle
	Province  bundle.Source
	FindStick func() (string, error)
	Now       func() time.Time // trusted
	Log       *slog.Logger
}

// Run installs releases until the context ends.
func (r *Releases) Run(ctx context.Context, from ReleaseSources) error {
	u := &update.Updater{
		Version: r.version, Arch: runtime.GOARCH, Memory: filepath.Join(from.State, "update.json"),
		System: update.RAUC{}, Offered: from.Bundle.Releases, Idle: r.idle.Load, Log: from.Log,
		Now: func() time.Time { return from.Now().In(time.Local) },
		Fetch: func(ctx context.Context, f bundle.File) (string, error) {
			return fetchRelease(ctx, from.Bundle, from.FindStick, from.Province, f)
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
