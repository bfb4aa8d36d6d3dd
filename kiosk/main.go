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
//	eye ─┐                     ┌─ scribe (journal)
//	tap ─┼─ events → loop → hands ─ press (printer)
//	…   ─┘            │        └─ gate, office (province)
//	                  └─ draw → ui
package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
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
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if err := run(*path, log); err != nil {
		log.Error("the kiosk cannot run", "error", err)
		os.Exit(1)
	}
}

// run opens the window and lives until it is closed, a signal comes or a room
// fails.
func run(path string, log *slog.Logger) error {
	c, err := loadConfig(path)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	a, err := open(ctx, c, world{now: time.Now, rand: rand.Reader, log: log, quit: stop})
	if err != nil {
		return err
	}
	program := app.NewWithID("vn.chot.kiosk")
	window := newWindow(program, c.Screen)
	ended := make(chan error, 1)
	program.Lifecycle().SetOnStarted(func() {
		go func() {
			ended <- a.run(ctx, window)
			fyne.Do(program.Quit)
		}()
	})
	window.SetOnClosed(stop)
	window.ShowAndRun()
	stop()
	return <-ended
}
