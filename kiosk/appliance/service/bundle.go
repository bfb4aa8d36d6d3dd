package service

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"chot/kiosk/bundle"
	"chot/kiosk/published"
)

// renewBundle is how often the province is asked for newer data.
const renewBundle = 30 * time.Minute

// BundleOptions are what a [Bundle] needs.
type BundleOptions struct {
	Bundle   *bundle.Bundle
	Province bundle.Source
	Data     *published.Data // that is in the bundle now
	// RaiseFloor takes a time that the province signed, and until when it vouches
	// for it, to the clock.
	RaiseFloor func(ctx context.Context, signed, until time.Time) error
	Learned    func(context.Context, *published.Data, bundle.Status)
	Log        *slog.Logger
}

// Bundle keeps what the province publishes current. A new bundle is taken as a
// whole or not at all: on an error the kiosk goes on with what it had.
type Bundle struct {
	o    BundleOptions
	data atomic.Pointer[published.Data]
}

// NewBundle makes it of data that was loaded already.
func NewBundle(o BundleOptions) *Bundle {
	b := &Bundle{o: o}
	b.data.Store(o.Data)
	return b
}

// Data is what is published, as it was loaded last.
func (b *Bundle) Data() *published.Data { return b.data.Load() }

// Run updates until the context ends; a value in sooner asks for an update before
// its time.
func (b *Bundle) Run(ctx context.Context, sooner <-chan struct{}) error {
	b.o.Bundle.Run(ctx, b.o.Province, renewBundle, sooner, func(s bundle.Status) { b.updated(ctx, s) })
	return nil
}

// Update takes what another source has, such as a stick.
func (b *Bundle) Update(ctx context.Context, from bundle.Source) {
	b.updated(ctx, b.o.Bundle.Update(ctx, from))
}

// updated takes over a bundle after an update.
func (b *Bundle) updated(ctx context.Context, s bundle.Status) {
	if ctx.Err() != nil {
		return
	}
	if s.Err != nil {
		b.o.Log.Warn("bundle", "problem", string(s.Problem), "error", s.Err)
	} else if err := b.o.RaiseFloor(ctx, s.Signed, s.Expires); err != nil {
		b.o.Log.Warn("bundle", "error", err)
	}
	data := b.Data()
	if s.Changed {
		var err error
		if data, err = LoadBundle(b.o.Bundle); err != nil {
			b.o.Log.Error("the new bundle cannot be used", "error", err)
			return
		}
		b.data.Store(data)
	}
	b.o.Learned(ctx, data, s)
}

// ErrNoData means that a kiosk has not been given its data yet: without the key
// that records are sealed to it cannot serve.
var ErrNoData = errors.New("this kiosk has no data from the province")

// LoadBundle loads what is published. The error wraps [ErrNoData] where the
// bundle lacks the province's keys.
func LoadBundle(b *bundle.Bundle) (*published.Data, error) {
	data, err := published.Load(b.Files())
	if err != nil {
		return nil, err
	}
	if data.Province.Seal == nil {
		return nil, ErrNoData
	}
	return data, nil
}
