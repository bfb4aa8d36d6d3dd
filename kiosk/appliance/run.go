// Package appliance is the kiosk's program: it looks through the camera, reads the
// codes that visitors hold up, decides offline, writes down what happened and
// brings it to the province.
//
// It reads the configuration and wires the rooms; what happens at a checkpoint is
// decided in package checkpoint alone. One goroutine, the loop, owns the state;
// the rooms (camera, journal, printer, gate, province) send it events and carry
// out its actions; the window draws its state.
//
//	eye, module, warmth ─┐                     ┌─ scribe (journal)
//	tap                 ─┼─ events → loop → hands ─ press (printer), voice
//	watch, …            ─┘            │        └─ gate, office (province)
//	                                  └─ draw → ui
//
// A kiosk that has no identity yet is a newcomer first: a loop of its own on the
// same window asks for the provisioning sheet and makes the appliance of it.
package appliance

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"fyne.io/fyne/v2"

	"chot/kiosk/enrol"
	_ "chot/kiosk/internal/drawcache" // before Fyne
)

// Run opens the window of program and lives until it is closed, a signal comes or
// a room fails; then it calls exit, which ends the process, with why. config is
// the path of the kiosk's configuration, version what the program calls itself;
// what happens is logged to errs.
func Run(program fyne.App, config, version string, errs io.Writer, exit func(error)) {
	c, err := loadConfig(config)
	if err != nil {
		exit(err)
		return
	}
	logs := &logbook{to: errs}
	log := slog.New(slog.NewTextHandler(logs, nil))
	open, closed := context.WithCancel(context.Background()) // the window

	window := newWindow(program, c.Screen)
	window.SetOnClosed(closed)
	program.Lifecycle().SetOnStarted(func() {
		// Fyne ends its window at once on a signal; here those who draw end first.
		signal.Reset(os.Interrupt, syscall.SIGTERM)
		ctx, stop := signal.NotifyContext(open, os.Interrupt, syscall.SIGTERM)
		w := world{version: version, now: time.Now, rand: rand.Reader, log: log, logs: logs, quit: stop}
		go func() {
			// Fyne's own end loses now and then an event of its own that it then
			// waits for, so that the process ends here, where all is closed.
			exit(live(ctx, c, w, newStage(window, c.Screen.Shots, log)))
		}()
	})
	window.ShowAndRun()
	select {} // the window is closed; exit is about to be called
}

// live opens the appliance and runs it: a new one is set up first, on the same
// screen.
func live(ctx context.Context, c config, w world, s *stage) error {
	a, err := open(ctx, c, w)
	if errors.Is(err, errNoData) { // enrolled a moment ago
		soon, stop := context.WithTimeout(ctx, 10*time.Second)
		defer stop()
		if failed := fetch(soon, c, w); failed != nil {
			w.log.Warn("the first data did not come", "error", failed)
		} else {
			a, err = open(ctx, c, w)
		}
	}
	if errors.Is(err, enrol.ErrNone) || errors.Is(err, errNoData) {
		a, err = setUp(ctx, c, w, s)
	}
	if err != nil || a == nil {
		return err
	}
	return a.run(ctx, s)
}
