package printer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Open returns the printer that spec names, which speaks a language, by its name;
// "" takes a USB printer at its own word. It does not connect: a
// printer that is missing is noticed by Print and Status, and one that returns
// is used again.
//
//	/dev/usb/lp*          a USB printer, the first of the pattern; also by another path
//	/dev/ttyUSB0          a serial line (/dev/tty…)
//	tcp:10.0.0.9:9100     a printer in the network
//	file:labels.bin       appends to a file
//
// Options follow a question mark, as in a URL:
//
//	codes=bitmap          or native: drawn by the printer
//	baud=9600             of a serial line
func Open(spec, language string) (*Printer, error) {
	p, err := parseSpec(spec)
	if err != nil {
		return nil, fmt.Errorf("printer %q: %w", spec, err)
	}
	l, known := FindLanguage(language)
	if !known && (language != "" || !p.usb) {
		return nil, fmt.Errorf("printer %q: %w", spec, errUnknownLanguage(language))
	}
	p.language = l.speaks
	return p, nil
}

func parseSpec(spec string) (*Printer, error) {
	head, query, _ := strings.Cut(spec, "?")
	options, err := url.ParseQuery(query)
	if err != nil {
		return nil, fmt.Errorf("reading the options: %w", err)
	}
	p := &Printer{name: head, times: usualTimes}
	baud := 9600
	for key := range options {
		value := options.Get(key)
		var bad error
		switch key {
		case "codes":
			if p.native = value == "native"; !p.native && value != "bitmap" {
				bad = errors.New("not bitmap or native")
			}
		case "baud":
			if baud, bad = strconv.Atoi(value); bad == nil && bauds[baud] == 0 {
				bad = errors.New("not a usual rate")
			}
		default:
			bad = errors.New("no such option")
		}
		if bad != nil {
			return nil, fmt.Errorf("option %s=%s: %w", key, value, bad)
		}
	}
	switch {
	case strings.HasPrefix(head, "tcp:"):
		address := strings.TrimPrefix(strings.TrimPrefix(head, "tcp:"), "//")
		if _, _, err := net.SplitHostPort(address); err != nil {
			address = net.JoinHostPort(address, "9100")
		}
		p.dial = func(ctx context.Context) (conn, error) { return dialTCP(ctx, address) }
	case strings.HasPrefix(head, "file:"):
		p.mute = true
		p.dial = func(context.Context) (conn, error) {
			return openFile(strings.TrimPrefix(head, "file:"), plainFile, 0)
		}
	case strings.HasPrefix(head, "/dev/tty"), strings.HasPrefix(head, "/dev/pts/"), strings.HasPrefix(head, "/dev/serial/"):
		p.dial = func(context.Context) (conn, error) { return openFirst(head, serialLine, baud) }
	case strings.HasPrefix(head, "/"):
		p.usb = true
		p.dial = func(context.Context) (conn, error) { return openFirst(head, usbPrinter, 0) }
	default:
		return nil, errors.New("neither a device path, nor tcp:…, nor file:…")
	}
	return p, nil
}

func dialTCP(ctx context.Context, address string) (conn, error) {
	d := net.Dialer{Timeout: 3 * time.Second}
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("the printer does not answer in the network, check cable and address: %w", err)
	}
	return tcpConn{c}, nil
}

func openFirst(pattern string, kind fileKind, baud int) (conn, error) {
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		paths = []string{pattern}
	}
	var failed error
	for _, path := range paths {
		c, err := openFile(path, kind, baud)
		if err == nil {
			return c, nil
		}
		failed = errors.Join(failed, err)
	}
	return nil, failed
}
