// Demo makes the demo world and runs it: a provincial server, one kiosk that is
// enrolled with it, and a deck of pictures that the kiosk's camera replays.
//
//	demo run --dir run --bin build      everything, until Ctrl-C
//	demo prepare --dir run --bin build --kiosks URL --pin HEX --root HEX
//	                                    all but the processes: accounts, enrolment, trust, deck
//
// The world has health authorities of its own, whose keys exist only while
// prepare runs; everything else is as in the field: the same programs, the same
// enrolment, the same signed way down, the same journal.
package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/alecthomas/kong"
)

type cli struct {
	Run     runCmd     `cmd:"" help:"Start the province and one kiosk on the demo deck."`
	Prepare prepareCmd `cmd:"" help:"Prepare accounts, enrolment, trust data and the deck for a province that runs."`
}

// place is where the demo lives and what it is made of.
type place struct {
	Dir  string `required:"" help:"Folder of the demo; what is there is used again." type:"path"`
	Bin  string `required:"" help:"Folder of the programs." type:"path"`
	Pace pace   `embed:""`
}

type runCmd struct {
	place
	Camera  string `help:"A camera instead of the deck, such as /dev/video0."`
	Display string `help:"X display; without one a virtual display is started." env:"DISPLAY"`
	Port    int    `help:"The province's port for kiosks; the officers' page has the next one. 0 for any two." default:"8443"`
}

type prepareCmd struct {
	place
	Kiosks string `required:"" help:"The province's address for kiosks."`
	Pin    string `required:"" help:"SHA-256 of its authority's key, hexadecimal."`
	Root   string `required:"" help:"SHA-256 of its first root metadata, hexadecimal."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	line := kong.Parse(&cli{}, kong.Name("demo"), kong.BindTo(ctx, (*context.Context)(nil)))
	line.FatalIfErrorf(line.Run())
}

// Run prints where the configurations of the kiosk and its neighbour are.
func (c *prepareCmd) Run(ctx context.Context) error {
	pin, err := hex.DecodeString(c.Pin)
	if err != nil {
		return fmt.Errorf("reading the pin: %w", err)
	}
	s := &site{dir: c.Dir, bin: c.Bin, kiosks: c.Kiosks, pin: pin, root: c.Root}
	if err := s.prepare(ctx, c.Pace); err != nil {
		return err
	}
	for _, state := range []string{s.kioskDir(), s.neighbourDir()} {
		shots := filepath.Join(c.Dir, "screens-"+filepath.Base(state))
		if err := os.MkdirAll(shots, 0o755); err != nil {
			return fmt.Errorf("making the folder for pictures of screens: %w", err)
		}
		path, err := s.configure(state, "", shots)
		if err != nil {
			return err
		}
		fmt.Println(path)
	}
	return nil
}

// Run lives until a signal comes or one of the two programs ends, and ends the
// kiosk before the province, so that its last records are still taken.
func (c *runCmd) Run(ctx context.Context) (err error) {
	s := &site{dir: c.Dir, bin: c.Bin}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return fmt.Errorf("making the demo's folder: %w", err)
	}
	// The children are ended in order, not by the context that Ctrl-C ends.
	alive := context.WithoutCancel(ctx)
	server, err := s.startProvince(alive, c.Port)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.end()) }()
	fmt.Println("preparing the demo world …")
	if err := s.prepare(ctx, c.Pace); err != nil {
		return err
	}
	display, shots := c.Display, ""
	if display == "" {
		screen, number, err := virtualDisplay(alive, 1024, 600)
		if err != nil {
			return err
		}
		defer func() { _ = screen.end() }() // it holds nothing that could be lost
		display, shots = number, filepath.Join(c.Dir, "screens")
		if err := os.RemoveAll(shots); err != nil {
			return fmt.Errorf("clearing the pictures of screens: %w", err)
		}
		if err := os.MkdirAll(shots, 0o755); err != nil {
			return fmt.Errorf("making the folder for pictures of screens: %w", err)
		}
		fmt.Printf("no display: the window is drawn on a virtual one; pictures of its screens go to %s\n", shots)
	}
	config, err := s.configure(s.kioskDir(), c.Camera, shots)
	if err != nil {
		return err
	}
	kiosk, err := s.startKiosk(alive, config, display)
	if err != nil {
		return err
	}
	fmt.Printf("province: %s  (name %s, password %s; the certificate is the demo's own)\n", s.page, officer, officerWord)
	fmt.Println("Ctrl-C ends both.")
	select {
	case <-ctx.Done():
		return kiosk.end()
	case <-kiosk.done:
		return fmt.Errorf("the kiosk ended: %w", errors.Join(kiosk.err, errors.New("see its log above")))
	case <-server.done:
		return errors.Join(fmt.Errorf("the province ended: %v", server.err), kiosk.end())
	}
}
