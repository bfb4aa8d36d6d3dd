// Package appliance is the kiosk's program: it looks through the camera, reads the
// codes that visitors hold up, decides offline, writes down what happened and
// brings it to the province.
//
// It is wiring alone: it reads the configuration, builds every part complete and
// runs them. What happens at a checkpoint is decided in package checkpoint. One
// goroutine, the loop, owns the state; devices and services send it events and
// carry out its actions; the display draws its state.
//
//	device (camera, scanner, …) ─┐                         ┌─ device (printer, panel, voice)
//	taps                        ─┼─ events → loop → executor ─ service (journal, checker, look-ups, …)
//	service (health, uploader)  ─┘            │
//	                                          └─ draw → display
//
// A kiosk that has no identity yet is in set-up mode first: a loop of its own on
// the same display asks for the provisioning sheet and makes the kiosk of it.
package appliance

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"fyne.io/fyne/v2"

	"chot/kiosk/appliance/display"
	"chot/kiosk/appliance/pause"
	"chot/kiosk/appliance/service"
	"chot/kiosk/enrol"
	_ "chot/kiosk/internal/drawcache" // before Fyne
)

// Run opens the window of program and lives until it is closed, a signal comes or
// a part fails; then it calls exit, which ends the process, with why. config is
// the path of the kiosk's configuration, version what the program calls itself;
// what happens is logged to errs.
func Run(program fyne.App, config, version string, errs io.Writer, exit func(error)) {
	c, failed := loadConfig(config)
	if failed != nil {
		c = shippedConfig() // for a window to say it in
	}
	logs := service.NewLogTail(errs)
	log := slog.New(slog.NewTextHandler(logs, nil))
	if failed == nil {
		// Held until the process ends. What else fails here fails again below, where
		// there is a window to say it in.
		lock, err := claim(c.State)
		if errors.Is(err, errSecond) {
			logs.Close(time.Second)
			exit(err)
			return
		}
		defer runtime.KeepAlive(lock) // closed with the process
	}
	open, closed := context.WithCancel(context.Background()) // the window

	window := display.NewWindow(program, display.Screen{Width: c.Screen.Width, Height: c.Screen.Height, Fullscreen: c.Screen.Fullscreen})
	window.SetOnClosed(closed)
	program.Lifecycle().SetOnStarted(func() {
		// Fyne ends its window at once on a signal; here those who draw end first.
		signal.Reset(os.Interrupt, syscall.SIGTERM)
		ctx, stop := signal.NotifyContext(open, os.Interrupt, syscall.SIGTERM)
		env := environment{version: version, now: time.Now, rand: rand.Reader, log: log, logs: logs, quit: stop}
		go func() {
			// Fyne's own end loses now and then an event of its own that it then
			// waits for, so that the process ends here, where all is closed.
			screen := display.New(window, c.Screen.Shots, log)
			err := failed
			if err == nil {
				err = live(ctx, c, env, screen)
			}
			if err != nil && ctx.Err() == nil {
				explain(ctx, err, env, screen)
			}
			logs.Close(time.Second)
			exit(err)
		}()
	})
	window.ShowAndRun()
	select {} // the window is closed; exit is about to be called
}

// failureShown is how long it is shown why the kiosk does not run, before it is
// tried again.
const failureShown = 30 * time.Second

// explain shows why the kiosk does not run. The program then ends, and systemd
// starts it again: what was wrong may be over.
func explain(ctx context.Context, err error, env environment, screen *display.Display) {
	env.log.Error("the kiosk does not run", "error", err)
	notifyReady(env.log)
	screen.ShowFailure(err, env.version)
	alive := newWatchdog(env.log)
	for begun := env.now(); env.now().Sub(begun) < failureShown && pause.For(ctx, time.Second); {
		alive()
	}
}

// live opens the kiosk and serves: a new one is set up first, on the same screen.
func live(ctx context.Context, c config, env environment, screen *display.Display) error {
	if err := enoughFiles(); err != nil {
		return err
	}
	k, err := openKiosk(ctx, c, env)
	if errors.Is(err, service.ErrNoData) { // enrolled a moment ago
		soon, stop := context.WithTimeout(ctx, 10*time.Second)
		defer stop()
		if failed := fetch(soon, c, env); failed != nil {
			env.log.Warn("the first data did not come", "error", failed)
		} else {
			k, err = openKiosk(ctx, c, env)
		}
	}
	if errors.Is(err, enrol.ErrNone) || errors.Is(err, service.ErrNoData) {
		k, err = setUp(ctx, c, env, screen)
	}
	if err != nil || k == nil {
		return err
	}
	return k.serve(ctx, screen)
}
