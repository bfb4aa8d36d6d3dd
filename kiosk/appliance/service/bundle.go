package service

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"time"

	"chot/kiosk/bundle"
	"chot/kiosk/condition"
	"chot/kiosk/published"
)

// renewBundle is how often the province is asked for newer data.
const renewBundle = 30 * time.Minute

// Loader loads every generation of a bundle before the kiosk turns to it.
type Loader struct {
	accepted atomic.Pointer[published.Data]
}

// Accept loads all files of a generation; it is a [bundle.Options] Accept.
func (l *Loader) Accept(files fs.FS) error {
	data, err := published.Load(files)
	if err != nil {
		return err
	}
	l.accepted.Store(data)
	return nil
}

// Data is what the kiosk starts with: the generation that was loaded last. A
// bundle that is not whole any more leaves the built-in defaults and the
// province's keys, which alone can be taken from it. The error wraps [ErrNoData]
// if there are none.
func (l *Loader) Data(b *bundle.Bundle) (*published.Data, error) {
	if data := l.accepted.Load(); data != nil {
		if data.Province.Seal == nil {
			return nil, fmt.Errorf("%w: %s is missing", ErrNoData, published.ProvinceKeysFile)
		}
		return data, nil
	}
	text, err := b.Rescue(published.ProvinceKeysFile)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoData, err)
	}
	data := published.Defaults()
	if data.Province, err = published.ParseProvinceKeys(text); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoData, err)
	}
	return data, nil
}

// ErrNoData means that a kiosk has not been given its data yet: without the key
// that records are sealed to it cannot serve.
var ErrNoData = errors.New("this kiosk has no data from the province")

// BundleOptions are what a [Bundle] needs.
type BundleOptions struct {
	Bundle   *bundle.Bundle
	Loader   *Loader
	Province bundle.Source
	Data     *published.Data // that the kiosk starts with
	// RaiseFloor takes a time that the province signed, and until when it vouches
	// for it, to the clock.
	RaiseFloor func(ctx context.Context, signed, until time.Time) error
	Learned    func(context.Context, *published.Data, bundle.Status)
	Log        *slog.Logger
}

// Bundle keeps what the province publishes current. A new generation is taken as a
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
	if accepted := b.o.Loader.accepted.Load(); s.Changed && accepted != nil {
		data = accepted
		b.data.Store(data)
	}
	b.o.Learned(ctx, data, s)
}

// Refusal is what of the published data was refused last, or is damaged on the
// card, with its condition; nil if all is well or the province was only not
// reached.
func Refusal(s bundle.Status) (*condition.Condition, error) {
	switch s.Problem {
	case bundle.Refused:
		return condition.TrustRefused, s.Err
	case bundle.Local:
		return condition.TrustDamaged, s.Err
	}
	return nil, nil
}
