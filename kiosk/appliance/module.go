package appliance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"chot/drivers/scanner"
	"chot/kiosk/checkpoint"
)

// module is a scanner module beside the camera, or instead of one.
type module struct {
	spec string
	open func() (scanner.Module, error)
	send func(context.Context, checkpoint.Event)
	ring func(checkpoint.Part)
	now  func() time.Time
	log  *slog.Logger
}

// newModule reads how a module is connected:
//
//	serial:/dev/ttyACM0?baud=115200   on a serial port, or on USB as one; 9600 baud unless it says
//	keyboard:/dev/input/by-id/…       that poses as a keyboard
//
// Behind ? also stand prefix=… and suffix=…, what the module is set to send around
// each code, percent-encoded.
func newModule(spec string, now func() time.Time) (*module, error) {
	m := &module{spec: spec, now: now}
	kind, rest, _ := strings.Cut(spec, ":")
	path, query, _ := strings.Cut(rest, "?")
	if !strings.HasPrefix(path, "/") {
		return nil, fmt.Errorf("scanner %q: a device such as serial:/dev/ttyACM0 is named with no path", spec)
	}
	set, err := url.ParseQuery(query)
	if err != nil {
		return nil, fmt.Errorf("scanner %q: reading what stands behind ?: %w", spec, err)
	}
	framing := scanner.Framing{Prefix: set.Get("prefix"), Suffix: set.Get("suffix")}
	known := []string{"prefix", "suffix"}
	switch kind {
	case "serial":
		known = append(known, "baud")
		baud := scanner.DefaultBaud
		if text := set.Get("baud"); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1200 || n > 921600 {
				return nil, fmt.Errorf("scanner %q: baud: %q is not a rate from 1200 to 921600", spec, text)
			}
			baud = n
		}
		m.open = func() (scanner.Module, error) { return opened(scanner.OpenSerial(path, baud, framing, now)) }
	case "keyboard":
		m.open = func() (scanner.Module, error) { return opened(scanner.OpenKeyboard(path, framing, now)) }
	default:
		return nil, fmt.Errorf("scanner %q: its kind is neither serial nor keyboard", spec)
	}
	for key, values := range set {
		if !slices.Contains(known, key) || len(values) != 1 {
			return nil, fmt.Errorf("scanner %q: %s: the keys are %s, once each", spec, key, strings.Join(known, ", "))
		}
	}
	return m, nil
}

// opened keeps a nil pointer from becoming a module.
func opened[M scanner.Module](m M, err error) (scanner.Module, error) {
	if err != nil {
		return nil, err
	}
	return m, nil
}

// run reads codes until the context ends. A module that is unplugged is opened
// again when it is back.
func (m *module) run(ctx context.Context) error {
	last := errors.New("not tried yet")
	for {
		err := m.read(ctx, func(name string) {
			last = nil
			m.send(ctx, checkpoint.DeviceChanged{Part: checkpoint.PartScanner, Value: name})
		})
		if ctx.Err() != nil {
			return nil
		}
		if last == nil || last.Error() != err.Error() {
			m.log.Warn("scanner", "error", err)
			m.send(ctx, checkpoint.DeviceChanged{Part: checkpoint.PartScanner, Value: m.spec,
				Conditions: []checkpoint.Condition{{Code: "scanner-gone", Severity: checkpoint.Warning, Since: m.now()}}})
		}
		last = err
		if !wait(ctx, time.Second) {
			return nil
		}
	}
}

// read opens the module and reads until it fails.
func (m *module) read(ctx context.Context, works func(name string)) error {
	device, err := m.open()
	if err != nil {
		return err
	}
	works(device.String())
	for {
		code, err := device.Next(ctx)
		if err != nil {
			return errors.Join(err, device.Halt())
		}
		m.ring(checkpoint.PartScanner)
		m.send(ctx, checkpoint.CodeSeen{Text: code.Text, Symbology: string(code.Symbology)})
	}
}
