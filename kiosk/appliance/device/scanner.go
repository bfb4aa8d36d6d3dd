package device

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"chot/drivers/scanner"
	"chot/kiosk/appliance/pause"
	"chot/kiosk/checkpoint"
	"chot/kiosk/condition"
)

// ScannerSpec says how a scanner module is connected.
type ScannerSpec struct {
	text string
	open func(now func() time.Time) (scanner.Module, error)
}

// ParseScanner reads how a scanner module is connected:
//
//	serial:/dev/ttyACM0?baud=115200   on a serial port, or on USB as one; 9600 baud unless it says
//	keyboard:/dev/input/by-id/…       that poses as a keyboard
//
// Behind ? also stand prefix=… and suffix=…, what the module is set to send around
// each code, percent-encoded.
func ParseScanner(spec string) (ScannerSpec, error) {
	kind, rest, _ := strings.Cut(spec, ":")
	path, query, _ := strings.Cut(rest, "?")
	if !strings.HasPrefix(path, "/") {
		return ScannerSpec{}, fmt.Errorf("scanner %q: it names no device by its path, such as serial:/dev/ttyACM0", spec)
	}
	set, err := url.ParseQuery(query)
	if err != nil {
		return ScannerSpec{}, fmt.Errorf("scanner %q: reading what stands behind ?: %w", spec, err)
	}
	framing := scanner.Framing{Prefix: set.Get("prefix"), Suffix: set.Get("suffix")}
	known := []string{"prefix", "suffix"}
	s := ScannerSpec{text: spec}
	switch kind {
	case "serial":
		known = append(known, "baud")
		baud := scanner.DefaultBaud
		if text := set.Get("baud"); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1200 || n > 921600 {
				return ScannerSpec{}, fmt.Errorf("scanner %q: baud: %q is not a rate from 1200 to 921600", spec, text)
			}
			baud = n
		}
		s.open = func(now func() time.Time) (scanner.Module, error) {
			return opened(scanner.OpenSerial(path, baud, framing, now))
		}
	case "keyboard":
		s.open = func(now func() time.Time) (scanner.Module, error) {
			return opened(scanner.OpenKeyboard(path, framing, now))
		}
	default:
		return ScannerSpec{}, fmt.Errorf("scanner %q: its kind is not one of serial, keyboard", spec)
	}
	for key, values := range set {
		if !slices.Contains(known, key) || len(values) != 1 {
			return ScannerSpec{}, fmt.Errorf("scanner %q: %s: the keys are %s, once each", spec, key, strings.Join(known, ", "))
		}
	}
	return s, nil
}

// opened keeps a nil pointer from becoming a module.
func opened[M scanner.Module](m M, err error) (scanner.Module, error) {
	if err != nil {
		return nil, err
	}
	return m, nil
}

// Scanner is a scanner module beside the camera, or instead of one.
type Scanner struct {
	host   Host
	spec   ScannerSpec
	waiter *PartWaiter
}

// NewScanner makes a scanner; it is opened, and opened again, while it runs.
func NewScanner(host Host, spec ScannerSpec, waiter *PartWaiter) *Scanner {
	return &Scanner{host: host, spec: spec, waiter: waiter}
}

// Run reads codes until the context ends. A module that is unplugged is opened
// again when it is back.
func (s *Scanner) Run(ctx context.Context) error {
	last := errors.New("not tried yet")
	for {
		err := s.read(ctx, func(name string) {
			last = nil
			s.host.tell(ctx, checkpoint.PartScanner, name)
		})
		if ctx.Err() != nil {
			return nil
		}
		if last == nil || last.Error() != err.Error() {
			s.host.Log.Warn("scanner", "error", err)
			s.host.tell(ctx, checkpoint.PartScanner, s.spec.text, condition.ScannerGone)
		}
		last = err
		if !pause.For(ctx, time.Second) {
			return nil
		}
	}
}

// How many codes a scanner module may send: so many at once, and one more each so
// often. Papers of several codes are read one after the other, a few a second; a
// noisy line sends hundreds.
const (
	scannerBurst = 8
	scannerEach  = 250 * time.Millisecond
)

// pace tells codes that people hold up from noise, by their number.
type pace struct {
	now     func() time.Time
	last    time.Time
	spent   time.Duration // of scannerBurst*scannerEach
	dropped int           // since one was taken
}

// take reports whether one more code comes slowly enough to be one. A clock that is
// set back gives nothing.
func (p *pace) take() bool {
	now := p.now()
	p.spent = max(p.spent-max(now.Sub(p.last), 0), 0)
	p.last = now
	if p.spent+scannerEach > scannerBurst*scannerEach {
		return false
	}
	p.spent += scannerEach
	return true
}

// read opens the module and reads until it fails.
func (s *Scanner) read(ctx context.Context, works func(name string)) error {
	module, err := s.spec.open(s.host.Now)
	if err != nil {
		return err
	}
	works(module.String())
	pace := pace{now: s.host.Now}
	for {
		code, err := module.Next(ctx)
		if err != nil {
			return errors.Join(err, module.Halt())
		}
		s.waiter.Heard(checkpoint.PartScanner)
		if !pace.take() {
			if pace.dropped++; pace.dropped == 1 {
				s.host.Log.Warn("the scanner sends codes faster than people hold them up; they are dropped", "at_most", scannerBurst, "within", scannerBurst*scannerEach)
			}
			continue
		}
		pace.dropped = 0
		s.host.Send(ctx, checkpoint.CodeSeen{Text: code.Text, Symbology: string(code.Symbology)})
	}
}
