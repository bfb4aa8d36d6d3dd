// Package virtual is hardware that a Linux kernel pretends to have: a camera
// (v4l2loopback), printers and serial ports behind a USB controller that is a
// loop (dummy_hcd and the gadget functions), GPIO lines (gpio-sim), an infrared
// thermometer on an I²C bus (the bench's own module) and a keyboard (uhid).
//
// Each has two ends: the kernel's ordinary device, which the drivers under test
// open, and this package's, which plays the thing at the other end of the cable.
// All of it needs root in a machine for the purpose, such as the bench's.
package virtual

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Load loads kernel modules, each with its parameters after a space.
func Load(modules ...string) error {
	for _, m := range modules {
		if said, err := exec.Command("modprobe", strings.Fields(m)...).CombinedOutput(); err != nil {
			return fmt.Errorf("loading the module %s: %w: %s", m, err, said)
		}
	}
	return nil
}

// Unload takes a module out.
func Unload(module string) error {
	if said, err := exec.Command("modprobe", "-r", module).CombinedOutput(); err != nil {
		return fmt.Errorf("unloading the module %s: %w: %s", module, err, said)
	}
	return nil
}

// appeared waits until a device is there: the kernel may take a moment.
func appeared(path string) error {
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(path); err == nil {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("%s did not appear", path)
		}
	}
}

// write writes a value to a file of the kernel's.
func write(path, value string) error {
	if err := os.WriteFile(path, []byte(value), 0o644); err != nil {
		return fmt.Errorf("writing %q: %w", value, err)
	}
	return nil
}
