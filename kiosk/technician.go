package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

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
func (h *hands) technician(ctx context.Context, action checkpoint.Action) []checkpoint.Event {
	switch a := action.(type) {
	case checkpoint.Export:
		h.stick(func(dir string) (int, error) {
			return forward.Export(ctx, h.appliance.journal, h.signer.key, h.signer.rand, dir)
		})
	case checkpoint.TakeReceipts:
		h.stick(func(dir string) (int, error) {
			return forward.Collect(ctx, h.appliance.journal, h.appliance.receiptKeys(), dir)
		})
	case checkpoint.TestPart:
		return h.test(a.Part)
	}
	return nil
}

// stick does something with a stick and answers how it went.
func (h *hands) stick(do func(dir string) (int, error)) {
	h.office.ask(func() checkpoint.Event {
		dir, err := findStick()
		if err == nil {
			err = os.MkdirAll(dir, 0o755)
		}
		if err != nil {
			return checkpoint.StickDone{Problem: "no-stick"}
		}
		n, err := do(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return checkpoint.StickDone{Problem: "no-stick"}
		case err != nil:
			h.log.Error("stick", "error", err)
			return checkpoint.StickDone{Count: n, Problem: "stick-full"}
		}
		return checkpoint.StickDone{Count: n}
	})
}

// test tries one part. Those that show their state all the time have no test.
func (h *hands) test(part checkpoint.Part) []checkpoint.Event {
	switch part {
	case checkpoint.PartLamp:
		h.gate.light(checkpoint.Green)
	case checkpoint.PartBuzzer:
		h.gate.buzz("green")
	case checkpoint.PartPrinter:
		h.office.ask(func() checkpoint.Event {
			err := h.press.one(context.Background(), checkpoint.Job{Layout: "test", Code: h.signer.kiosk})
			tested := checkpoint.PartTested{Part: part, Passed: err == nil}
			if err != nil {
				tested.Detail = fault(err)
			}
			return tested
		})
	}
	return nil
}
