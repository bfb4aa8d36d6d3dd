package appliance

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"chot/kiosk/bundle"
	"chot/kiosk/checkpoint"
	"chot/store/forward"
)

// sticks is where a USB stick appears; the system mounts it.
const sticks = "/media/*"

var errNoStick = errors.New("no stick is plugged in")

func findStick() (string, error) {
	found, err := filepath.Glob(sticks)
	if err != nil || len(found) == 0 {
		return "", errNoStick
	}
	return filepath.Join(found[0], "chot"), nil
}

// technician carries out the actions that only the technician's page has.
func (h *hands) technician(ctx context.Context, action checkpoint.Action) {
	switch a := action.(type) {
	case checkpoint.MakeSeries:
		h.makeSeries(ctx)
	case checkpoint.Export:
		h.stick(func(dir string) (int, error) {
			return forward.Export(ctx, h.appliance.journal, h.signer.key, h.signer.rand, dir)
		})
	case checkpoint.TakeReceipts:
		h.stick(func(dir string) (int, error) { return h.take(ctx, dir) })
	case checkpoint.SaveLogs:
		h.stick(h.saveLogs)
	case checkpoint.TestPart:
		h.test(ctx, a.Part)
	case checkpoint.MeasureFocus:
		h.aid.Store(a.On)
	}
}

// take does with a stick what can be done: a kiosk with a network delivers the
// batches that others wrote to it, which leaves their receipts there; any kiosk
// takes its own receipts, and newer data of the province.
func (h *hands) take(ctx context.Context, dir string) (int, error) {
	a := h.appliance
	delivered, err := forward.Deliver(ctx, &forward.Client{HTTP: a.client, URL: a.id.Server}, dir)
	if err != nil { // without a network that is as it must be
		a.log.Warn("the stick's batches were not delivered", "error", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "tuf")); err == nil {
		a.renewed(ctx, a.bundle.Update(ctx, bundle.Stick(filepath.Join(dir, "tuf"))), h.send)
	}
	receipts, err := forward.Collect(ctx, a.journal, a.receiptKeys(), dir)
	return delivered + receipts, err
}

// saveLogs writes what this program has logged to a stick.
func (h *hands) saveLogs(dir string) (int, error) {
	name := fmt.Sprintf("%s-%s.log", h.signer.kiosk, h.signer.now().UTC().Format("20060102-150405"))
	text := h.appliance.logs.text()
	if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
		return 0, fmt.Errorf("writing the log: %w", err)
	}
	return 1, nil
}

// stick does something with a stick and answers how it went.
func (h *hands) stick(do func(dir string) (int, error)) {
	h.office.ask(func() checkpoint.Event {
		dir, err := h.findStick()
		if err == nil {
			err = os.MkdirAll(dir, 0o755)
		}
		if err != nil {
			h.log.Warn("stick", "error", err)
			return checkpoint.StickDone{Problem: "no-stick"}
		}
		n, err := do(dir)
		if err != nil {
			h.log.Error("stick", "error", err)
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
