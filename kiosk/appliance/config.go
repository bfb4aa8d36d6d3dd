package appliance

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"chot/drivers/printer"
	"chot/drivers/thermometer"
	"chot/kiosk/appliance/device"
	"chot/kiosk/provision"
	"chot/kiosk/published"
	"chot/ui/catalog"
)

// config is kiosk.toml: what differs from one kiosk to the next and is not a
// secret. Everything that the province decides comes with the signed bundle
// instead.
type config struct {
	State    string   // folder for the identity, the journal and the bundle
	Language string   // that the screen starts in, a code of the catalogue's
	Unit     string   // code of the administrative unit where the kiosk stands
	Root     string   // SHA-256 of the bundle's first root metadata, hexadecimal; the sheet says it
	Sheets   string   // PEM file with the keys that provisioning sheets must be signed with; "": the technician compares
	Updates  bool     // whether the machine has two roots and installs releases by itself
	Metered  int64    // bytes a day that may go to the province over a metered link; 0 for any number
	Camera   string   // as camera.Open takes it; "" for none
	Printer  printing // where slips and labels go
	Scanner  string   // a scanner module, serial:/dev/ttyACM0 or keyboard:/dev/input/…; "" for none
	Panel    string   // as panel.Open takes it; "" for none
	Speaker  string   // ALSA device that plays sounds, such as "default"; "" for none
	Sounds   string   // folder of spoken prompts, <language>/<prompt>.wav; "" for tones alone
	Screen   screen

	Thermometer string // as thermometer.Open takes it; "" for none

	// Retention is how long a received record stays on the kiosk; checkpoint.json
	// of the bundle may shorten it, never lengthen it.
	Retention published.Duration
}

// printing is one printer.
type printing struct {
	Port     string            // as printer.Open takes it; "" for none
	Language string            // a name of printer.Languages; "" for what a USB printer says itself
	DPI      int               // 203 or 300
	Media    map[string]string // paper by layout, such as slip = "58"; see drivers/printer/layouts
}

// screen is the panel.
type screen struct {
	Width, Height int // pixels
	Fullscreen    bool
	Rotate        string // "left", "right" or "inverted", which the display's unit carries out; "" for as it comes
	Shots         string // folder that keeps a picture of each screen shown; "" for none
}

// shippedConfig is what holds where kiosk.toml says nothing.
func shippedConfig() config {
	return config{
		State: "/var/lib/chot", Language: catalog.Default,
		Printer:   printing{Language: "tspl", DPI: 203},
		Screen:    screen{Width: 1024, Height: 600},
		Retention: published.Duration{Duration: 21 * 24 * time.Hour},
	}
}

func loadConfig(path string) (config, error) {
	c := shippedConfig()
	meta, err := toml.DecodeFile(path, &c)
	if err != nil {
		return config{}, fmt.Errorf("reading the configuration %s: %w", path, err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return config{}, fmt.Errorf("reading the configuration %s: %s: no such key", path, unknown[0].String())
	}
	if err := c.check(); err != nil {
		return config{}, fmt.Errorf("reading the configuration %s: %w", path, err)
	}
	return c, nil
}

// check names the first key whose value cannot be, and what it may be.
func (c config) check() error {
	oneOf := func(key, value string, allowed []string) error {
		if slices.Contains(allowed, value) {
			return nil
		}
		return fmt.Errorf("%s: %q is not one of %s", key, value, strings.Join(allowed, ", "))
	}
	within := func(key string, value, low, high int) error {
		if value >= low && value <= high {
			return nil
		}
		return fmt.Errorf("%s: %d is not within %d–%d", key, value, low, high)
	}
	if err := cmp.Or(
		oneOf("language", c.Language, catalog.Codes()),
		oneOf("screen.rotate", c.Screen.Rotate, []string{"", "left", "right", "inverted"}),
		within("screen.width", c.Screen.Width, 480, 7680),
		within("screen.height", c.Screen.Height, 480, 7680),
	); err != nil {
		return err
	}
	switch {
	case c.State == "":
		return errors.New("state: it is empty; the kiosk needs a folder to write to")
	case c.Retention.Duration < 0:
		return fmt.Errorf("retention: %s is negative", c.Retention)
	case c.Metered < 0:
		return fmt.Errorf("metered: %d is negative; it is a number of bytes a day, 0 for any number", c.Metered)
	case c.Printer.DPI != 203 && c.Printer.DPI != 300:
		return fmt.Errorf("printer.dpi: %d is not one of 203, 300", c.Printer.DPI)
	}
	if c.Scanner != "" {
		if _, err := device.ParseScanner(c.Scanner); err != nil {
			return err
		}
	}
	if c.Printer.Port != "" {
		if _, err := printer.Open(c.Printer.Port, c.Printer.Language); err != nil {
			return err
		}
	}
	if c.Thermometer != "" {
		if _, err := thermometer.Open(c.Thermometer); err != nil {
			return err
		}
	}
	return nil
}

// at is the configuration of a kiosk that a sheet was made for: where it stands,
// the sheet knows better than the card that it started from.
func (c config) at(s provision.Site) config {
	if s.Unit != "" {
		c.Unit = s.Unit
	}
	if s.Root != "" {
		c.Root = s.Root
	}
	return c
}

// Where things lie below the state folder.
func (c config) identity() string { return provision.Identity(c.State) }
func (c config) journal() string  { return filepath.Join(c.State, "journal.db") }
func (c config) bundle() string   { return filepath.Join(c.State, "bundle") }
func (c config) spool() string    { return filepath.Join(c.State, "spool") }
func (c config) spent() string    { return filepath.Join(c.State, "spent.json") }
