// Kiosk is the appliance: it looks through the camera, reads the codes that
// visitors hold up, decides offline, writes down what happened and brings it to
// the province.
//
//	kiosk --config /etc/chot/kiosk.toml
//
// This package reads the configuration and wires the rooms; what happens at a
// checkpoint is decided in package checkpoint alone. One goroutine, the loop,
// owns the state; the rooms (camera, journal, printer, gate, province) send it
// events and carry out its actions; the window draws its state.
//
//	eye, module, warmth ─┐                     ┌─ scribe (journal)
//	tap                 ─┼─ events → loop → hands ─ press (printer), voice
//	watch, …            ─┘            │        └─ gate, office (province)
//	                                  └─ draw → ui
//
// A kiosk that has no identity yet is a newcomer first: a loop of its own on the
// same window asks for the provisioning sheet and makes the appliance of it.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"chot/kiosk/enrol"
	_ "chot/kiosk/internal/drawcache" // before Fyne
)

// version is set when a release is built.
var version = "dev"

func main() {
	path := flag.String("config", "/etc/chot/kiosk.toml", "the kiosk's configuration")
	show := flag.Bool("version", false, "print the version and leave")
	flag.Parse()
	if *show {
		fmt.Println(version)
		return
	}
	logs := &logbook{to: os.Stderr}
	log := slog.New(slog.NewTextHandler(logs, nil))
	if err := run(*path, log, logs); err != nil {
		log.Error("the kiosk cannot run", "error", err)
		os.Exit(1)
	}
}

// run opens the window and lives until it is closed, a signal comes or a room
// fails.
func run(path string, log *slog.Logger, logs *logbook) error {
	c, err := loadConfig(path)
	if err != nil {
		return err
	}
	open, closed := context.WithCancel(context.Background()) // the window
	defer closed()

	program := app.NewWithID("vn.chot.kiosk")
	window := newWindow(program, c.Screen)
	ended := make(chan error, 1)
	program.Lifecycle().SetOnStarted(func() {
		// Fyne ends its window at once on a signal; here those who draw end first.
		signal.Reset(os.Interrupt, syscall.SIGTERM)
		ctx, stop := signal.NotifyContext(open, os.Interrupt, syscall.SIGTERM)
		w := world{now: time.Now, rand: rand.Reader, log: log, logs: logs, quit: stop}
		go func() {
			defer stop()
			ended <- live(ctx, c, w, newStage(window, c.Screen.Shots, log))
			if open.Err() == nil {
				fyne.Do(program.Quit)
			}
		}()
	})
	window.SetOnClosed(closed)
	window.ShowAndRun()
	closed()
	return <-ended
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
