package virtual

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Lines are the GPIO lines of a chip (Documentation/admin-guide/gpio/gpio-sim.rst
// of Linux).
type Lines struct {
	dir   string
	files string // folder with a folder for each line
	names []string
}

// NewLines makes a chip with lines of these names. A name with an equals sign is
// of a line that a kernel driver holds, which is named behind it.
func NewLines(label string, names ...string) (*Lines, error) {
	if err := Load("gpio-sim"); err != nil {
		return nil, err
	}
	l := &Lines{dir: "/sys/kernel/config/gpio-sim/" + label, names: names}
	bank := l.dir + "/bank0"
	if err := os.MkdirAll(bank, 0o755); err != nil {
		return nil, fmt.Errorf("making a GPIO chip: %w", err)
	}
	if err := errors.Join(write(bank+"/num_lines", fmt.Sprint(len(names))), write(bank+"/label", label)); err != nil {
		return nil, err
	}
	for i, name := range names {
		name, holder, held := strings.Cut(name, "=")
		l.names[i] = name
		dir := fmt.Sprintf("%s/line%d", bank, i)
		if err := os.Mkdir(dir, 0o755); err != nil {
			return nil, fmt.Errorf("making a GPIO line: %w", err)
		}
		if err := write(dir+"/name", name); err != nil {
			return nil, err
		}
		if held {
			if err := os.Mkdir(dir+"/hog", 0o755); err != nil {
				return nil, fmt.Errorf("making a GPIO line that is held: %w", err)
			}
			if err := errors.Join(write(dir+"/hog/name", holder), write(dir+"/hog/direction", "input")); err != nil {
				return nil, err
			}
		}
	}
	if err := write(l.dir+"/live", "1"); err != nil {
		return nil, err
	}
	device, err := os.ReadFile(l.dir + "/dev_name")
	if err != nil {
		return nil, fmt.Errorf("looking for the GPIO chip: %w", err)
	}
	chip, err := os.ReadFile(bank + "/chip_name")
	if err != nil {
		return nil, fmt.Errorf("looking for the GPIO chip: %w", err)
	}
	l.files = filepath.Join("/sys/devices/platform", strings.TrimSpace(string(device)), strings.TrimSpace(string(chip)))
	return l, appeared("/dev/" + strings.TrimSpace(string(chip)))
}

func (l *Lines) file(name, what string) string {
	for i, n := range l.names {
		if n == name {
			return fmt.Sprintf("%s/sim_gpio%d/%s", l.files, i, what)
		}
	}
	return "/no/such/line/" + name
}

// High tells what a line is driven to.
func (l *Lines) High(name string) (bool, error) {
	v, err := os.ReadFile(l.file(name, "value"))
	if err != nil {
		return false, fmt.Errorf("looking at a GPIO line: %w", err)
	}
	return strings.TrimSpace(string(v)) == "1", nil
}

// Pull pulls an input up or down, as an open or a closed contact does.
func (l *Lines) Pull(name string, up bool) error {
	return write(l.file(name, "pull"), map[bool]string{true: "pull-up", false: "pull-down"}[up])
}

// Close takes the chip away.
func (l *Lines) Close() error { return write(l.dir+"/live", "0") }
