package service

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"chot/kiosk/bundle"
	"chot/kiosk/checkpoint"
	"chot/store"
	"chot/store/forward"
)

// sticks is where a USB stick appears; the system mounts it.
const sticks = "/media/*"

var errNoStick = errors.New("no stick is plugged in")

// FindStick returns the folder of the kiosk's data on the stick that is plugged
// in.
func FindStick() (string, error) {
	found, err := filepath.Glob(sticks)
	if err != nil || len(found) == 0 {
		return "", errNoStick
	}
	return filepath.Join(found[0], "chot"), nil
}

// StickOptions are what a [Stick] needs.
type StickOptions struct {
	Kiosk         string // its name
	Journal       *store.Journal
	Key           *ecdsa.PrivateKey
	Rand          io.Reader
	Now           func() time.Time
	Province      *forward.Client
	ReceiptKeys   func() []*ecdsa.PublicKey
	ReceiptsUntil func() time.Time                     // the end of the validity of the keys
	Update        func(context.Context, bundle.Source) // takes the data of the province that is on it
	Logs          *LogTail
	Find          func() (string, error) // the folder, usually [FindStick]
	Background    Background
	Log           *slog.Logger
}

// Stick moves data by a USB stick.
type Stick struct{ o StickOptions }

// NewStick makes it; no stick need be plugged in.
func NewStick(o StickOptions) *Stick { return &Stick{o} }

// Export writes the backlog to the stick.
func (s *Stick) Export(ctx context.Context) {
	s.with(func(dir string) (int, error) { return forward.Export(ctx, s.o.Journal, s.o.Key, s.o.Rand, dir) })
}

// Take does with a stick what can be done: a kiosk with a network delivers the
// batches that others wrote to it, which leaves their receipts there; any kiosk
// takes its own receipts, and newer data of the province.
func (s *Stick) Take(ctx context.Context) {
	s.with(func(dir string) (int, error) {
		delivered, err := forward.Deliver(ctx, s.o.Province, dir)
		if err != nil { // without a network that is as it must be
			s.o.Log.Warn("the stick's batches were not delivered", "error", err)
		}
		if _, err := os.Stat(filepath.Join(dir, "tuf")); err == nil {
			s.o.Update(ctx, bundle.Stick(filepath.Join(dir, "tuf")))
		}
		receipts, err := forward.Collect(ctx, s.o.Journal, s.o.ReceiptKeys(), s.o.ReceiptsUntil(), dir)
		return delivered + receipts, err
	})
}

// SaveLogs writes what this program has logged to the stick.
func (s *Stick) SaveLogs() {
	s.with(func(dir string) (int, error) {
		name := fmt.Sprintf("%s-%s.log", s.o.Kiosk, s.o.Now().UTC().Format("20060102-150405"))
		if err := os.WriteFile(filepath.Join(dir, name), s.o.Logs.Text(), 0o644); err != nil {
			return 0, fmt.Errorf("writing the log: %w", err)
		}
		return 1, nil
	})
}

// with does something with a stick and answers how it went.
func (s *Stick) with(do func(dir string) (int, error)) {
	s.o.Background(func() checkpoint.Event {
		dir, err := s.o.Find()
		if err == nil {
			err = os.MkdirAll(dir, 0o755)
		}
		if err != nil {
			s.o.Log.Warn("stick", "error", err)
			return checkpoint.StickDone{Problem: "no-stick"}
		}
		n, err := do(dir)
		if err != nil {
			s.o.Log.Error("stick", "error", err)
		}
		return checkpoint.StickDone{Count: n, Problem: stickProblem(err)}
	})
}

func stickProblem(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.EIO), errors.Is(err, syscall.ENODEV):
		return "no-stick"
	case errors.Is(err, syscall.ENOSPC):
		return "stick-full"
	}
	return "stick-failed"
}
