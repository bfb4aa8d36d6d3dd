package scanner

import (
	"context"
	"fmt"
	"io"
	"time"

	"go.bug.st/serial"
)

// Serial is a scanner module on a serial port or on USB as one (CDC-ACM), such
// as the GM65 and its kin: it sends each code's text, ended by CR, LF, another
// control character, or by nothing, in which case a pause ends it. What the
// module puts around a code is taken off, see [Framing]. Modules leave the
// factory at 9600 baud, 8 data bits, no parity, 1 stop bit.
type Serial struct {
	name    string
	port    io.ReadCloser
	framing Framing
	now     func() time.Time
	rest    []byte
	line    []byte
}

const (
	// pause ends a code that has no end mark: a module sends without gaps.
	pause = 80 * time.Millisecond
	// DefaultBaud is the rate at which modules leave the factory.
	DefaultBaud = 9600
)

// OpenSerial opens a module's port, such as /dev/ttyACM0, at a rate in baud. Now
// gives the codes' time.
func OpenSerial(name string, baud int, framing Framing, now func() time.Time) (*Serial, error) {
	port, err := serial.Open(name, &serial.Mode{BaudRate: baud})
	if err != nil {
		return nil, fmt.Errorf("opening the scanner module %s: %w", name, err)
	}
	if err := port.SetReadTimeout(pause); err != nil {
		port.Close()
		return nil, fmt.Errorf("setting up the scanner module %s: %w", name, err)
	}
	return NewSerial(name, port, framing, now), nil
}

// NewSerial reads a module's bytes from a port whose Read returns 0 and no error
// when nothing has come for a moment.
func NewSerial(name string, port io.ReadCloser, framing Framing, now func() time.Time) *Serial {
	return &Serial{name: name, port: port, framing: framing, now: now}
}

func (s *Serial) String() string { return "serial scanner " + s.name }

// Next waits for the next code.
func (s *Serial) Next(ctx context.Context) (Code, error) {
	var buf [256]byte
	for {
		if c, ok := s.take(); ok {
			return c, nil
		}
		if err := ctx.Err(); err != nil {
			return Code{}, fmt.Errorf("waiting for the %s: %w", s, err)
		}
		n, err := s.port.Read(buf[:])
		if err != nil {
			return Code{}, fmt.Errorf("reading the %s: %w", s, err)
		}
		if n == 0 && len(s.line) > 0 {
			if c, ok := s.end(); ok {
				return c, nil
			}
		}
		s.rest = append(s.rest, buf[:n]...)
	}
}

// take moves what has come to the line and returns a code that is complete.
func (s *Serial) take() (Code, bool) {
	for i, b := range s.rest {
		switch {
		case !terminates(b):
			if len(s.line) < longest {
				s.line = append(s.line, b)
			}
		case len(s.line) > 0:
			if c, ok := s.end(); ok {
				s.rest = s.rest[i+1:]
				return c, true
			}
		}
	}
	s.rest = s.rest[:0]
	return Code{}, false
}

// end makes a code of the line, unless nothing but framing is in it.
func (s *Serial) end() (Code, bool) {
	text, raw, kind := s.framing.unframe(s.line)
	s.line = s.line[:0]
	return Code{Text: text, Bytes: raw, Symbology: kind, Time: s.now(), Pass: "serial"}, text != ""
}

// Halt closes the port.
func (s *Serial) Halt() error {
	if err := s.port.Close(); err != nil {
		return fmt.Errorf("closing the %s: %w", s, err)
	}
	return nil
}
