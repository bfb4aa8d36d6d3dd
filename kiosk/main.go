// Kiosk is the appliance at a checkpoint.
//
//	kiosk --config /etc/chot/kiosk.toml
//
// It opens the window, which no other package may; everything else is in package
// appliance.
package main

import (
	"flag"
	"fmt"
	"log/slog"
	"os"

	"fyne.io/fyne/v2/app"

	"chot/kiosk/appliance"
)

// version is set when a release is built.
var version = "dev"

func main() {
	config := flag.String("config", "/etc/chot/kiosk.toml", "the kiosk's configuration")
	show := flag.Bool("version", false, "print the version and leave")
	flag.Parse()
	if *show {
		fmt.Println(version)
		return
	}
	appliance.Run(app.NewWithID("vn.chot.kiosk"), *config, version, os.Stderr, exit)
}

// exit ends the program; a kiosk that was asked to end has no error.
func exit(err error) {
	if err != nil {
		slog.New(slog.NewTextHandler(os.Stderr, nil)).Error("the kiosk cannot run", "error", err)
		os.Exit(1)
	}
	os.Exit(0)
}
