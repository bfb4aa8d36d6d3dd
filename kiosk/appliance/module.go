package appliance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
func newModule(spec string, now func() time.Time) (*module, error) {
	m := &module{spec: spec, now: now}
	kind, rest, _ := strings.Cut(spec, ":")
	path, query, _ := strings.Cut(rest, "?")
	if !strings.HasPrefix(path, "/") {
		return nil, fmt.Errorf("scanner %q: a device such as serial:/dev/ttyACM0 is named with no path", spec)
	}
	switch kind {
	case "serial":
		baud := scanner.DefaultBaud
		if query != "" {
			text, ok := strings.CutPrefix(query, "baud=")
			n, err := strconv.Atoi(text)
			if !ok || err != nil || n < 1200 || n > 921600 {
				return nil, fmt.Errorf("scanner %q: %q is no rate such as baud=115200", spec, query)
			}
			baud = n
		}
		m.open = func() (scanner.Module, error) { return opened(scanner.OpenSerial(path, baud, now)) }
	case "keyboard":
		m.open = func() (scanner.Module, error) { return opened(scanner.OpenKeyboard(path, now)) }
	default:
		return nil, fmt.Errorf("scanner %q: its kind is neither serial nor keyboard", spec)
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
