package printer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

// Printer is one printer: a language and a connection. It prints one job at a
// time; its methods may be called from several goroutines.
type Printer struct {
	spec   string
	encode func(p *Page, copies int) []byte

	mu sync.Mutex
}

// patience is how long a printer may take to accept a job.
const patience = 15 * time.Second

// languages are the command languages by name.
var languages = map[string]func(p *Page, copies int) []byte{"tspl": tspl}

// Open returns a printer. It does not wait for the device: where it is missing,
// [Printer.Print] says so, and the next call tries again.
//
//	/dev/usb/lp0, /dev/chot/printer   a USB printer
//	tcp:192.0.2.7:9100                a printer on the network
//	file:jobs.tspl                    a file that the jobs are appended to
func Open(spec, language string) (*Printer, error) {
	encode, ok := languages[language]
	if !ok {
		return nil, fmt.Errorf("opening the printer %s: the language %q is unknown", spec, language)
	}
	if !strings.HasPrefix(spec, "/") && !strings.HasPrefix(spec, "tcp:") && !strings.HasPrefix(spec, "file:") {
		return nil, fmt.Errorf("opening the printer %q: neither a device path, nor tcp:HOST:PORT, nor file:PATH", spec)
	}
	return &Printer{spec: spec, encode: encode}, nil
}

// String names the connection.
func (p *Printer) String() string { return p.spec }

// Print prints copies of a page. On an error nothing usable is on paper, as far
// as the connection can tell.
func (p *Printer) Print(ctx context.Context, page *Page, copies int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	port, err := p.connect(ctx)
	if err != nil {
		return fmt.Errorf("printing on %s: %w", p.spec, err)
	}
	// A device that takes nothing more is given up: closing it ends the write.
	ended := context.AfterFunc(ctx, func() { port.Close() })
	_, err = port.Write(p.encode(page, max(copies, 1)))
	if ended() {
		err = errors.Join(err, port.Close())
	} else {
		err = errors.Join(ctx.Err(), err)
	}
	if err != nil {
		return fmt.Errorf("printing on %s: %w", p.spec, err)
	}
	return nil
}

func (p *Printer) connect(ctx context.Context) (io.WriteCloser, error) {
	if host, ok := strings.CutPrefix(p.spec, "tcp:"); ok {
		return (&net.Dialer{}).DialContext(ctx, "tcp", host)
	}
	if path, ok := strings.CutPrefix(p.spec, "file:"); ok {
		return os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	}
	return os.OpenFile(p.spec, os.O_WRONLY, 0)
}
